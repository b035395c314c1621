/* A named region's value: a latch of four slots that holds any bytes and their number. */
#ifndef SHAREDMEM_BYTE_CELL_H
#define SHAREDMEM_BYTE_CELL_H

#include "latch.h"

/* Bytes of the value in latch_slot(sequence), never more than the slot has. */
static inline size_t byte_cell_size(const struct latch *latch, uint64_t sequence)
{
    uint64_t size = atomic_load_relaxed(latch_length(latch, sequence));
    if (size <= latch->capacity) {
        return (size_t)size;
    }
    size_t capacity = latch_capacity(latch);
    return size < capacity ? (size_t)size : capacity;
}

/* Replaces the value; `size` is at most the capacity. The caller owns the writer lock. */
void byte_cell_write(const struct latch *latch, const void *data, size_t size);

#endif
