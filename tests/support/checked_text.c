#include "checked_text.h"

#include "check.h"

#include <string.h>

enum {
    HEADER = 5,   /* units: the writer, and four of ten bits each of the count */
    BASE = 0x800, /* added to every unit: there is no NUL and no surrogate among them */
};

size_t checked_text_make(uint16_t text[CHECKED_TEXT_CCH], unsigned writer, uint64_t count)
{
    uint64_t state = (count << 8 | writer) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    size_t length = HEADER + (size_t)(state >> 40) % (CHECKED_TEXT_CCH - HEADER);

    text[0] = (uint16_t)(BASE + writer);
    for (unsigned i = 0; i < 4; i++) {
        text[1 + i] = (uint16_t)(BASE + (count >> 10 * i & 0x3FF));
    }
    for (size_t i = HEADER; i < length; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        text[i] = (uint16_t)(BASE + (state >> 52));
    }
    text[length] = 0;
    return length;
}

bool checked_text_parse(const uint16_t *text, unsigned *writer, uint64_t *count)
{
    uint16_t expected[CHECKED_TEXT_CCH];
    *count = 0;
    for (size_t i = 0; i < HEADER; i++) {
        if (text[i] < BASE || text[i] >= BASE + 0x400) {
            return false;
        }
    }
    *writer = (unsigned)(text[0] - BASE);
    for (unsigned i = 0; i < 4; i++) {
        *count |= (uint64_t)(text[1 + i] - BASE) << 10 * i;
    }
    size_t length = checked_text_make(expected, *writer, *count);
    return memcmp(text, expected, (length + 1) * sizeof *text) == 0;
}

void checked_text_check(struct checked_text_log *log, const uint16_t *text)
{
    unsigned writer;
    uint64_t count;
    CHECK(checked_text_parse(text, &writer, &count));
    CHECK(writer < CHECKED_TEXT_WRITERS);
    CHECK(count + 1 >= log->next[writer]);
    log->next[writer] = count + 1;
    log->reads++;
}
