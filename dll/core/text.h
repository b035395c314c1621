/*
 * NUL-terminated UTF-16 text of unknown length, in the caller's memory or in a slot that another
 * process may be changing. Nothing here relies on a terminator being there.
 */
#ifndef SHAREDMEM_TEXT_H
#define SHAREDMEM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Units before the first NUL in text[0 .. limit), or limit where there is none. Looks at aligned
 * blocks of 64 bytes, so it touches no page other than those of the units it may look at.
 */
size_t text_measure(const uint16_t *text, size_t limit);

/*
 * Units of `text` that a buffer of `room` units (1 at least) takes, its terminator aside; a
 * surrogate pair is taken or left as a whole. Says in *whole whether that is all of the text. Looks
 * at text[0 .. room) at the most.
 */
size_t text_fit(const uint16_t *text, size_t room, bool *whole);

/*
 * Copies what text_fit says to a buffer of `room` units, terminates it, and returns its units. One
 * pass: the text may change meanwhile, and the copy has a terminator all the same.
 */
size_t text_copy(uint16_t *buffer, const uint16_t *text, size_t room, bool *whole);

#endif
