/*
 * No moment to write is missed by a waiter: it is single-stepped into its sleep, again and again,
 * and at each instruction in turn there is a write, which ends its wait at once.
 */
#include "check.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <intrin.h>
#include <stdio.h>

#define NAME L"sharedmem-test-missed"
#define TRAP_FLAG 0x100u
#define LATE_MS 150.0 /* who was not woken looks 250 ms after it began to wait */

enum {
    MOST_LATE = 3,    /* the machine may have other things to do */
    WAIT_MS = 300,    /* of a waiter that has come to sleep before its turn */
    MOST_STEPS = 900, /* so many do, whatever system calls are made of */
    LEAST_STEPS = 50,
};

static HSHAREDMEM region;
static volatile unsigned steps_left; /* until the write */
static double written_at;
static LONGLONG start;

static LONG CALLBACK take_a_step(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    if (steps_left > 0 && --steps_left == 0) {
        written_at = stopwatch_milliseconds(start);
        CHECK(WriteSharedMem(region, "w", 1, NULL));
    } else if (steps_left > 0) {
        pointers->ContextRecord->EFlags |= TRAP_FLAG;
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
    check_deadline(60);
    ULONGLONG version;
    unsigned steps, late = 0;
    region = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(region != NULL && !WaitSharedMem(region, 0, 1)); /* which makes its event */
    CHECK(AddVectoredExceptionHandler(TRUE, take_a_step) != NULL);

    for (steps = 1; steps < MOST_STEPS; steps++) {
        CHECK(WriteSharedMem(region, "v", 1, &version));
        start = stopwatch_start();
        steps_left = steps;
        __writeeflags(__readeflags() | TRAP_FLAG);
        BOOL changed = WaitSharedMem(region, version, WAIT_MS);
        bool was_asleep = steps_left > 0;
        steps_left = 0;
        double waited = stopwatch_milliseconds(start);
        if (was_asleep || written_at >= LATE_MS) { /* before its turn */
            break;
        }
        CHECK(changed);
        late += waited >= written_at + LATE_MS;
        CHECK(late <= MOST_LATE);
    }
    printf("%u instructions, %u late wake-ups\n", steps, late);
    CHECK(steps >= LEAST_STEPS);
    CHECK(CloseSharedMem(region));
    return check_passed();
}
