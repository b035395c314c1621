#include "region.h"

#include "region_lock.h"

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

static void replace_locked(void *argument)
{
    struct replacement *self = argument;
    const struct seqlatch *latch = &self->values->latch;

    region_restore_identification(self->values);
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

static DWORD replace(struct region *region, struct replacement *self)
{
    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    do { /* until the caller's memory does not fault */
        DWORD error = region_lock(region, self);
        if (error != ERROR_SUCCESS) {
            return error;
        }
    } while (!region_call_locked(region, replace_locked, self));
    if (self->error == ERROR_SUCCESS) {
        region_notify(region);
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
