#include "growing_table.h"

#include "pointer_once.h"

#include <stdbool.h>

static uint64_t *entry_at(const struct growing_table *table, uint64_t position)
{
    return (void *)((char *)pointer_load(&table->entries) + (size_t)position * table->entry_size);
}

/* Reserves the address space when it is first needed; FALSE if it cannot be had. */
static bool reserve(struct growing_table *table)
{
    if (pointer_load(&table->entries) == NULL) {
        void *made =
            VirtualAlloc(NULL, GROWING_TABLE_MAX * table->entry_size, MEM_RESERVE, PAGE_NOACCESS);
        if (made == NULL) {
            return false;
        }
        if (pointer_set_once(&table->entries, made) != made) {
            VirtualFree(made, 0, MEM_RELEASE);
        }
    }
    return true;
}

/* Commits memory for one more entry than `known`; FALSE if there is none. */
static bool grow(struct growing_table *table, uint64_t known)
{
    if (known == GROWING_TABLE_MAX || !reserve(table) ||
        VirtualAlloc(entry_at(table, known), table->entry_size, MEM_COMMIT, PAGE_READWRITE) ==
            NULL) {
        return false;
    }
    atomic_compare_exchange_release(&table->count, known, known + 1);
    return true;
}

void *growing_table_take(struct growing_table *table, uint64_t position, uint64_t state)
{
    do {
        for (uint64_t end = growing_table_count(table); position < end; position++) {
            uint64_t *entry = entry_at(table, position);
            if (atomic_load_relaxed(entry) == 0 &&
                atomic_compare_exchange_acquire(entry, 0, state)) {
                return entry;
            }
        }
    } while (grow(table, position));
    return NULL;
}

void growing_table_detach(struct growing_table *table)
{
    if (table->entries != NULL) {
        VirtualFree(table->entries, 0, MEM_RELEASE);
    }
}
