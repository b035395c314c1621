#include "durable.h"

enum { ATTEMPTS = 64 }; /* at a whole snapshot, before the writers are to be locked out */

void durable_attach(struct durable *durable, struct values *values, void *view,
                    const struct file_identity *identity, const struct file_image *image)
{
    size_t capacity = (size_t)identity->capacity, depth = (size_t)identity->depth;
    durable->image = image;
    durable->id = &identity->id;
    durable->view = view;
    durable->values = values;
    values_attach(values, durable->view + image->region, &image->geometry);
    values->capacity = (struct stated){capacity, capacity, capacity};
    values->depth = (struct stated){depth, depth, depth};
    values->file_id = &identity->id;
}

/* A value and its record, in a slot or in a copy. */
struct place {
    struct layout_record *record;
    unsigned char *data;
};

static struct place slot_place(const struct durable *durable, uint64_t sequence)
{
    const struct values *values = durable->values;
    return (struct place){values_record(values, sequence), seqlatch_slot(&values->latch, sequence)};
}

static struct place copy_place(const struct durable *durable, unsigned copy)
{
    unsigned char *start = durable->view + durable->image->copy[copy];
    return (struct place){(void *)start, start + LAYOUT_PAGE};
}

static void set_record(const struct durable *durable, struct place place, uint64_t version,
                       size_t length)
{
    place.record->length = length;
    place.record->version = version;
    place.record->checksum = checksum_of_value(durable->id, version, place.data, length);
}

static bool make_durable(const struct durable *durable, unsigned copy)
{
    return durable->barrier(durable->context, durable->view + durable->image->copy[copy],
                            LAYOUT_PAGE + durable->image->geometry.slot_size);
}

/* Names the copy that a barrier has made durable. */
static void confirm(const struct durable *durable, uint64_t version, unsigned copy)
{
    atomic_store_release(&durable->values->latch.control->confirmed,
                         version * FILE_IMAGE_COPIES + copy);
}

/* A value that proves itself. The record is read once: its length is that which was checked. */
struct proven {
    bool found; /* else none does */
    const unsigned char *data;
    uint64_t version;
    size_t length;
};

/* Whether the value there proves itself to be newer than that one, which it then replaces. */
static bool prove_newer(const struct durable *durable, struct place place, struct proven *newest)
{
    uint64_t length = atomic_load_relaxed(&place.record->length);
    uint64_t version = atomic_load_relaxed(&place.record->version);
    if ((newest->found && version <= newest->version) || length > durable->values->capacity.found ||
        atomic_load_relaxed(&place.record->checksum) !=
            checksum_of_value(durable->id, version, place.data, (size_t)length)) {
        return false;
    }
    *newest = (struct proven){true, place.data, version, (size_t)length};
    return true;
}

static bool is_zero(const struct layout_record *record)
{
    return (record->length | record->version | record->checksum) == 0;
}

/* Of another boot, or of processes that are gone. Readers never see a sequence in between. */
static void make_current(const struct durable *durable, uint64_t version)
{
    const struct values *values = durable->values;
    struct layout_control *control = values->latch.control;
    control->magic = LAYOUT_MAGIC(values->latch.slots);
    control->capacity = values->capacity.found;
    control->depth = values->depth.found;
    control->first = version;
    control->lock = (struct layout_lock){0};
    control->contenders = (struct layout_waiters){0};
    control->flush_lock = (struct layout_lock){0};
    control->flush_contenders = (struct layout_waiters){0};
    seqlatch_publish(&values->latch, version);
}

/*
 * Stores to each page of a copy's record and value what is there. After a barrier that failed, the
 * system may take them for written, and pass over them at the next one, as Linux does.
 */
static void store_again(const struct durable *durable, unsigned copy, size_t length)
{
    unsigned char *start = durable->view + durable->image->copy[copy];
    for (size_t at = 0; at < LAYOUT_PAGE + length; at += LAYOUT_PAGE) {
        uint64_t *word = (void *)(start + at);
        atomic_store_relaxed(word, atomic_load_relaxed(word));
    }
}

/*
 * No other value may prove itself any more: a hostile process may have had versions made up to the
 * greatest number there is, and these would be found again and again.
 */
static void forget_others(const struct durable *durable, uint64_t version, unsigned copy)
{
    for (uint64_t other = 1; other < durable->image->geometry.slots; other++) {
        *slot_place(durable, version + other).record = (struct layout_record){0};
    }
    *copy_place(durable, 1 - copy).record = (struct layout_record){0};
}

/*
 * The order of steps:
 *
 * 1. The newer copy is stored again, and a barrier. What this process sees may never have reached
 *    the disk, where the processes died and the machine did not: that copy may be one that its
 *    flusher did not live to confirm, or failed to. It has to be durable before the other one,
 *    which may be the confirmed one, is written.
 * 2. The newest value goes to the other copy, under the new version.
 * 3. A barrier: from here on, that version is not given out again.
 * 4. Everything else is forgotten, and the region is made of it.
 */
enum durable_recovery durable_recover(const struct durable *durable)
{
    struct proven newest = {0};
    unsigned newer = prove_newer(durable, copy_place(durable, 0), &newest) ? 0 : 1;
    newer = prove_newer(durable, copy_place(durable, 1), &newest) ? 1 : newer;
    store_again(durable, newer, newest.length);
    if (!make_durable(durable, newer)) {
        return DURABLE_FAILED;
    }
    for (uint32_t slot = 0; slot < durable->image->geometry.slots; slot++) {
        prove_newer(durable, slot_place(durable, slot), &newest);
    }
    if (!newest.found) {
        return DURABLE_DAMAGED;
    }

    unsigned copy = 1 - newer;
    struct place target = copy_place(durable, copy);
    bool is_unused = newest.version == 0 && is_zero(target.record);
    uint64_t version = is_unused ? 0 : newest.version + DURABLE_LEAP;
    wide_copy(target.data, newest.data, newest.length);
    set_record(durable, target, version, newest.length);
    if (!make_durable(durable, copy)) {
        return DURABLE_FAILED;
    }

    struct place slot = slot_place(durable, version);
    if (slot.data != newest.data) {
        wide_copy(slot.data, target.data, newest.length);
    }
    *slot.record = *target.record; /* of the same value and version */
    if (!is_unused) {
        forget_others(durable, version, copy);
    }
    make_current(durable, version);
    confirm(durable, version, copy);
    return DURABLE_DONE;
}

bool durable_take(const struct durable *durable, struct durable_snapshot *snapshot)
{
    const struct seqlatch *latch = &durable->values->latch;
    unsigned copy =
        atomic_load_relaxed(&latch->control->confirmed) % FILE_IMAGE_COPIES == 0 ? 1 : 0;
    struct place target = copy_place(durable, copy);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        uint64_t sequence = seqlatch_read_begin(latch);
        size_t size = values_size(durable->values, sequence);
        wide_copy(target.data, seqlatch_slot(latch, sequence), size);
        if (!seqlatch_read_retry(latch, sequence)) {
            set_record(durable, target, sequence, size);
            *snapshot = (struct durable_snapshot){.version = sequence, .copy = copy};
            return true;
        }
    }
    return false;
}

bool durable_confirm(const struct durable *durable, const struct durable_snapshot *snapshot)
{
    bool is_durable = make_durable(durable, snapshot->copy);
    if (is_durable) {
        confirm(durable, snapshot->version, snapshot->copy);
    }
    return is_durable;
}
