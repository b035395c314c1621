/*
 * The geometry of a named region: N slots of the same number of pages, a page for the records of
 * each four slots, and the control page.
 *
 * Without the control page, slots of s pages make N/4 * (4s + 1) pages. The second factor is odd,
 * so the lowest set bit of the product is N/4: the size alone, which the system states, gives N and
 * the slots' size. No byte of the section does.
 */
#ifndef SHAREDMEM_GEOMETRY_H
#define SHAREDMEM_GEOMETRY_H

#include "layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEOMETRY_RECORDS_IN_A_PAGE 4u

struct geometry {
    uint32_t slots; /* N */
    size_t slot_size;
};

/*
 * How many slots keep that many values: one more is being written, and another one lets readers
 * finish with the oldest.
 */
static inline uint32_t geometry_slots(uint32_t depth)
{
    uint32_t slots = LAYOUT_SLOTS;
    while (slots < depth + 2) {
        slots *= 2;
    }
    return slots;
}

/* The least and the greatest depth that so many slots are made for. */
static inline uint32_t geometry_min_depth(uint32_t slots)
{
    return slots / 2 - 1;
}

static inline uint32_t geometry_max_depth(uint32_t slots)
{
    return slots - 2;
}

/* Bytes of a section for values of that capacity; 0: more than any object can have. */
static inline size_t geometry_size(uint64_t capacity, uint32_t slots)
{
    if (capacity > (uint64_t)PTRDIFF_MAX / slots) {
        return 0;
    }
    uint64_t slot_pages = (capacity + LAYOUT_PAGE - 1) / LAYOUT_PAGE;
    uint64_t pages = slots * slot_pages + slots / GEOMETRY_RECORDS_IN_A_PAGE + 1;
    return pages <= (uint64_t)PTRDIFF_MAX / LAYOUT_PAGE ? (size_t)pages * LAYOUT_PAGE : 0;
}

/* Finds the geometry of a section of that size; FALSE: none has it. */
static inline bool geometry_find(struct geometry *geometry, size_t size)
{
    if (size < 2 * LAYOUT_PAGE) {
        return false;
    }
    size_t pages = size / LAYOUT_PAGE - 1;
    size_t slots = GEOMETRY_RECORDS_IN_A_PAGE * (pages & (0 - pages));
    if (slots > LAYOUT_MAX_SLOTS) {
        return false;
    }
    geometry->slots = (uint32_t)slots;
    geometry->slot_size = pages / slots * LAYOUT_PAGE;
    return geometry->slot_size != 0 && geometry_size(geometry->slot_size, geometry->slots) == size;
}

/* Where the records begin, behind the slots, and the control page, which is the last one. */
static inline size_t geometry_records(const struct geometry *geometry)
{
    return geometry->slots * geometry->slot_size;
}

static inline size_t geometry_control(const struct geometry *geometry)
{
    size_t pages_of_records = geometry->slots / GEOMETRY_RECORDS_IN_A_PAGE;
    return geometry_records(geometry) + pages_of_records * LAYOUT_PAGE;
}

#endif
