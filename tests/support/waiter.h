/* A thread that waits for a region to change. */
#ifndef SHAREDMEM_TESTS_WAITER_H
#define SHAREDMEM_TESTS_WAITER_H

#include "sharedmem.h"

struct wait {
    HSHAREDMEM region;
    ULONGLONG version;
    BOOL changed; /* what WaitSharedMem returned */
};

/* For thread_start, with a struct wait: waits, for 10 seconds at most. */
void wait_for_change(void *wait);

#endif
