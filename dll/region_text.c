#include "region.h"

#include "compiler.h"
#include "pointer_once.h"
#include "set_once.h"

_Static_assert(SHARED_MEM_TEXT_CCH == LAYOUT_TEXT_CCH, "the header promises what the layout holds");

struct text {
    unsigned char slot1[LAYOUT_TEXT_SLOT_SIZE]; /* this and the next are what a foreign section */
    struct layout_control control;              /* lacks */
    struct region region;
};

/* Each attached once, and then for good, to the same section. */
static void *synchronised, *unsynchronised; /* struct text */

/* For reading and writing, if that is granted. */
static DWORD open_section(struct section *section)
{
    DWORD error = section_create(section, SHARED_MEM_TEXT_NAME, LAYOUT_TEXT_SIZE, NULL, NULL);
    if (error == ERROR_ACCESS_DENIED) {
        error = section_open(section, SHARED_MEM_TEXT_NAME, true, NULL);
        error = error == ERROR_FILE_NOT_FOUND ? ERROR_ACCESS_DENIED : error;
    }
    return error;
}

/* Where the control page is if the section is ours. */
static struct layout_control *control_of(const struct section *section)
{
    unsigned char *slots = section->view;
    return (void *)(slots + LAYOUT_TEXT_SLOTS * LAYOUT_TEXT_SLOT_SIZE);
}

static bool is_ours(const struct section *section)
{
    return section->size == LAYOUT_TEXT_SIZE &&
           has_magic(control_of(section), LAYOUT_TEXT_SLOTS, section->read_only);
}

static void attach(struct text *text, const struct section *section)
{
    struct region *region = &text->region;
    unsigned char *slot0 = section->view;
    region->section = *section;
    region->is_unsynchronised = !is_ours(section);
    unsigned char *slot1 = region->is_unsynchronised ? text->slot1 : slot0 + LAYOUT_TEXT_SLOT_SIZE;
    struct layout_control *control =
        region->is_unsynchronised ? &text->control : control_of(section);
    region->values = (struct values){
        .latch = {.control = control,
                  .slots = LAYOUT_TEXT_SLOTS,
                  .slot0 = slot0,
                  .stride = slot1 - slot0},
        .is_text = true,
        .capacity = {LAYOUT_TEXT_SLOT_SIZE, LAYOUT_TEXT_SLOT_SIZE, LAYOUT_TEXT_SLOT_SIZE},
        .depth = {1, 1, 1},
    };
    region_attach_lock(region, control, region->is_unsynchronised ? NULL : SHARED_MEM_TEXT_NAME);
    set_once(&control->capacity, LAYOUT_TEXT_SLOT_SIZE,
             section->read_only && !region->is_unsynchronised);
}

static void close_and_free(struct text *text)
{
    if (text != NULL) {
        region_close(&text->region);
        VirtualFree(text, 0, MEM_RELEASE);
    }
}

/* Opens the text and keeps it, unless another thread was faster. */
static DWORD open_text(void)
{
    struct section section;
    DWORD error = open_section(&section);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    struct text *text = VirtualAlloc(NULL, sizeof *text, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (text == NULL) {
        error = GetLastError();
        section_close(&section);
        return error;
    }
    attach(text, &section);
    void **at = text->region.is_unsynchronised ? &unsynchronised : &synchronised;
    if (pointer_set_once(at, text) != text) {
        close_and_free(text);
    }
    return ERROR_SUCCESS;
}

/*
 * There is no region yet, because the name was another program's; or it is not synchronised,
 * because another program made the section, or had overwritten the magic when this process came.
 */
static NOT_INLINE struct region *look_again(void)
{
    struct text *foreign = pointer_load(&unsynchronised);
    if (foreign == NULL || is_ours(&foreign->region.section)) {
        DWORD last_error = GetLastError();
        DWORD error = open_text();
        SetLastError(error != ERROR_SUCCESS ? error : last_error);
    }
    struct text *text = pointer_load(&synchronised);
    if (text == NULL) {
        text = pointer_load(&unsynchronised);
    }
    return text != NULL ? &text->region : NULL;
}

struct region *region_text(void)
{
    struct text *text = pointer_load(&synchronised);
    return text != NULL ? &text->region : look_again();
}

void region_text_close(void)
{
    close_and_free(pointer_load(&synchronised));
    close_and_free(pointer_load(&unsynchronised));
}
