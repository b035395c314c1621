#include "text.h"

#include "shared_copy.h"
#include "text_block.h"

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_measure(const uint16_t *text, size_t limit)
{
    uintptr_t address = (uintptr_t)text;
    if (address % sizeof *text != 0) { /* the units lie across the blocks' units */
        size_t cch = 0;
        while (cch < limit && shared_load_unit(text + cch) != 0) {
            cch++;
        }
        return cch;
    }
    if (limit == 0) {
        return 0;
    }

    size_t before = address % BLOCK_SIZE / sizeof *text; /* units of the first block to ignore */
    const uint16_t *block = (const uint16_t *)(address - address % BLOCK_SIZE);
    uint32_t nuls = block_nuls(block) >> before;
    if (nuls != 0) {
        return smaller(lowest_bit(nuls), limit);
    }
    for (size_t cch = BLOCK_UNITS - before; cch < limit; cch += BLOCK_UNITS) {
        block += BLOCK_UNITS;
        nuls = block_nuls(block);
        if (nuls != 0) {
            return smaller(cch + lowest_bit(nuls), limit);
        }
    }
    return limit;
}

/* `at`, or the unit before it where a cut at `at` would part a surrogate pair. */
static size_t cut_between_characters(const uint16_t *text, size_t at)
{
    if (at > 0 && (shared_load_unit(text + at - 1) & 0xFC00) == 0xD800 &&
        (shared_load_unit(text + at) & 0xFC00) == 0xDC00) {
        return at - 1;
    }
    return at;
}

size_t text_fit(const uint16_t *text, size_t room, bool *whole)
{
    size_t cch = text_measure(text, room);
    *whole = cch < room;
    return *whole ? cch : cut_between_characters(text, room - 1);
}

bool text_copy(uint16_t *buffer, const uint16_t *text, size_t room)
{
    /* Whole blocks, as long as a cut, which can be two units before the end, is not in them. */
    enum { MOST_REST = BLOCK_UNITS + 1 };
    size_t cch = 0;
    for (; room - cch > MOST_REST; cch += BLOCK_UNITS) {
        if (block_copy_quickly(buffer + cch, text + cch)) {
            continue;
        }
        if (block_nuls(text + cch) != 0) {
            break;
        }
        shared_copy(buffer + cch, text + cch, BLOCK_SIZE);
    }
    bool whole;
    size_t rest = text_fit(text + cch, smaller(room - cch, MOST_REST), &whole);
    shared_copy_short(buffer + cch, text + cch, rest * sizeof *text);
    shared_store_unit(buffer + cch + rest, 0);
    return whole;
}
