#include "region.h"

#include "owner_token.h"
#include "region_lock.h"

struct reserving {
    struct region *region;
    const uint64_t *expected;
    void **data;
    SIZE_T *room;
    DWORD error;
};

/* Whether it succeeds or not, the caller's memory may fault. */
static void reserve_locked(void *argument)
{
    struct reserving *self = argument;
    struct region *region = self->region;
    const struct values *values = &region->values;

    region_restore_identification(values);
    uint64_t sequence = seqlatch_read_begin(&values->latch);
    if (self->expected != NULL && *self->expected != sequence) {
        self->error = ERROR_REVISION_MISMATCH;
        return;
    }
    size_t room = values_capacity(values);
    *self->data = seqlatch_slot(&values->latch, sequence + 1);
    *self->room = room;
    region->reservation.sequence = sequence + 1;
    region->reservation.room = room;
    atomic_store_relaxed(&region->reservation.owner, owner_token_self());
    self->error = ERROR_SUCCESS;
}

DWORD region_reserve(struct region *region, const uint64_t *expected, void **data, SIZE_T *room)
{
    if (region->values.is_text) {
        return ERROR_NOT_SUPPORTED;
    }
    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    struct reserving self = {region, expected, data, room, ERROR_SUCCESS};
    region_lock_list(region);
    bool returned;
    do { /* until the caller's memory does not fault */
        DWORD error = region_lock(region, &self);
        if (error != ERROR_SUCCESS) {
            return error;
        }
        EXCEPTION_RECORD exception;
        returned = region_call_guarded(region, reserve_locked, &self, &exception);
        if (!returned || self.error != ERROR_SUCCESS) {
            robust_lock_release(&region->lock);
        }
        if (!returned) {
            guarded_call_raise(&exception);
        }
    } while (!returned);
    return self.error;
}

/*
 * Why this thread cannot publish, or discard. A program that has overwritten the lock may have let
 * another writer into the slot: what was reserved is lost.
 */
static DWORD why_not_reserved(struct region *region)
{
    uint64_t self = owner_token_self();
    uint64_t owner = atomic_load_relaxed(&region->reservation.owner);
    if (region->values.is_text) {
        return ERROR_NOT_SUPPORTED;
    }
    if (owner != 0 && owner != self) {
        return ERROR_NOT_OWNER;
    }
    if (owner == self && robust_lock_owner(&region->lock) != self) {
        atomic_store_relaxed(&region->reservation.owner, 0);
        owner = 0;
    }
    return owner == 0 ? ERROR_NOT_LOCKED : ERROR_SUCCESS;
}

static void end_reservation(struct region *region)
{
    atomic_store_relaxed(&region->reservation.owner, 0);
    robust_lock_release(&region->lock);
}

DWORD region_publish(struct region *region, size_t size, uint64_t *version)
{
    DWORD error = why_not_reserved(region);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (size > region->reservation.room) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    uint64_t sequence = region->reservation.sequence;
    atomic_fence_full(); /* the caller may have filled the slot by non-temporal stores */
    values_publish(&region->values, sequence, size);
    end_reservation(region);
    region_notify(region);
    *version = sequence;
    return ERROR_SUCCESS;
}

DWORD region_discard(struct region *region)
{
    DWORD error = why_not_reserved(region);
    if (error == ERROR_SUCCESS) {
        end_reservation(region);
    }
    return error;
}
