#include "region.h"

#include "geometry.h"
#include "set_once.h"
#include "unbiased_time.h"

enum { CREATION_MS = 100 }; /* what a process takes at most from creating to stating the capacity */

DWORD region_open_section(struct section *section, const WCHAR *name,
                          const SHARED_MEM_OPTIONS *options)
{
    bool read_only = (options->flags & SHARED_MEM_READ_ONLY) != 0;
    bool creates = !read_only && options->capacity != 0;
    size_t size = geometry_size(options->capacity, geometry_slots(options->depth));
    bool create_new = (options->flags & SHARED_MEM_CREATE_NEW) != 0;
    if (creates && size != 0) {
        return (create_new ? section_create_new : section_create)(
            section, name, size, options->security, options->address);
    }
    DWORD error = section_open(section, name, read_only, options->address);
    if (error == ERROR_SUCCESS && create_new) {
        section_close(section);
        return ERROR_ALREADY_EXISTS;
    }
    return error == ERROR_FILE_NOT_FOUND && creates ? ERROR_NOT_ENOUGH_MEMORY : error;
}

/*
 * Waits until the section states capacity and depth: its creator is about to state them, or was
 * killed before.
 */
static void wait_for_creator(const struct layout_control *control)
{
    uint64_t deadline = unbiased_time() + CREATION_MS;
    while ((atomic_load_acquire(&control->capacity) == 0 ||
            atomic_load_acquire(&control->depth) == 0) &&
           unbiased_time() < deadline) {
        Sleep(1);
    }
}

/*
 * Finds a number of the region's, which has to be at least the wanted one, and can be those from
 * min to max. The creator of the region knows it, unless it took so long that another process has
 * stated the greatest one. Other processes go by what the section states, as long as that is
 * credible.
 */
static DWORD find_stated(struct stated *stated, uint64_t *field, const struct section *section,
                         uint64_t wanted)
{
    if (section->created) {
        bool was_late = set_once(field, wanted, false) == stated->max;
        stated->found = was_late ? stated->max : (size_t)wanted;
        stated->min = stated->max = stated->found;
        return ERROR_SUCCESS;
    }
    uint64_t number = set_once(field, stated->max, section->read_only);
    number = number == 0 ? stated->max : number;
    if (!stated_is_credible(stated, number)) {
        return ERROR_INVALID_DATA;
    }
    if (number < wanted) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    stated->found = (size_t)number;
    stated->min = wanted > stated->min ? (size_t)wanted : stated->min;
    return ERROR_SUCCESS;
}

void region_attach_lock(struct region *region, struct layout_control *control, const WCHAR *name)
{
    region->lock.shared = &control->lock;
    region->lock.contenders = (struct eventcount){.table = &control->contenders,
                                                  .section = section_secured(&region->section),
                                                  .name = name,
                                                  .suffix = L".writer."};
    region->waiters = (struct eventcount){.name = name, .suffix = L".waiter."};
}

void region_begin(struct region *region)
{
    region->is_unsynchronised = false;
    region->locked_in = 0;
    region->reservation.owner = 0;
    region_attach_lock(region, region->values.latch.control, region->name);
}

/* Attaches to the region's section, which is open. */
static DWORD attach(struct region *region, const SHARED_MEM_OPTIONS *options)
{
    const struct section *section = &region->section;
    struct values *values = &region->values;
    struct geometry geometry;
    if (!geometry_find(&geometry, section->size)) {
        return ERROR_INVALID_DATA;
    }
    values_attach(values, section->view, &geometry);
    region_begin(region);
    struct layout_control *control = values->latch.control;
    if (!has_magic(control, geometry.slots, section->read_only)) {
        return ERROR_INVALID_DATA;
    }
    if (!section->created) {
        wait_for_creator(control);
    }
    DWORD error = find_stated(&values->depth, &control->depth, section, options->depth);
    return error != ERROR_SUCCESS
               ? error
               : find_stated(&values->capacity, &control->capacity, section, options->capacity);
}

DWORD region_attach(struct region *region, const struct section *section, const WCHAR *name,
                    const SHARED_MEM_OPTIONS *options)
{
    region->section = *section;
    lstrcpynW(region->name, name, REGION_NAME_CCH);
    DWORD error = attach(region, options);
    if (error != ERROR_SUCCESS) {
        section_close(&region->section);
    } else {
        region_attach_waiters(region); /* readers cannot create what it takes */
    }
    return error;
}

static void end_reservation(void *argument)
{
    struct region *region = argument;
    uint64_t reserved_by = region->reservation.owner;
    if (reserved_by != 0) {
        atomic_store_relaxed(&region->reservation.owner, 0);
        robust_lock_release_for(&region->lock, reserved_by);
    }
}

void region_close(struct region *region)
{
    EXCEPTION_RECORD fault;
    region_close_events(region);
    guarded_call(end_reservation, region, &fault); /* a file that faults has no lock any more */
    eventcount_close(&region->lock.contenders);
    eventcount_close(&region->waiters);
    notify_section_detach(&region->waiters);
    if (region_is_file(region)) {
        region_close_file(region);
    } else {
        section_close(&region->section);
    }
}
