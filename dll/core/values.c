#include "values.h"

#include "compiler.h"
#include "text.h"
#include "text_block.h"
#include "wide_copy.h"

void values_attach(struct values *values, void *start, const struct geometry *geometry)
{
    unsigned char *slot0 = start;
    *values = (struct values){
        .latch = {.control = (void *)(slot0 + geometry_control(geometry)),
                  .slots = geometry->slots,
                  .slot0 = slot0,
                  .stride = (ptrdiff_t)geometry->slot_size},
        .records = (void *)(slot0 + geometry_records(geometry)),
        .capacity = {.min = geometry->slot_size - LAYOUT_PAGE + 1, .max = geometry->slot_size},
        .depth = {.min = geometry_min_depth(geometry->slots),
                  .max = geometry_max_depth(geometry->slots)},
    };
}

/* Units of a slot's text, which need not be terminated. */
static size_t text_length(const uint16_t *slot)
{
    bool whole;
    return text_fit(slot, LAYOUT_TEXT_CCH, &whole);
}

size_t values_text_size(const struct values *values, uint64_t sequence)
{
    return (text_length(seqlatch_slot(&values->latch, sequence)) + 1) * sizeof(uint16_t);
}

static void publish_text(const struct seqlatch *latch, const uint16_t *text, size_t cch)
{
    uint64_t sequence = seqlatch_read_begin(latch) + 1;
    uint16_t *slot = seqlatch_slot(latch, sequence);

    wide_copy(slot, text, cch * sizeof *slot);
    shared_store_unit(slot + cch, 0);
    seqlatch_publish(latch, sequence);
}

void values_roll_text_forward(const struct values *values)
{
    const struct seqlatch *latch = &values->latch;
    if (seqlatch_read_begin(latch) % 2 != 0) {
        const uint16_t *text = seqlatch_slot(latch, 1); /* its second publication is due */
        publish_text(latch, text, text_length(text));
    }
}

static inline enum text_read result_of(const struct seqlatch *latch, uint64_t sequence, bool whole)
{
    if (seqlatch_read_retry(latch, sequence)) {
        return TEXT_STALE;
    }
    return whole ? TEXT_WHOLE : TEXT_CUT;
}

static NOT_INLINE enum text_read read_long(const struct seqlatch *latch, uint64_t sequence,
                                           uint16_t *buffer, size_t room)
{
    /* A hostile slot has no terminator; with room for the longest text, nothing is cut off. */
    bool longest = room >= LAYOUT_TEXT_CCH, whole;
    text_copy(buffer, seqlatch_slot(latch, sequence), longest ? LAYOUT_TEXT_CCH : room, &whole);
    return result_of(latch, sequence, whole || longest);
}

enum text_read values_read_text(const struct values *values, uint16_t *buffer, size_t room)
{
    /* Beside a writer, the cache misses of the sequence and of its slot overlap. */
    const struct seqlatch *latch = &values->latch;
    atomic_prefetch(latch->slot0);
    atomic_prefetch(seqlatch_slot(latch, 1));
    uint64_t sequence = seqlatch_read_begin(latch);
    const uint16_t *slot = seqlatch_slot(latch, sequence);

    uint32_t nuls = room >= BLOCK_UNITS ? block_nuls(slot) : 0;
    if (nuls == 0) { /* most texts are shorter than a block */
        return read_long(latch, sequence, buffer, room);
    }
    size_t cch = lowest_bit(nuls);
    shared_copy_short(buffer, slot, cch * sizeof *slot);
    shared_store_unit(buffer + cch, 0);
    return result_of(latch, sequence, true);
}

bool values_find_next(const struct values *values, uint64_t last, struct values_next *next)
{
    uint64_t sequence = seqlatch_read_begin(&values->latch);
    uint64_t newest = values_version(values, sequence), depth = values_depth(values);
    if (last > newest) {
        last = 0;
    }
    uint64_t newer = newest - last;
    uint64_t since_first = newest - atomic_load_relaxed(&values->latch.control->first);
    depth = since_first < depth ? since_first + 1 : depth;
    next->missed = newer > depth ? newer - depth : 0;
    next->version = newer > 0 ? last + next->missed + 1 : newest;
    next->sequence = sequence - (newest - next->version);
    if (values->is_text) { /* whose versions are even */
        next->missed /= 2;
    }
    return newer > 0;
}

/* Writing. */

enum values_fit values_fit_text(const struct values *values, const void *data, size_t *size)
{
    if (*size % sizeof(uint16_t) != 0) {
        return VALUE_HALF_CHARACTER;
    }
    *size = text_measure(data, *size / sizeof(uint16_t)) * sizeof(uint16_t);
    /* Its terminator needs room, too. */
    return *size < values_capacity(values) ? VALUE_FITS : VALUE_TOO_LARGE;
}

bool values_write_text(const struct values *values, const uint16_t *text)
{
    const struct seqlatch *latch = &values->latch;
    uint64_t sequence = seqlatch_read_begin(latch) + 1;
    uint16_t *slot = seqlatch_slot(latch, sequence);
    bool whole;

    size_t cch = text_copy(slot, text, LAYOUT_TEXT_CCH, &whole);
    seqlatch_publish(latch, sequence);
    publish_text(latch, slot, cch);
    return whole;
}

void values_prove(const struct values *values, uint64_t sequence, size_t size)
{
    struct layout_record *record = values_record(values, sequence);
    const void *slot = seqlatch_slot(&values->latch, sequence);
    atomic_store_relaxed(&record->version, sequence);
    atomic_store_relaxed(&record->checksum,
                         checksum_of_value(values->file_id, sequence, slot, size));
}

void values_write_measured_text(const struct values *values, const void *text, size_t size)
{
    const struct seqlatch *latch = &values->latch;
    publish_text(latch, text, size / sizeof(uint16_t));
    publish_text(latch, seqlatch_slot(latch, 1), size / sizeof(uint16_t));
}
