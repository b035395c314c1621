/* Time as it passes, finer than the ticks of the clock. */
#ifndef SHAREDMEM_TESTS_STOPWATCH_H
#define SHAREDMEM_TESTS_STOPWATCH_H

#include <windows.h>

LONGLONG stopwatch_start(void);
double stopwatch_milliseconds(LONGLONG start);

#endif
