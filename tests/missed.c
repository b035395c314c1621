/*
 * No moment to write is missed by a waiter: it is single-stepped into its sleep, again and again,
 * and at each instruction in turn there is a write, which ends its wait at once.
 */
#include "check.h"
#include "process.h"
#include "stopwatch.h"

#include "layout.h"
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

/* Waits, and writes when that has taken so many steps; FALSE if it did not come to that. */
static bool wait_and_write(ULONGLONG version, unsigned steps)
{
    start = stopwatch_start();
    steps_left = steps;
    __writeeflags(__readeflags() | TRAP_FLAG);
    BOOL changed = WaitSharedMem(region, version, WAIT_MS);
    bool was_asleep = steps_left > 0;
    steps_left = 0;
    if (was_asleep || written_at >= LATE_MS) { /* before its turn */
        return false;
    }
    CHECK(changed);
    return true;
}

static void a_write_at_any_instruction_is_seen(void)
{
    unsigned steps = 1, late = 0;
    ULONGLONG version;
    CHECK(WriteSharedMem(region, "v", 1, &version));
    while (steps < MOST_STEPS && wait_and_write(version, steps)) {
        late += stopwatch_milliseconds(start) >= written_at + LATE_MS;
        CHECK(late <= MOST_LATE);
        CHECK(WriteSharedMem(region, "v", 1, &version));
        steps++;
    }
    printf("%u instructions, %u late wake-ups\n", steps, late);
    CHECK(steps >= LEAST_STEPS);
}

/* The writer is to signal the entry that the waiter is taking: both want its event at once. */
static void an_event_is_made_by_one(void)
{
    HSHAREDMEM first = region;
    HANDLE mapping = OpenFileMappingW(FILE_MAP_WRITE, FALSE, NAME);
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(view != NULL);
    struct layout_control *control = (void *)(view + LAYOUT_MAX_SLOTS * LAYOUT_PAGE);
    DWORD handles = process_open_handles();
    for (unsigned steps = 20; steps < MOST_STEPS; steps += 20) {
        ULONGLONG version;
        CHECK(WriteSharedMem(first, "v", 1, &version));
        region = OpenSharedMem(NAME, 0, 0, NULL);
        CHECK(region != NULL);
        control->armed = 1;
        wait_and_write(version, steps);
        CHECK(CloseSharedMem(region));
        CHECK_EQUAL(process_open_handles(), handles);
    }
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    region = first;
}

int main(void)
{
    check_deadline(60);
    region = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(region != NULL && !WaitSharedMem(region, 0, 1)); /* which makes its event */
    CHECK(AddVectoredExceptionHandler(TRUE, take_a_step) != NULL);
    a_write_at_any_instruction_is_seen();
    an_event_is_made_by_one();
    CHECK(CloseSharedMem(region));
    return check_passed();
}
