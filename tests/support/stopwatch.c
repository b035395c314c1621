#include "stopwatch.h"

LONGLONG stopwatch_start(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

double stopwatch_milliseconds(LONGLONG start)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return (double)(stopwatch_start() - start) * 1000 / (double)frequency.QuadPart;
}
