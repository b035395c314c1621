#include "region_reading.h"

#include <stddef.h>

/* An attempt at the oldest value that the caller has not read. */
struct next_reading {
    struct reading reading; /* first: attempts get its address */
    uint64_t last;          /* version that the caller has read */
    bool found;
    struct values_next next;
};

static bool attempt_next(const struct values *values, struct reading *reading)
{
    struct next_reading *self = (void *)reading;
    self->found = values_find_next(values, self->last, &self->next);
    if (!self->found) {
        return true;
    }
    reading->sequence = self->next.sequence;
    return region_reading_copy(values, reading);
}

DWORD region_read_next(struct region *region, void *buffer, SIZE_T *size, uint64_t *version,
                       uint64_t *missed)
{
    if (region->is_unsynchronised) {
        return ERROR_NOT_SUPPORTED;
    }
    struct next_reading self = {.reading = {.buffer = buffer, .room = *size}, .last = *version};
    bool whole = region_read_whole(region, attempt_next, &self.reading, LOCK_FREE_READS);
    if (whole && !self.found) {
        *version = self.next.version; /* another one, if the caller's was of an earlier region */
        return ERROR_NO_MORE_ITEMS;
    }
    DWORD error = region_reading_end(&self.reading, whole, size);
    if (error == ERROR_SUCCESS) {
        *missed = self.next.missed;
        *version = self.next.version;
    }
    return error;
}
