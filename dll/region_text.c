#include "region.h"

#include "compiler.h"
#include "set_once.h"

_Static_assert(SHARED_MEM_TEXT_CCH == LAYOUT_TEXT_CCH, "the header promises what the layout holds");

/* The region with synchronisation, and, of the same section, the one without. */
static struct region synchronised, unsynchronised;
static uint64_t is_foreign; /* whether the second one is to be used */

static void attach(struct region *region, const struct section *section, void *slot1)
{
    struct layout_control *control = (void *)((unsigned char *)slot1 + LAYOUT_TEXT_SLOT_SIZE);
    region->section = *section;
    region->values = (struct values){
        .latch = {.control = control, .slots = LAYOUT_TEXT_SLOTS, .slot = {section->view, slot1}},
        .is_text = true,
        .capacity = LAYOUT_TEXT_SLOT_SIZE,
        .min_capacity = LAYOUT_TEXT_SLOT_SIZE,
        .max_capacity = LAYOUT_TEXT_SLOT_SIZE,
    };
    region->eventcount = (struct eventcount){
        .control = control,
        .section = section->mapping,
        .name = SHARED_MEM_TEXT_NAME,
    };
}

/* Attaches to a section of another layout: what it lacks is private memory. */
static DWORD attach_foreign(const struct section *section)
{
    void *pages = VirtualAlloc(NULL, LAYOUT_TEXT_SLOT_SIZE + sizeof(struct layout_control),
                               MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (pages == NULL) {
        return GetLastError();
    }
    attach(&unsynchronised, section, pages);
    unsynchronised.private_pages = pages;
    atomic_store_relaxed(&is_foreign, true);
    return ERROR_SUCCESS;
}

static bool is_ours(const struct section *section)
{
    return section->size == LAYOUT_TEXT_SIZE &&
           has_magic(synchronised.values.latch.control, LAYOUT_TEXT_SLOTS, section->read_only);
}

DWORD region_open_text(void)
{
    struct section section;
    DWORD error = section_create(&section, SHARED_MEM_TEXT_NAME, LAYOUT_TEXT_SIZE, NULL);
    if (error == ERROR_ACCESS_DENIED) {
        error = section_open_instead(&section, SHARED_MEM_TEXT_NAME, true);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    attach(&synchronised, &section, (unsigned char *)section.view + LAYOUT_TEXT_SLOT_SIZE);
    if (is_ours(&section)) {
        set_once(&synchronised.values.latch.control->capacity, LAYOUT_TEXT_SLOT_SIZE,
                 section.read_only);
        return ERROR_SUCCESS;
    }
    error = attach_foreign(&section);
    if (error != ERROR_SUCCESS) {
        section_close(&synchronised.section);
    }
    return error;
}

void region_close_text(void)
{
    if (synchronised.section.view == NULL) {
        return;
    }
    region_close(&synchronised);
    if (unsynchronised.private_pages != NULL) {
        VirtualFree(unsynchronised.private_pages, 0, MEM_RELEASE);
    }
}

/* A hostile process may have overwritten the magic just when this one attached. */
static NOT_INLINE struct region *look_again(void)
{
    if (!is_ours(&unsynchronised.section)) {
        return &unsynchronised;
    }
    atomic_store_relaxed(&is_foreign, false);
    return &synchronised;
}

struct region *region_text(void)
{
    return atomic_load_relaxed(&is_foreign) ? look_again() : &synchronised;
}
