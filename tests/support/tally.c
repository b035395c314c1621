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

bool tally_is_over(void)
{
    return numbers[TALLY_OVER] != 0;
}

void tally_begin_round(void)
{
    InterlockedExchange64(&numbers[TALLY_RESTING], 0);
    InterlockedExchange64(&numbers[TALLY_HEALED], 0);
    InterlockedExchange64(&numbers[TALLY_OVER], 0);
}

void tally_end_round(unsigned resting)
{
    InterlockedExchange64(&numbers[TALLY_OVER], 1);
    while (numbers[TALLY_RESTING] < (LONGLONG)resting) {
        Sleep(1);
    }
}

void tally_rest(void)
{
    tally_add(TALLY_RESTING, 1);
    while (numbers[TALLY_HEALED] == 0) {
        Sleep(1);
    }
}

LONGLONG tally_get(enum tally_number number)
{
    return InterlockedCompareExchange64(&numbers[number], 0, 0);
}

double tally_get_milliseconds(enum tally_number number)
{
    return (double)tally_get(number) / 1000;
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
