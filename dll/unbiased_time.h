/* The time for time-outs. It stands still while the system sleeps or hibernates. */
#ifndef SHAREDMEM_UNBIASED_TIME_H
#define SHAREDMEM_UNBIASED_TIME_H

#include <stdint.h>
#include <windows.h>

/* Milliseconds since the system started, as of the last tick of its clock. */
static inline uint64_t unbiased_time(void)
{
    ULONGLONG hundred_nanoseconds = 0;
    QueryUnbiasedInterruptTime(&hundred_nanoseconds);
    return hundred_nanoseconds / 10000;
}

#endif
