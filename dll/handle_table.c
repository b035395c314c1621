#include "handle_table.h"

#include "growing_table.h"
#include "pointer_once.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A handle is its entry's position plus 1 in the low 16 bits, and above them how often that entry
 * was used before: 0 is no handle, nor is SHARED_MEM_TEXT, whose low bits are too large.
 */
#define POSITION_BITS 16
#define POSITION_MASK (((uintptr_t)1 << POSITION_BITS) - 1)
_Static_assert(GROWING_TABLE_MAX < POSITION_MASK, "SHARED_MEM_TEXT is not an entry's handle");

/* An entry's word: its handle, if it is open; or one of these, which are no handles. */
#define FREE 0u
#define RESERVED (1u << POSITION_BITS)

struct entry {
    uint64_t handle;
    uintptr_t uses;
    struct region region;
};

/* An entry that a thread takes is its own until it stores a handle there, or FREE. */
static struct growing_table entries = {.entry_size = sizeof(struct entry)};
static uint64_t first_free; /* a guess: threads that open and close at once may miss one before */

static struct entry *entry_at(uint64_t position)
{
    return (struct entry *)pointer_load(&entries.entries) + position;
}

static struct entry *entry_of(struct region *region)
{
    return (void *)((char *)region - offsetof(struct entry, region));
}

/*
 * NULL if the handle is not an open region's. Each acquire synchronizes with the release that
 * stores the same word: the entry's memory is there, and its region open.
 */
static inline struct entry *entry_with(HSHAREDMEM handle)
{
    uintptr_t position = ((uintptr_t)handle & POSITION_MASK) - 1;
    if (position >= growing_table_count(&entries)) {
        return NULL;
    }
    struct entry *entry = entry_at(position);
    return atomic_load_acquire(&entry->handle) == (uintptr_t)handle ? entry : NULL;
}

static inline struct region *region_of(struct entry *entry)
{
    if (entry == NULL) {
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return &entry->region;
}

struct region *handle_table_find(HSHAREDMEM handle)
{
    return handle == SHARED_MEM_TEXT ? region_text() : region_of(entry_with(handle));
}

static uint64_t position_of(const struct entry *entry)
{
    return (uint64_t)(entry - entry_at(0));
}

struct region *handle_table_reserve(void)
{
    struct entry *entry = growing_table_take(&entries, atomic_load_relaxed(&first_free), RESERVED);
    if (entry == NULL) {
        entry = growing_table_take(&entries, 0, RESERVED);
    }
    if (entry == NULL) {
        return NULL;
    }
    atomic_store_relaxed(&first_free, position_of(entry) + 1);
    return &entry->region;
}

HSHAREDMEM handle_table_publish(struct region *region)
{
    struct entry *entry = entry_of(region);
    uintptr_t handle = entry->uses++ << POSITION_BITS | ((uintptr_t)position_of(entry) + 1);
    atomic_store_release(&entry->handle, handle);
    return (HSHAREDMEM)handle;
}

void handle_table_release(struct region *region)
{
    struct entry *entry = entry_of(region);
    uint64_t position = position_of(entry);
    atomic_store_release(&entry->handle, FREE);
    if (position < atomic_load_relaxed(&first_free)) {
        atomic_store_relaxed(&first_free, position);
    }
}

struct region *handle_table_withdraw(HSHAREDMEM handle)
{
    struct entry *entry = entry_with(handle);
    /* Of two threads that close one handle, one fails. */
    bool withdrawn = entry != NULL &&
                     atomic_compare_exchange_acquire(&entry->handle, (uintptr_t)handle, RESERVED);
    return region_of(withdrawn ? entry : NULL);
}

void handle_table_detach(void)
{
    for (uint64_t i = 0; i < growing_table_count(&entries); i++) {
        struct entry *entry = entry_at(i);
        if ((entry->handle & POSITION_MASK) != 0) {
            region_close(&entry->region);
        }
    }
    growing_table_detach(&entries);
}
