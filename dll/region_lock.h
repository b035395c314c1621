/* How a writer of a region begins. */
#ifndef SHAREDMEM_REGION_LOCK_H
#define SHAREDMEM_REGION_LOCK_H

#include "owner_token.h"
#include "region.h"

DWORD region_lock_again(struct region *region, const void *frame, uint64_t self);

/*
 * Acquires the lock for a call with something in its stack frame. ERROR_TIMEOUT: it was not to be
 * had. ERROR_POSSIBLE_DEADLOCK: this thread has it, in a call that goes on, or by a reservation.
 */
static inline DWORD region_lock(struct region *region, const void *frame)
{
    uint64_t self = owner_token_self();
    return robust_lock_try_once(&region->lock, self) ? ERROR_SUCCESS
                                                     : region_lock_again(region, frame, self);
}

/* Lets the reservations of this region count for region_lock, whatever the handle. */
void region_lock_list(struct region *region);

static inline void region_lock_restore(uint64_t *field, const struct stated *stated)
{
    if (!stated_is_credible(stated, atomic_load_relaxed(field))) {
        atomic_store_relaxed(field, stated->found);
    }
}

/* Restores what newcomers know the region by, which only a hostile process can have changed. */
static inline void region_restore_identification(const struct values *values)
{
    struct layout_control *control = values->latch.control;
    uint64_t magic = LAYOUT_MAGIC(values->latch.slots);
    if (atomic_load_relaxed(&control->magic) != magic) {
        atomic_store_relaxed(&control->magic, magic);
    }
    region_lock_restore(&control->capacity, &values->capacity);
    region_lock_restore(&control->depth, &values->depth);
}

#endif
