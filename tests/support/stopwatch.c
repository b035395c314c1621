#define _POSIX_C_SOURCE 200809L

#include "stopwatch.h"

#ifdef _WIN32

#include <windows.h>

long long stopwatch_start(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

double stopwatch_nanoseconds(long long ticks)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return (double)ticks * 1e9 / (double)frequency.QuadPart;
}

#else

#include <time.h>

long long stopwatch_start(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

double stopwatch_nanoseconds(long long ticks)
{
    return (double)ticks;
}

#endif

double stopwatch_milliseconds(long long start)
{
    return stopwatch_nanoseconds(stopwatch_start() - start) / 1e6;
}
