#include "tally.h"

#include "check.h"

static volatile LONGLONG *numbers;

void tally_open(const WCHAR *name)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        TALLY_NUMBERS * sizeof *numbers, name);
    CHECK(mapping != NULL);
    numbers = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(numbers != NULL);
}

LONGLONG tally_get(enum tally_number number)
{
    return InterlockedCompareExchange64(&numbers[number], 0, 0);
}

void tally_add(enum tally_number number, LONGLONG more)
{
    LONGLONG seen;
    do {
        seen = tally_get(number);
    } while (InterlockedCompareExchange64(&numbers[number], seen + more, seen) != seen);
}

void tally_maximum(enum tally_number number, LONGLONG value)
{
    LONGLONG seen;
    do {
        seen = tally_get(number);
    } while (seen < value && InterlockedCompareExchange64(&numbers[number], value, seen) != seen);
}
