#include "text_cell.h"

#include "compiler.h"
#include "shared_copy.h"
#include "text.h"
#include "text_block.h"

static void publish(const struct latch *latch, const uint16_t *text, size_t cch)
{
    uint64_t sequence = latch_begin(latch) + 1;
    uint16_t *slot = latch_slot(latch, sequence);

    shared_copy(slot, text, cch * sizeof *slot);
    shared_store_unit(slot + cch, 0);
    latch_publish(latch, sequence);
}

static size_t length_of(const uint16_t *slot)
{
    bool whole;
    return text_fit(slot, LAYOUT_TEXT_CCH, &whole);
}

void text_cell_settle(const struct latch *latch)
{
    bool is_half_way = latch_begin(latch) % 2 != 0;
    if (is_half_way) { /* the text stands in slot 1, and its second publication is due */
        const uint16_t *text = latch_slot(latch, 1);
        publish(latch, text, length_of(text));
    }
}

void text_cell_write(const struct latch *latch, const uint16_t *text, size_t cch)
{
    publish(latch, text, cch);
    publish(latch, latch_slot(latch, 1), cch);
}

static inline unsigned overtaken(const struct latch *latch, uint64_t sequence)
{
    return latch_unchanged(latch, sequence) ? 0 : TEXT_CELL_OVERTAKEN;
}

static NOT_INLINE unsigned read_long(const struct latch *latch, uint64_t sequence, uint16_t *buffer,
                                     size_t room)
{
    /* The slot may be anybody's: with room for the longest text there is never more to be had. */
    bool longest = room >= LAYOUT_TEXT_CCH;
    bool whole = text_copy(buffer, latch_slot(latch, sequence), longest ? LAYOUT_TEXT_CCH : room);

    return overtaken(latch, sequence) | (whole || longest ? 0 : TEXT_CELL_CUT);
}

unsigned text_cell_read(const struct latch *latch, uint16_t *buffer, size_t room)
{
    /* Beside a writer, the sequence and its slot both have to come: let them come at once. */
    atomic_prefetch(latch->slot[0]);
    atomic_prefetch(latch->slot[1]);
    uint64_t sequence = latch_begin(latch);
    const uint16_t *slot = latch_slot(latch, sequence);

    uint32_t nuls = room >= BLOCK_UNITS ? block_nuls(slot) : 0;
    if (nuls == 0) { /* most texts are shorter than a block */
        return read_long(latch, sequence, buffer, room);
    }
    size_t cch = lowest_bit(nuls);
    shared_copy_short(buffer, slot, cch * sizeof *slot);
    shared_store_unit(buffer + cch, 0);
    return overtaken(latch, sequence);
}

size_t text_cell_size(const struct latch *latch, uint64_t sequence)
{
    return (length_of(latch_slot(latch, sequence)) + 1) * sizeof(uint16_t);
}
