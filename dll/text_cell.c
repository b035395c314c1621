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

/* A writer died between its two publications, and its text stands in slot 1: do the second. */
static void settle(const struct latch *latch)
{
    if (latch_begin(latch) % 2 != 0) {
        const uint16_t *text = latch_slot(latch, 1);
        bool whole;
        size_t cch = text_fit(text, LAYOUT_TEXT_CCH, &whole);
        publish(latch, text, cch);
    }
}

void text_cell_write(const struct latch *latch, const uint16_t *text, size_t cch)
{
    settle(latch);
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
