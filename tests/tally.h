/* Numbers that the processes of a test add up, in memory of their own that they share. */
#ifndef SHAREDMEM_TESTS_TALLY_H
#define SHAREDMEM_TESTS_TALLY_H

#include <windows.h>

enum tally_number {
    TALLY_READS,
    TALLY_WRITES,
    TALLY_WAKES,
    TALLY_TIME_OUTS,
    TALLY_OPENINGS,
    TALLY_LONGEST_READ_US,
    TALLY_LONGEST_WRITE_US,
    TALLY_LONGEST_WAKE_US,
    TALLY_NUMBERS
};

/* Opens the tally of that name, or makes one that is all zero. It stays open. */
void tally_open(const WCHAR *name);

void tally_add(enum tally_number number, LONGLONG more);
void tally_maximum(enum tally_number number, LONGLONG value);
LONGLONG tally_get(enum tally_number number);

#endif
