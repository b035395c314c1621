/*
 * What a latch holds: values of any bytes, each with a record of its length; or the text region's
 * value, in two slots, one NUL-terminated text that at rest stands in slot 0, where programs that
 * know nothing of a latch look for it and put theirs.
 *
 * Where the two kinds differ is decided here, and only here.
 */
#ifndef SHAREDMEM_VALUES_H
#define SHAREDMEM_VALUES_H

#include "checksum.h"
#include "geometry.h"
#include "seqlatch.h"
#include "shared_copy.h"
#include "wide_copy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number that the section states: the one that was found, and the range of credible ones. */
struct stated {
    size_t found;
    size_t min;
    size_t max;
};

struct values {
    struct seqlatch latch;
    struct layout_record *records; /* of the slots; a text has none */
    const struct file_id
        *file_id; /* values prove themselves to be that file's; NULL: they do not */
    bool is_text;
    struct stated capacity; /* bytes that a value can have; no slot is smaller than the largest */
    struct stated depth;    /* values that are kept; less than N */
};

static inline bool stated_is_credible(const struct stated *stated, uint64_t number)
{
    return number >= stated->min && number <= stated->max;
}

static inline size_t stated_number(const struct stated *stated, const uint64_t *field)
{
    uint64_t number = atomic_load_relaxed(field);
    return stated_is_credible(stated, number) ? (size_t)number : stated->found;
}

/* What the section states if that is credible; else what was found. */
static inline size_t values_capacity(const struct values *values)
{
    return stated_number(&values->capacity, &values->latch.control->capacity);
}

static inline size_t values_depth(const struct values *values)
{
    return stated_number(&values->depth, &values->latch.control->depth);
}

/* A text is published twice, the first time already with the version of both. */
static inline uint64_t values_version(const struct values *values, uint64_t sequence)
{
    return values->is_text ? sequence + (sequence & 1) : sequence;
}

static inline struct layout_record *values_record(const struct values *values, uint64_t sequence)
{
    return &values->records[sequence & (values->latch.slots - 1)];
}

/* Finds the values of a named region, which starts there; what it states is yet to be found. */
void values_attach(struct values *values, void *start, const struct geometry *geometry);

/* Reading. */

size_t values_text_size(const struct values *values, uint64_t sequence);

/*
 * Bytes of the value in seqlatch_slot(sequence), a text's terminator included: never more than the
 * slot has.
 */
static inline size_t values_size(const struct values *values, uint64_t sequence)
{
    if (values->is_text) {
        return values_text_size(values, sequence);
    }
    uint64_t size = atomic_load_relaxed(&values_record(values, sequence)->length);
    if (size <= values->capacity.found) {
        return (size_t)size;
    }
    size_t capacity = values_capacity(values);
    return size < capacity ? (size_t)size : capacity;
}

/* Copies the value of that size, 1 at least, out of seqlatch_slot(sequence). */
static inline void values_copy(const struct values *values, uint64_t sequence, void *buffer,
                               size_t size)
{
    wide_copy(buffer, seqlatch_slot(&values->latch, sequence), size);
    if (values->is_text) { /* whatever has become of its terminator since */
        shared_store_unit((unsigned char *)buffer + size - sizeof(uint16_t), 0);
    }
}

/* The value that a reader gets next which has read all up to some version. */
struct values_next {
    uint64_t sequence; /* for seqlatch_slot, and for seqlatch_read_retry after copying */
    uint64_t version;
    uint64_t missed; /* values in between, which are not kept */
};

/*
 * Finds the oldest value kept that is newer than version `last`. A version that is yet to come
 * counts as 0: it is that of an earlier region. FALSE if there is no such value; next->version is
 * then the present one.
 */
bool values_find_next(const struct values *values, uint64_t last, struct values_next *next);

/* What an attempt to read the text came to. STALE: a writer overtook it, the copy may be torn. */
enum text_read { TEXT_WHOLE, TEXT_CUT, TEXT_STALE };

/*
 * Copies the text to a buffer of `room` units, 1 at least, as far as it fits, and terminates it.
 * All of it fits in LAYOUT_TEXT_CCH units.
 */
enum text_read values_read_text(const struct values *values, uint16_t *buffer, size_t room);

/* Writing: the caller owns the writer lock, and has rolled forward. */

enum values_fit { VALUE_FITS, VALUE_TOO_LARGE, VALUE_HALF_CHARACTER };

enum values_fit values_fit_text(const struct values *values, const void *data, size_t *size);

/*
 * Reduces `size` bytes of new data to the value's, which for a text ends at the first NUL, and says
 * whether they fit the capacity. Needs no lock.
 */
static inline enum values_fit values_fit(const struct values *values, const void *data,
                                         size_t *size)
{
    if (values->is_text) {
        return values_fit_text(values, data, size);
    }
    return *size <= values_capacity(values) ? VALUE_FITS : VALUE_TOO_LARGE;
}

void values_roll_text_forward(const struct values *values);

/* Completes the write of a text whose writer died half-way. This is no change: versions say so. */
static inline void values_roll_forward(const struct values *values)
{
    if (values->is_text) {
        values_roll_text_forward(values);
    }
}

/* Replaces the text by a terminated one, or by what fits of it. Returns whether that is all. */
bool values_write_text(const struct values *values, const uint16_t *text);

void values_write_measured_text(const struct values *values, const void *text, size_t size);

/* Completes the record of a file's value, which is in seqlatch_slot(sequence). */
void values_prove(const struct values *values, uint64_t sequence, size_t size);

/* Makes a value of that size the current one: it is in seqlatch_slot(sequence), the next slot. */
static inline void values_publish(const struct values *values, uint64_t sequence, size_t size)
{
    atomic_store_relaxed(&values_record(values, sequence)->length, size);
    if (values->file_id != NULL) {
        values_prove(values, sequence, size);
    }
    seqlatch_publish(&values->latch, sequence);
}

/* Replaces the value by one that fits. */
static inline void values_write(const struct values *values, const void *data, size_t size)
{
    if (values->is_text) {
        values_write_measured_text(values, data, size);
        return;
    }
    const struct seqlatch *latch = &values->latch;
    uint64_t sequence = seqlatch_read_begin(latch) + 1;
    wide_copy(seqlatch_slot(latch, sequence), data, size);
    values_publish(values, sequence, size);
}

#endif
