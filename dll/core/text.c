#include "text.h"

#include "compiler.h"
#include "shared_copy.h"
#include "text_block.h"
#include "wide_copy.h"

/* What is not copied by whole blocks: a cut can be two units before the end. */
enum { LEAST_REST = 2 };

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

/* At an odd address, where the units lie across the blocks' units. */
static NOT_INLINE size_t copy_odd(uint16_t *buffer, const uint16_t *text, size_t room, bool *whole)
{
    size_t cch = text_fit(text, room, whole);
    wide_copy(buffer, text, cch * sizeof *text);
    shared_store_unit(buffer + cch, 0);
    return cch;
}

/* Copies the units before the first block, unless the text ends in them; returns how many. */
static size_t copy_to_block(uint16_t *buffer, const uint16_t *text, size_t room)
{
    size_t before = (uintptr_t)text % BLOCK_SIZE / sizeof *text;
    size_t head = BLOCK_UNITS - before;
    if (room < head + LEAST_REST || block_nuls(text - before) >> before != 0) {
        return 0;
    }
    shared_copy_short(buffer, text, head * sizeof *text);
    return head;
}

size_t text_copy(uint16_t *buffer, const uint16_t *text, size_t room, bool *whole)
{
    if ((uintptr_t)text % sizeof *text != 0) {
        return copy_odd(buffer, text, room, whole);
    }
    size_t cch = 0;
    if ((uintptr_t)text % BLOCK_SIZE != 0) {
        cch = copy_to_block(buffer, text, room);
    }
    if ((uintptr_t)(text + cch) % BLOCK_SIZE == 0 && room - cch >= LEAST_REST) {
        cch += blocks_copy(buffer + cch, text + cch, (room - cch - LEAST_REST) / BLOCK_UNITS);
    }
    /* A NUL that was there may be gone. */
    size_t rest = text_fit(text + cch, smaller(room - cch, LEAST_REST + BLOCK_UNITS - 1), whole);
    shared_copy_short(buffer + cch, text + cch, rest * sizeof *text);
    shared_store_unit(buffer + cch + rest, 0);
    return cch + rest;
}
