#include "handle_table.h"

#include "atomic.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A handle is its entry's position plus 1 in the low 16 bits, and above them how often that entry
 * was used before: 0 is no handle, nor is SHARED_MEM_TEXT, whose low bits are too large.
 */
#define POSITION_BITS 16
#define POSITION_MASK (((uintptr_t)1 << POSITION_BITS) - 1)
#define MAX_ENTRIES 4096u

struct entry {
    uint64_t handle; /* 0: not open */
    uintptr_t uses;
    struct entry *next_free;
    struct region region;
};

static SRWLOCK lock = SRWLOCK_INIT; /* for everything but finding, which takes no lock */
static struct entry *entries; /* address space for all of them, memory for the first `count` */
static uint64_t count;
static struct entry *first_free;

static struct entry *entry_of(struct region *region)
{
    return (void *)((char *)region - offsetof(struct entry, region));
}

/*
 * NULL if the handle is not an open region's. Each acquire synchronizes with the release that
 * stores the same word: the entry's memory is there, and its region open.
 */
static struct entry *entry_with(HSHAREDMEM handle)
{
    uintptr_t position = ((uintptr_t)handle & POSITION_MASK) - 1;
    if (position >= atomic_load_acquire(&count) ||
        atomic_load_acquire(&entries[position].handle) != (uintptr_t)handle) {
        return NULL;
    }
    return &entries[position];
}

struct region *handle_table_find(HSHAREDMEM handle)
{
    if (handle == SHARED_MEM_TEXT) {
        return region_text();
    }
    struct entry *entry = entry_with(handle);
    return entry != NULL ? &entry->region : NULL;
}

/* Commits memory, which comes zeroed, for one more entry. */
static struct entry *grow(void)
{
    if (entries == NULL) {
        entries = VirtualAlloc(NULL, MAX_ENTRIES * sizeof *entries, MEM_RESERVE, PAGE_NOACCESS);
    }
    if (entries == NULL || count == MAX_ENTRIES ||
        VirtualAlloc(&entries[count], sizeof *entries, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        return NULL;
    }
    struct entry *entry = &entries[count];
    atomic_store_release(&count, count + 1);
    return entry;
}

struct region *handle_table_reserve(void)
{
    AcquireSRWLockExclusive(&lock);
    struct entry *entry = first_free;
    if (entry != NULL) {
        first_free = entry->next_free;
    } else {
        entry = grow();
    }
    ReleaseSRWLockExclusive(&lock);
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
    AcquireSRWLockExclusive(&lock);
    entry->next_free = first_free;
    first_free = entry;
    ReleaseSRWLockExclusive(&lock);
}

struct region *handle_table_withdraw(HSHAREDMEM handle)
{
    AcquireSRWLockExclusive(&lock); /* of two threads that close one handle, one fails */
    struct entry *entry = entry_with(handle);
    if (entry != NULL) {
        atomic_store_relaxed(&entry->handle, 0);
    }
    ReleaseSRWLockExclusive(&lock);
    return entry != NULL ? &entry->region : NULL;
}

void handle_table_detach(void)
{
    for (uint64_t i = 0; i < count; i++) {
        if (entries[i].handle != 0) {
            region_close(&entries[i].region);
        }
    }
    if (entries != NULL) {
        VirtualFree(entries, 0, MEM_RELEASE);
    }
}
