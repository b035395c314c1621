/*
 * What the processes of one test add up together, and the rounds in which they do it: the test's
 * process begins and ends a round, those that it started work until then.
 */
#ifndef SHAREDMEM_TESTS_TALLY_H
#define SHAREDMEM_TESTS_TALLY_H

#include <stdbool.h>
#include <windows.h>

enum tally_number {
    TALLY_OVER,    /* not 0: the round has ended */
    TALLY_RESTING, /* processes that have noticed */
    TALLY_HEALED,  /* not 0: the region is whole again */
    TALLY_READS,
    TALLY_WRITES,
    TALLY_WAITS,
    TALLY_OPENINGS,
    TALLY_KILLED_THREADS,
    TALLY_DIED_INSIDE, /* threads that were killed while they had the lock */
    TALLY_TIME_OUTS,
    TALLY_LONGEST_READ_US,
    TALLY_LONGEST_WRITE_US,
    TALLY_LONGEST_WAIT_US,
    TALLY_NUMBERS
};

/* Opens the tally of that name. The first process to open it creates it, with all numbers 0. */
void tally_open(const WCHAR *name);

/* Begins a round, and ends it: waits until so many processes rest. */
void tally_begin_round(void);
void tally_end_round(unsigned resting);

bool tally_is_over(void);

/* Rests after the end of a round, until TALLY_HEALED is set. */
void tally_rest(void);

void tally_add(enum tally_number number, LONGLONG more);
void tally_maximum(enum tally_number number, LONGLONG value);
LONGLONG tally_get(enum tally_number number);

/* The same in milliseconds, of a number in microseconds. */
double tally_get_milliseconds(enum tally_number number);

#endif
