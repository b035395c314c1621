/* One copy of a text, checked to the unit. */
#ifndef SHAREDMEM_TESTS_EXACT_TEXT_H
#define SHAREDMEM_TESTS_EXACT_TEXT_H

#include "check.h"

#include "text.h"

#include <string.h>

/*
 * Copies a text to a buffer of `room` units that ends at `end`: what arrives is what text_fit says,
 * terminated, and no unit behind it changes.
 */
static inline void check_text_copy(const uint16_t *text, char *end, size_t room)
{
    enum { UNTOUCHED = 0xC3C3 };
    uint16_t *buffer = (uint16_t *)(void *)end - room;
    for (size_t i = 0; i < room; i++) {
        buffer[i] = UNTOUCHED;
    }
    bool whole, was_whole;
    size_t expected = text_fit(text, room, &whole);
    CHECK_EQUAL(text_copy(buffer, text, room, &was_whole), expected);
    CHECK_EQUAL(was_whole, whole);
    CHECK(memcmp(buffer, text, expected * sizeof *text) == 0);
    CHECK_EQUAL(buffer[expected], 0);
    for (size_t i = expected + 1; i < room; i++) {
        CHECK_EQUAL(buffer[i], UNTOUCHED);
    }
}

#endif
