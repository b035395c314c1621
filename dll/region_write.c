#include "region.h"

#include "owner_token.h"

#define TERMINATED SIZE_MAX /* a text that ends where its terminator is */

/* What is done with the lock taken, and what came of it. */
struct replacement {
    const struct values *values;
    const void *data;
    size_t size;    /* of a text: without a terminator, or TERMINATED */
    bool was_whole; /* a terminated text */
    const uint64_t *expected;
    uint64_t sequence;
    DWORD error;
};

static inline void restore(uint64_t *field, const struct stated *stated)
{
    if (!stated_is_credible(stated, atomic_load_relaxed(field))) {
        atomic_store_relaxed(field, stated->found);
    }
}

/* Restores what newcomers know the region by, which only a hostile process can have changed. */
static inline void restore_identification(const struct values *values)
{
    struct layout_control *control = values->latch.control;
    uint64_t magic = LAYOUT_MAGIC(values->latch.slots);
    if (atomic_load_relaxed(&control->magic) != magic) {
        atomic_store_relaxed(&control->magic, magic);
    }
    restore(&control->capacity, &values->capacity);
    restore(&control->depth, &values->depth);
}

static void replace_locked(void *argument)
{
    struct replacement *self = argument;
    const struct seqlatch *latch = &self->values->latch;

    restore_identification(self->values);
    values_roll_forward(self->values);
    self->sequence = seqlatch_read_begin(latch);
    if (self->expected != NULL && *self->expected != self->sequence) {
        self->error = ERROR_REVISION_MISMATCH;
        return;
    }
    if (self->size == TERMINATED) {
        self->was_whole = values_write_text(self->values, self->data);
    } else {
        values_write(self->values, self->data, self->size);
    }
    self->sequence = seqlatch_read_begin(latch);
    self->error = ERROR_SUCCESS;
}

/*
 * Whether an exception handler makes this call in the middle of another one of its thread, which
 * has the lock: the other one's frame lies above this one. (A call that was left by a jump left a
 * frame that is gone, and this one may take its place.)
 */
static bool is_nested(const struct region *region)
{
    char here;
    uint64_t locked_in = atomic_load_relaxed(&region->locked_in);
    return locked_in != 0 && (uintptr_t)&here < locked_in &&
           robust_lock_owner(&region->lock) == owner_token_self();
}

static DWORD replace(struct region *region, struct replacement *self)
{
    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    if (is_nested(region)) {
        return ERROR_POSSIBLE_DEADLOCK;
    }
    do { /* until the caller's memory does not fault */
        if (!robust_lock_acquire(&region->lock)) {
            return ERROR_TIMEOUT;
        }
    } while (!region_call_locked(region, replace_locked, self));
    if (self->error == ERROR_SUCCESS) {
        region_attach_waiters(region);
        eventcount_notify(&region->waiters); /* after the full barrier of the release */
    }
    return self->error;
}

DWORD region_write_text(struct region *region, const WCHAR *text)
{
    struct replacement self = {.values = &region->values, .data = text, .size = TERMINATED};
    DWORD error = replace(region, &self);
    return error == ERROR_SUCCESS && !self.was_whole ? ERROR_INSUFFICIENT_BUFFER : error;
}

DWORD region_write(struct region *region, const void *data, size_t size, const uint64_t *expected,
                   uint64_t *version)
{
    if (expected != NULL && region->is_unsynchronised) {
        return ERROR_NOT_SUPPORTED;
    }
    if (data == NULL) {
        data = ""; /* C wants an address even to copy nothing */
    }
    switch (values_fit(&region->values, data, &size)) {
    case VALUE_HALF_CHARACTER:
        return ERROR_INVALID_PARAMETER;
    case VALUE_TOO_LARGE:
        return ERROR_INSUFFICIENT_BUFFER;
    case VALUE_FITS:
        break;
    }
    struct replacement self = {
        .values = &region->values, .data = data, .size = size, .expected = expected};
    DWORD error = replace(region, &self);
    if (error == ERROR_SUCCESS || error == ERROR_REVISION_MISMATCH) {
        *version = region_version(region, self.sequence);
    }
    return error;
}
