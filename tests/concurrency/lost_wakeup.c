/*
 * No moment to write is missed by a waiter: it is single-stepped into its sleep, again and again,
 * and at each instruction in turn there is a write, which ends its wait at once.
 */
#include "check.h"
#include "process.h"
#include "raw_section.h"
#include "stepping.h"
#include "stopwatch.h"
#include "waiter.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>

#define NAME L"sharedmem-test-lost-wakeup"

enum {
    WAIT_MS = 300,    /* of a waiter that has come to sleep before its turn */
    MOST_STEPS = 900, /* so many do, whatever system calls are made of */
    LEAST_STEPS = 50,
};

static HSHAREDMEM region;
static unsigned write_at; /* the instruction */
static bool has_written;
static double written_at; /* ms */
static LONGLONG start;

static void take_a_step(void *unused, unsigned step)
{
    (void)unused;
    if (step == write_at) {
        stepping_end();
        has_written = true;
        written_at = stopwatch_milliseconds(start);
        CHECK(WriteSharedMem(region, "w", 1, NULL));
    }
}

/* Waits, and writes when that has taken so many steps; FALSE if it did not come to that. */
static bool wait_and_write(ULONGLONG version, unsigned steps)
{
    write_at = steps;
    has_written = false;
    start = stopwatch_start();
    stepping_begin(take_a_step, NULL);
    BOOL changed = WaitSharedMem(region, version, WAIT_MS);
    stepping_end();
    if (!has_written || written_at >= WAKE_LATE_MS) { /* it was asleep before its turn */
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
        late += stopwatch_milliseconds(start) >= written_at + WAKE_LATE_MS;
        CHECK(late <= WAKE_MOST_LATE);
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
    struct raw_section notify = raw_section_open_notify(NAME);
    DWORD handles = process_open_handles();
    for (unsigned steps = 20; steps < MOST_STEPS; steps += 20) {
        ULONGLONG version;
        CHECK(WriteSharedMem(first, "v", 1, &version));
        region = OpenSharedMem(NAME, 0, 0, NULL);
        CHECK(region != NULL);
        raw_section_waiters(&notify)->armed = 1;
        wait_and_write(version, steps);
        CHECK(CloseSharedMem(region));
        CHECK_EQUAL(process_open_handles(), handles);
    }
    raw_section_close(&notify);
    region = first;
}

int main(int argc, char **argv)
{
    if (!stepping_works(argc, argv)) {
        return stepping_skip();
    }
    check_deadline(60);
    region = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(region != NULL && !WaitSharedMem(region, 0, 1)); /* which makes its event */
    a_write_at_any_instruction_is_seen();
    an_event_is_made_by_one();
    CHECK(CloseSharedMem(region));
    return check_passed();
}
