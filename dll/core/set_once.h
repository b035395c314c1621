/* Fields of the control page that the first process to open a region sets, and no other changes. */
#ifndef SHAREDMEM_SET_ONCE_H
#define SHAREDMEM_SET_ONCE_H

#include "atomic.h"
#include "layout.h"

#include <stdbool.h>
#include <stdint.h>

/* Initialises the field, unless it is set or this process may only read; returns its value. */
static inline uint64_t set_once(uint64_t *field, uint64_t proposal, bool read_only)
{
    if (!read_only) {
        atomic_compare_exchange_acquire(field, 0, proposal);
    }
    return atomic_load_acquire(field);
}

/* Whether the section is, or becomes, a region of this layout with so many slots. */
static inline bool has_magic(struct layout_control *control, uint32_t slots, bool read_only)
{
    uint64_t magic = set_once(&control->magic, LAYOUT_MAGIC(slots), read_only);
    return magic == LAYOUT_MAGIC(slots) || magic == 0;
}

#endif
