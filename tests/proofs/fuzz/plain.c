#include "plain.h"

uint16_t plain_unit(const void *text, size_t at)
{
    const uint8_t *bytes = text;
    return (uint16_t)(bytes[2 * at] | bytes[2 * at + 1] << 8);
}

size_t plain_measure(const void *text, size_t limit)
{
    size_t cch = 0;
    while (cch < limit && plain_unit(text, cch) != 0) {
        cch++;
    }
    return cch;
}

static bool is_between(uint16_t unit, uint16_t first, uint16_t last)
{
    return first <= unit && unit <= last;
}

size_t plain_fit(const void *text, size_t room, bool *whole)
{
    size_t cch = plain_measure(text, room);
    *whole = cch < room;
    if (*whole) {
        return cch;
    }
    cch = room - 1; /* the terminator takes one */
    if (cch > 0 && is_between(plain_unit(text, cch - 1), 0xD800, 0xDBFF) &&
        is_between(plain_unit(text, cch), 0xDC00, 0xDFFF)) {
        cch--;
    }
    return cch;
}
