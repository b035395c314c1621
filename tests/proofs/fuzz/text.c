/* Measuring, fitting and copying: any text, any address, with and without a NUL, to any limit. */
#include "fuzz.h"
#include "plain.h"

#include "text.h"

#include <string.h>

enum { MOST_UNITS = 700, MOST_MARKS = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena, copies;
    if (arena.start == NULL) {
        arena = arena_make(MOST_UNITS * sizeof(uint16_t));
        copies = arena_make((MOST_UNITS + 1) * sizeof(uint16_t));
    }

    struct input input = {data, size};
    size_t units = input_number(&input, MOST_UNITS);
    unsigned char *bytes = arena_place(&arena, units * sizeof(uint16_t), &input);
    const uint16_t *text = (const void *)bytes;
    input_fill(&input, bytes, units * sizeof *text);
    for (unsigned marks = input_byte(&input) % (MOST_MARKS + 1); marks > 0 && units > 0; marks--) {
        size_t at = input_number(&input, units - 1);
        input_fill(&input, bytes + at * sizeof *text, sizeof *text);
    }

    bool terminated = plain_measure(text, units) < units;
    while (input.left > 0) {
        /* What stands behind a terminator may not matter, so then there need not be anything. */
        size_t limit = terminated && input_byte(&input) % 4 == 0 ? SIZE_MAX - input_byte(&input)
                                                                 : input_number(&input, units);
        EXPECT(text_measure(text, limit) == plain_measure(text, limit));
        if (limit > 0) {
            bool whole, expected_whole;
            size_t expected = plain_fit(text, limit, &expected_whole);
            EXPECT(text_fit(text, limit, &whole) == expected);
            EXPECT(whole == expected_whole);

            uint16_t *copy = arena_place(&copies, (expected + 1) * sizeof *copy, &input);
            size_t room = expected_whole && limit > MOST_UNITS ? MOST_UNITS + 1 : limit;
            EXPECT(text_copy(copy, text, room, &whole) == expected);
            EXPECT(whole == expected_whole);
            EXPECT(memcmp(copy, text, expected * sizeof *copy) == 0);
            EXPECT(memcmp(copy + expected, "\0", sizeof *copy) == 0);
            arena_check(&copies);
        }
    }
    return 0;
}
