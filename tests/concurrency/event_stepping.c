/*
 * Arming, one instruction at a time: at each in turn there is a write, after which the event is
 * set; or a writer that came earlier takes the bit, and its signal is as good as the next one's; or
 * the thread is ended, which keeps no other from arming.
 */
#include "check.h"
#include "raw_section.h"
#include "stepping.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>

#define NAME L"sharedmem-test-event-stepping"

enum {
    LEAST_STEPS = 50,
    SOON_MS = 10000,
};

static HSHAREDMEM region;
static HANDLE event, signal; /* the same, to wait for and to set */
static struct layout_waiters *table;
static ULONGLONG version;
static unsigned act_at; /* the instruction */
static bool has_acted;

static void write(void *unused, unsigned step)
{
    (void)unused;
    if (step == act_at) {
        stepping_end();
        has_acted = true;
        CHECK(WriteSharedMem(region, "w", 1, NULL));
    }
}

static void signal_late(void *unused, unsigned step)
{
    (void)unused;
    if (step == act_at) {
        stepping_end();
        has_acted = true;
        if (table->armed != 0) {
            table->armed = 0;
            CHECK(SetEvent(signal));
        }
    }
}

static void end_thread(void *unused, unsigned step)
{
    (void)unused;
    if (step == act_at) {
        stepping_end();
        has_acted = true;
        TerminateThread(GetCurrentThread(), 0);
    }
}

/* Steps through arming for the present version; FALSE if it takes fewer steps. */
static bool arm_and_act(stepping_callback *act, unsigned step)
{
    CHECK(WriteSharedMem(region, "v", 1, &version));
    act_at = step;
    has_acted = false;
    stepping_begin(act, NULL);
    BOOL armed = ArmSharedMemEvent(region, event, version);
    stepping_end();
    CHECK(armed);
    return has_acted;
}

/* At once: the timer would set it, too, but later. */
static void a_write_at_any_instruction_sets_it(void)
{
    unsigned step = 1;
    while (arm_and_act(write, step)) {
        CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
        step++;
    }
    printf("%u instructions\n", step - 1);
    CHECK(step > LEAST_STEPS);
}

static void a_late_signal_is_not_lost(void)
{
    unsigned step = 1;
    while (arm_and_act(signal_late, step)) {
        CHECK(WriteSharedMem(region, "w", 1, NULL));
        CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
        step++;
    }
    CHECK(step > LEAST_STEPS);
}

static DWORD WINAPI arm_and_end(void *unused)
{
    (void)unused;
    arm_and_act(end_thread, act_at);
    return 0;
}

static void no_thread_blocks_others(void)
{
    act_at = 1;
    do {
        HANDLE ended =
            CreateThread(NULL, 65536, arm_and_end, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        CHECK(ended != NULL && WaitForSingleObject(ended, SOON_MS) == WAIT_OBJECT_0);
        CloseHandle(ended);
        CHECK(ArmSharedMemEvent(region, event, version));
        CHECK(WriteSharedMem(region, "w", 1, NULL));
        CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
        act_at++;
    } while (has_acted);
    CHECK(act_at > LEAST_STEPS);
}

int main(int argc, char **argv)
{
    if (!stepping_works(argc, argv)) {
        return stepping_skip();
    }
    check_deadline(60);
    region = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(region != NULL);
    event = OpenSharedMemEvent(region);
    signal = OpenEventW(EVENT_MODIFY_STATE, FALSE, NAME L".event.00");
    CHECK(event != NULL && signal != NULL);
    struct raw_section notify = raw_section_open_notify(NAME);
    table = raw_section_waiters(&notify);
    a_write_at_any_instruction_sets_it();
    a_late_signal_is_not_lost();
    no_thread_blocks_others();
    CHECK(CloseSharedMemEvent(region, event));
    CHECK(CloseSharedMem(region));
    return check_passed();
}
