/* Time as it passes, finer than the ticks of the clock; natively as well as under Windows. */
#ifndef SHAREDMEM_TESTS_STOPWATCH_H
#define SHAREDMEM_TESTS_STOPWATCH_H

/* Differences of what this returns are ticks, which may be added up. */
long long stopwatch_start(void);
double stopwatch_nanoseconds(long long ticks);

/* Since a start. */
double stopwatch_milliseconds(long long start);

#endif
