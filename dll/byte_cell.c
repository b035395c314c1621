#include "byte_cell.h"

#include "shared_copy.h"

void byte_cell_write(const struct latch *latch, const void *data, size_t size)
{
    uint64_t sequence = latch_begin(latch) + 1;

    shared_copy(latch_slot(latch, sequence), data, size);
    atomic_store_relaxed(latch_length(latch, sequence), size);
    latch_publish(latch, sequence);
}
