/*
 * The text region's value: a latch of two slots that holds one NUL-terminated text and that at rest
 * has it in slot 0, where programs that know nothing of a latch look for it and put theirs.
 */
#ifndef SHAREDMEM_TEXT_CELL_H
#define SHAREDMEM_TEXT_CELL_H

#include "latch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Brings to rest a cell whose last writer died half-way. The caller owns the writer lock, and calls
 * this before it writes.
 */
void text_cell_settle(const struct latch *latch);

/* Replaces the text by text[0 .. cch), cch < LAYOUT_TEXT_CCH. */
void text_cell_write(const struct latch *latch, const uint16_t *text, size_t cch);

/* What a read came to. Overtaken: a writer came in between, what was copied may be a mixture. */
#define TEXT_CELL_CUT 1u
#define TEXT_CELL_OVERTAKEN 2u

/*
 * Copies the text to a buffer of `room` units, 1 at least, as far as it fits, and terminates it.
 * All of it fits in LAYOUT_TEXT_CCH units. Returns a combination of the above.
 */
unsigned text_cell_read(const struct latch *latch, uint16_t *buffer, size_t room);

/* Bytes of the text in latch_slot(sequence), its terminator included. */
size_t text_cell_size(const struct latch *latch, uint64_t sequence);

#endif
