#include "region.h"

#include "set_once.h"
#include "unbiased_time.h"

enum { CREATION_MS = 100 }; /* what a process takes at most from creating to stating the capacity */

static size_t slot_size_for(size_t capacity)
{
    return (capacity + LAYOUT_PAGE - 1) / LAYOUT_PAGE * LAYOUT_PAGE;
}

DWORD region_open_section(struct section *section, const WCHAR *name, size_t capacity,
                          bool read_only, SECURITY_ATTRIBUTES *security)
{
    /* Neither C nor the system has larger objects than half the address space. */
    bool too_large = capacity > (PTRDIFF_MAX - LAYOUT_PAGE) / LAYOUT_MAX_SLOTS - LAYOUT_PAGE;
    if (!read_only && capacity != 0 && !too_large) {
        size_t size = LAYOUT_MAX_SLOTS * slot_size_for(capacity) + LAYOUT_PAGE;
        return section_create(section, name, size, security);
    }
    DWORD error = section_open(section, name, read_only);
    return error == ERROR_FILE_NOT_FOUND && !read_only && too_large ? ERROR_NOT_ENOUGH_MEMORY
                                                                    : error;
}

/* What the section states: its creator is about to state it, or was killed before. Then 0. */
static uint64_t stated_capacity(const struct layout_control *control)
{
    uint64_t deadline = unbiased_time() + CREATION_MS;
    uint64_t capacity;
    while ((capacity = atomic_load_acquire(&control->capacity)) == 0 &&
           unbiased_time() < deadline) {
        Sleep(1);
    }
    return capacity;
}

/*
 * Finds the region's capacity, which has to be `wanted` bytes at least. The creator of the region
 * knows it, unless it took so long that another process has stated all that a slot holds. Other
 * processes go by what the section states, as long as that is credible.
 */
static DWORD find_capacity(struct values *values, const struct section *section, size_t slot_size,
                           size_t wanted)
{
    uint64_t *field = &values->latch.control->capacity;
    size_t least = slot_size - LAYOUT_PAGE + 1;
    if (section->created) {
        bool was_late = set_once(field, wanted, false) == slot_size;
        values->capacity = was_late ? slot_size : wanted;
        values->min_capacity = values->max_capacity = values->capacity;
        return ERROR_SUCCESS;
    }
    uint64_t stated = stated_capacity(values->latch.control);
    if (stated == 0) {
        stated = set_once(field, slot_size, section->read_only);
        stated = stated == 0 ? slot_size : stated;
    }
    if (stated < least || stated > slot_size) {
        return ERROR_INVALID_DATA;
    }
    if (stated < wanted) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    values->capacity = (size_t)stated;
    values->min_capacity = wanted > least ? wanted : least;
    values->max_capacity = slot_size;
    return ERROR_SUCCESS;
}

void region_attach_lock(struct region *region, struct layout_control *control, const WCHAR *name)
{
    region->lock.shared = &control->lock;
    region->lock.contenders = (struct eventcount){.table = &control->contenders,
                                                  .section = region->section.mapping,
                                                  .name = name,
                                                  .suffix = L".writer."};
    region->waiters = (struct eventcount){.name = name, .suffix = L".waiter."};
}

/* Attaches to the region's section, which is open. */
static DWORD attach(struct region *region, size_t capacity)
{
    const struct section *section = &region->section;
    size_t slot_size = section->size / LAYOUT_MAX_SLOTS / LAYOUT_PAGE * LAYOUT_PAGE;
    if (slot_size == 0 || section->size != LAYOUT_MAX_SLOTS * slot_size + LAYOUT_PAGE) {
        return ERROR_INVALID_DATA;
    }
    unsigned char *slot = section->view;
    struct layout_control *control = (void *)(slot + LAYOUT_MAX_SLOTS * slot_size);
    if (!has_magic(control, LAYOUT_MAX_SLOTS, section->read_only)) {
        return ERROR_INVALID_DATA;
    }
    struct seqlatch *latch = &region->values.latch;
    latch->control = control;
    latch->slots = LAYOUT_MAX_SLOTS;
    for (unsigned i = 0; i < LAYOUT_MAX_SLOTS; i++) {
        latch->slot[i] = slot + i * slot_size;
    }
    region->values.is_text = false;
    region->is_unsynchronised = false;
    region->locked_in = 0;
    region_attach_lock(region, control, region->name);
    return find_capacity(&region->values, section, slot_size, capacity);
}

DWORD region_attach(struct region *region, const struct section *section, const WCHAR *name,
                    size_t capacity)
{
    region->section = *section;
    lstrcpynW(region->name, name, REGION_NAME_CCH);
    DWORD error = attach(region, capacity);
    if (error != ERROR_SUCCESS) {
        section_close(&region->section);
    } else {
        region_attach_waiters(region); /* readers cannot create what it takes */
    }
    return error;
}

void region_close(struct region *region)
{
    eventcount_close(&region->lock.contenders);
    eventcount_close(&region->waiters);
    notify_section_detach(&region->waiters);
    section_close(&region->section);
}
