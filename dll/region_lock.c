#include "region_lock.h"

#include "compiler.h"
#include "pointer_once.h"

/*
 * Every region of this process that was ever reserved. None is taken out: a region's memory stays,
 * and serves for another one after it is closed.
 */
static void *listed; /* struct region */

void region_lock_list(struct region *region)
{
    if (region->is_listed != 0 || !atomic_compare_exchange_acquire(&region->is_listed, 0, 1)) {
        return;
    }
    void *next;
    do {
        next = pointer_load(&listed);
        region->next_listed = next;
    } while (InterlockedCompareExchangePointer(&listed, region, next) != next);
}

/*
 * Whether that thread has reserved something, by any handle. It has this region's lock: by that
 * reservation, through another handle. (Or because a jump left a call, which callers must not do.)
 */
static bool has_reservation(uint64_t self)
{
    const struct region *region = pointer_load(&listed);
    while (region != NULL && atomic_load_relaxed(&region->reservation.owner) != self) {
        region = region->next_listed;
    }
    return region != NULL;
}

/*
 * Whether an exception handler makes this call in the middle of another one of its thread, which
 * has the lock: the other one's frame lies above this one. (A call that was left by a jump left a
 * frame that is gone, and this one may take its place.)
 */
static bool is_nested(const struct region *region, const void *frame)
{
    return (uintptr_t)frame < atomic_load_relaxed(&region->locked_in);
}

NOT_INLINE DWORD region_lock_again(struct region *region, const void *frame, uint64_t self)
{
    if (robust_lock_owner(&region->lock) == self &&
        (is_nested(region, frame) || has_reservation(self))) {
        return ERROR_POSSIBLE_DEADLOCK;
    }
    return robust_lock_contend(&region->lock, self) ? ERROR_SUCCESS : ERROR_TIMEOUT;
}
