#include "handle_table.h"

#include "atomic.h"
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
#define MAX_ENTRIES 4096u

/* An entry's word: its handle, if it is open; or one of these, which are no handles. */
#define FREE 0u
#define RESERVED (1u << POSITION_BITS)

struct entry {
    uint64_t handle;
    uintptr_t uses;
    struct region region;
};

/*
 * No lock: a thread may be ended at any instruction, which costs the process an entry at most. What
 * a compare-exchange reserves belongs to that thread until it stores a handle, or FREE.
 */
static struct entry *entries; /* address space for all of them, memory for the first `count` */
static uint64_t count;
static uint64_t first_free; /* a guess: threads that open and close at once may miss one before */

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
    if (position >= atomic_load_acquire(&count) ||
        atomic_load_acquire(&entries[position].handle) != (uintptr_t)handle) {
        return NULL;
    }
    return &entries[position];
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

/* The table's address space, which is made when it is first needed; NULL if it cannot be had. */
static struct entry *table(void)
{
    void **at = (void **)(void *)&entries;
    if (pointer_load(at) != NULL) {
        return entries;
    }
    void *made = VirtualAlloc(NULL, MAX_ENTRIES * sizeof *entries, MEM_RESERVE, PAGE_NOACCESS);
    if (made == NULL) {
        return NULL;
    }
    void *set = pointer_set_once(at, made);
    if (set != made) {
        VirtualFree(made, 0, MEM_RELEASE);
    }
    return set;
}

/* Commits memory, which comes zeroed, for one more entry than `known`; FALSE if there is none. */
static bool grow(uint64_t known)
{
    if (known == MAX_ENTRIES ||
        VirtualAlloc(&entries[known], sizeof *entries, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        return false;
    }
    atomic_compare_exchange_release(&count, known, known + 1);
    return true;
}

/* Reserves the first free entry from a position on; NULL if there is none, nor memory for it. */
static struct entry *reserve_from(uint64_t position)
{
    do {
        for (uint64_t end = atomic_load_acquire(&count); position < end; position++) {
            if (atomic_load_relaxed(&entries[position].handle) == FREE &&
                atomic_compare_exchange_acquire(&entries[position].handle, FREE, RESERVED)) {
                atomic_store_relaxed(&first_free, position + 1);
                return &entries[position];
            }
        }
    } while (grow(position));
    return NULL;
}

struct region *handle_table_reserve(void)
{
    if (table() == NULL) {
        return NULL;
    }
    struct entry *entry = reserve_from(atomic_load_relaxed(&first_free));
    if (entry == NULL) {
        entry = reserve_from(0);
    }
    return entry != NULL ? &entry->region : NULL;
}

HSHAREDMEM handle_table_publish(struct region *region)
{
    struct entry *entry = entry_of(region);
    uintptr_t position = (uintptr_t)(entry - entries);
    uintptr_t handle = entry->uses++ << POSITION_BITS | (position + 1);
    atomic_store_release(&entry->handle, handle);
    return (HSHAREDMEM)handle;
}

void handle_table_release(struct region *region)
{
    struct entry *entry = entry_of(region);
    uint64_t position = (uint64_t)(entry - entries);
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
    for (uint64_t i = 0; i < count; i++) {
        if ((entries[i].handle & POSITION_MASK) != 0) {
            region_close(&entries[i].region);
        }
    }
    if (entries != NULL) {
        VirtualFree(entries, 0, MEM_RELEASE);
    }
}
