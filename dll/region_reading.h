/*
 * What the functions have in common that copy a value: attempts without the lock, and, for a reader
 * that writers have overtaken again and again, with it.
 */
#ifndef SHAREDMEM_REGION_READING_H
#define SHAREDMEM_REGION_READING_H

#include "region.h"

enum { LOCK_FREE_READS = 64 }; /* attempts before a reader tries to lock the writers out */

struct reading {
    void *buffer;
    size_t room; /* characters of a text that may be cut, else bytes */

    enum text_read text; /* what reading the text came to */

    size_t size;       /* bytes of the value */
    size_t touched;    /* bytes that earlier attempts may have written to the buffer */
    uint64_t sequence; /* of the value */
};

/* One attempt at a read. FALSE: it is stale, a writer came in between. */
typedef bool read_attempt(const struct values *values, struct reading *reading);

/* Such an attempt, at the value of reading->sequence, as far as it fits. */
static inline bool region_reading_copy(const struct values *values, struct reading *reading)
{
    reading->size = values_size(values, reading->sequence);
    if (reading->size <= reading->room && reading->size > 0) {
        values_copy(values, reading->sequence, reading->buffer, reading->size);
        reading->touched = reading->touched < reading->size ? reading->size : reading->touched;
    }
    return !seqlatch_read_retry(&values->latch, reading->sequence);
}

/* Tries for 5 seconds, also with the lock; FALSE: no attempt was whole. */
bool region_read_contended(struct region *region, read_attempt *attempt, struct reading *reading);

static inline bool region_read_whole(struct region *region, read_attempt *attempt,
                                     struct reading *reading, unsigned attempts)
{
    for (unsigned i = 0; i < attempts; i++) {
        if (attempt(&region->values, reading)) {
            return true;
        }
    }
    return region_read_contended(region, attempt, reading);
}

/*
 * What the attempts came to: the last was whole, or there was none. Sets *size, if it is known, and
 * takes parts of values out of the buffer.
 */
DWORD region_reading_end(struct reading *reading, bool whole, SIZE_T *size);

#endif
