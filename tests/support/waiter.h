/* A thread that waits for a region to change. */
#ifndef SHAREDMEM_TESTS_WAITER_H
#define SHAREDMEM_TESTS_WAITER_H

#include "sharedmem.h"

enum {
    WAKE_LATE_MS = 150, /* so late, it was no wake-up: a waiter looks by itself after 250 ms */
    WAKE_MOST_LATE = 3, /* of a test's rounds: the machine may have other things to do */
};

struct wait {
    HSHAREDMEM region;
    ULONGLONG version;
    BOOL changed; /* what WaitSharedMem returned */
};

/* For thread_start, with a struct wait: waits, for 10 seconds at most. */
void wait_for_change(void *wait);

#endif
