/*
 * A table whose entries never move: address space is reserved for all of them at once, and memory,
 * which comes zeroed, is committed for one more when no other is free. No lock: a thread may be
 * ended at any instruction, which costs the process an entry at most.
 */
#ifndef SHAREDMEM_GROWING_TABLE_H
#define SHAREDMEM_GROWING_TABLE_H

#include "atomic.h"

#include <stddef.h>
#include <stdint.h>

#define GROWING_TABLE_MAX 4096u

/* Initialised with the first field. */
struct growing_table {
    size_t entry_size; /* each begins with a uint64_t, which is 0 as long as the entry is free */
    void *entries;     /* NULL until there is one */
    uint64_t count;    /* of entries that have memory */
};

/* Synchronizes with the release in growing_table_take: so many entries can be accessed. */
static inline uint64_t growing_table_count(const struct growing_table *table)
{
    return atomic_load_acquire(&table->count);
}

/*
 * Takes the first free entry from a position on: its uint64_t is changed from 0 to `state`. NULL if
 * there is none, nor memory for one more.
 */
void *growing_table_take(struct growing_table *table, uint64_t position, uint64_t state);

/* For DllMain. */
void growing_table_detach(struct growing_table *table);

#endif
