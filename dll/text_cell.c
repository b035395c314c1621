#include "text_cell.h"

#include "shared_copy.h"
#include "text.h"

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

bool text_cell_read(const struct latch *latch, uint16_t *buffer, size_t room, bool *whole)
{
    uint64_t sequence = latch_begin(latch);
    const uint16_t *slot = latch_slot(latch, sequence);

    /* The slot may be anybody's: with room for the longest text there is never more to be had. */
    bool longest = room >= LAYOUT_TEXT_CCH;
    size_t cch = text_fit(slot, longest ? LAYOUT_TEXT_CCH : room, whole);
    *whole = *whole || longest;
    shared_copy(buffer, slot, cch * sizeof *buffer);
    shared_store_unit(buffer + cch, 0);
    return latch_unchanged(latch, sequence);
}

size_t text_cell_size(const struct latch *latch, uint64_t sequence)
{
    return (length_of(latch_slot(latch, sequence)) + 1) * sizeof(uint16_t);
}
