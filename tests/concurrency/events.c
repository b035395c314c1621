/*
 * Events for loops that wait for several things: they are set by a change, however the loop waits,
 * and stay set until they are armed again.
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "shared_number.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <wchar.h>

#define NAME L"sharedmem-test-events"

enum {
    SOON_MS = 10000, /* for what has to come */
    REGIONS = 61,    /* for one wait, with the text's and another */
    CROWD = 100,     /* more events than there are entries */
};

static bool is_set(HANDLE event)
{
    DWORD result = WaitForSingleObject(event, 0);
    CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    return result == WAIT_OBJECT_0;
}

static HANDLE open_event(HSHAREDMEM region)
{
    SetLastError(0x1234);
    HANDLE event = OpenSharedMemEvent(region);
    CHECK(event != NULL && GetLastError() == 0x1234);
    CHECK(!is_set(event));
    return event;
}

/* Armed with the present version, it is not set; but a signal for an earlier one may be late. */
static void arm(HSHAREDMEM region, HANDLE event)
{
    for (int late = 0; late < 3; late++) {
        SetLastError(0x1234);
        CHECK(ArmSharedMemEvent(region, event, query(region).version));
        CHECK_EQUAL(GetLastError(), 0x1234);
        if (!is_set(event)) {
            return;
        }
    }
    CHECK(false);
}

static void close_event(HSHAREDMEM region, HANDLE event)
{
    SetLastError(0x1234);
    CHECK(CloseSharedMemEvent(region, event));
    CHECK_EQUAL(GetLastError(), 0x1234);
}

static void write_text(void)
{
    SetSharedMem(L"changed");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
}

/* Set by a change, and only then; until it is armed again, and no longer. */
static void an_event_has_a_level(HSHAREDMEM region)
{
    HSHAREDMEM writer = region == SHARED_MEM_TEXT ? region : shared_number_open(NAME);
    HANDLE event = open_event(region);
    for (int round = 0; round < 3; round++) {
        arm(region, event);
        writer == SHARED_MEM_TEXT ? write_text() : shared_number_write(writer, 1);
        CHECK(is_set(event));
        writer == SHARED_MEM_TEXT ? write_text() : shared_number_write(writer, 2);
        CHECK(is_set(event) && is_set(event));
    }
    ULONGLONG version = query(region).version;
    arm(region, event);
    CHECK(ArmSharedMemEvent(region, event, version - 1) && is_set(event));
    arm(region, event);
    CHECK(ArmSharedMemEvent(region, event, version + 1) && is_set(event));
    arm(region, event);
    close_event(region, event);
    CHECK(writer == SHARED_MEM_TEXT || CloseSharedMem(writer));
}

/* What the caller gets is for waiting. */
static void a_caller_can_only_wait(void)
{
    HSHAREDMEM region = shared_number_open(NAME);
    HANDLE event = open_event(region);
    CHECK(!SetEvent(event));
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK(!ResetEvent(event));
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    close_event(region, event);
    CHECK(CloseSharedMem(region));
}

/* Regions, the text, a second event of a region and something else, all in one wait. */
static void many_are_waited_for_at_once(void)
{
    HSHAREDMEM regions[MAXIMUM_WAIT_OBJECTS];
    HANDLE events[MAXIMUM_WAIT_OBJECTS];
    for (int i = 0; i < REGIONS; i++) {
        WCHAR name[64];
        swprintf(name, ARRAYSIZE(name), NAME L"-%d", i);
        regions[i] = shared_number_open(name);
        events[i] = open_event(regions[i]);
    }
    regions[REGIONS] = SHARED_MEM_TEXT;
    events[REGIONS] = open_event(SHARED_MEM_TEXT);
    regions[REGIONS + 1] = regions[7];
    events[REGIONS + 1] = open_event(regions[7]);
    events[REGIONS + 2] = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (int i = 0; i < REGIONS + 2; i++) {
        arm(regions[i], events[i]);
    }
    for (DWORD i = 0; i <= REGIONS; i++) {
        i == REGIONS ? write_text() : shared_number_write(regions[i], i);
        DWORD first = WaitForMultipleObjects(REGIONS + 3, events, FALSE, SOON_MS) - WAIT_OBJECT_0;
        CHECK_EQUAL(first, i);
        CHECK_EQUAL(is_set(events[REGIONS + 1]), regions[i] == regions[7]);
        arm(regions[i], events[i]);
        arm(regions[7], events[REGIONS + 1]);
    }
    CHECK(SetEvent(events[REGIONS + 2]));
    CHECK_EQUAL(WaitForMultipleObjects(REGIONS + 3, events, FALSE, SOON_MS),
                WAIT_OBJECT_0 + REGIONS + 2);
    CloseHandle(events[REGIONS + 2]);
    close_event(SHARED_MEM_TEXT, events[REGIONS]);
    for (int i = 0; i < REGIONS; i++) {
        close_event(regions[i], events[i]); /* and closing the region closes the other */
        CHECK(CloseSharedMem(regions[i]));
    }
}

/* A writer, beside a loop that shows what it wrote and handles its thread's messages. */

struct beside {
    DWORD loop; /* thread */
    HSHAREDMEM region;
};

static void write_and_post(void *argument)
{
    struct beside *beside = argument;
    for (ULONGLONG number = 1; number <= 50; number++) {
        thread_sleep(2);
        shared_number_write(beside->region, number);
        CHECK(PostThreadMessageW(beside->loop, WM_APP, (WPARAM)number, 0));
    }
    CHECK(PostThreadMessageW(beside->loop, WM_QUIT, 0, 0));
}

static bool handle_messages(WPARAM *last)
{
    MSG message;
    while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) {
        if (message.message == WM_QUIT) {
            return false;
        }
        CHECK(message.message == WM_APP && message.wParam == *last + 1);
        *last = message.wParam;
        DispatchMessageW(&message);
    }
    return true;
}

static void a_message_loop_sees_both(void)
{
    MSG message;
    struct beside beside = {.loop = GetCurrentThreadId(), .region = shared_number_open(NAME)};
    HANDLE event = open_event(beside.region);
    ULONGLONG version, number = 0;
    WPARAM last = 0;
    DWORD woken;
    unsigned changes = 0;
    shared_number_write(beside.region, 0);
    PeekMessageW(&message, NULL, 0, 0, PM_NOREMOVE); /* makes the thread's queue */
    shared_number_read(beside.region, &version);
    CHECK(ArmSharedMemEvent(beside.region, event, version));
    thread writer = thread_start(write_and_post, &beside);
    do {
        woken = MsgWaitForMultipleObjects(1, &event, FALSE, SOON_MS, QS_ALLINPUT);
        if (woken == WAIT_OBJECT_0) {
            ULONGLONG next = shared_number_read(beside.region, &version);
            CHECK(next >= number);
            changes += next > number;
            number = next;
            CHECK(ArmSharedMemEvent(beside.region, event, version));
        }
        CHECK(woken == WAIT_OBJECT_0 || woken == WAIT_OBJECT_0 + 1);
    } while (woken == WAIT_OBJECT_0 || handle_messages(&last));
    thread_join(writer);
    printf("%u changes of 50 seen between messages\n", changes);
    CHECK(last == 50 && changes > 0);
    CHECK(number == 50 || is_set(event));
    close_event(beside.region, event);
    CHECK(CloseSharedMem(beside.region));
}

/* A wait of the thread pool, registered for one change each time. */

static void CALLBACK tell(void *called, BOOLEAN timed_out)
{
    CHECK(!timed_out && SetEvent(called));
}

static void write_soon(void *region)
{
    shared_number_write(region, 1);
}

static void a_registered_wait_sees_each_change(void)
{
    HSHAREDMEM region = shared_number_open(NAME);
    HANDLE event = open_event(region), called = CreateEventW(NULL, FALSE, FALSE, NULL), wait;
    for (int round = 0; round < 100; round++) {
        arm(region, event);
        CHECK(
            RegisterWaitForSingleObject(&wait, event, tell, called, INFINITE, WT_EXECUTEONLYONCE));
        thread writer = thread_start(write_soon, region);
        CHECK_EQUAL(WaitForSingleObject(called, SOON_MS), WAIT_OBJECT_0);
        CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
        thread_join(writer);
        CHECK(WaitForSingleObject(called, 0) == WAIT_TIMEOUT && is_set(event));
    }
    CloseHandle(called);
    close_event(region, event);
    CHECK(CloseSharedMem(region));
}

/* Those beyond the 64 that have an entry are set, too. */
static void a_crowd_sees_every_change(void)
{
    HSHAREDMEM region = shared_number_open(NAME);
    HSHAREDMEM reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    HANDLE events[CROWD];
    CHECK(reader != NULL);
    for (int i = 0; i < CROWD; i++) {
        events[i] = open_event(i % 2 == 0 ? region : reader);
    }
    for (ULONGLONG round = 1; round <= 20; round++) {
        for (int i = 0; i < CROWD; i++) {
            arm(i % 2 == 0 ? region : reader, events[i]);
        }
        CHECK_EQUAL(query(region).waiters, 64);
        shared_number_write(region, round);
        for (int i = 0; i < CROWD; i++) {
            CHECK_EQUAL(WaitForSingleObject(events[i], SOON_MS), WAIT_OBJECT_0);
        }
    }
    for (int i = 0; i < CROWD; i++) {
        close_event(i % 2 == 0 ? region : reader, events[i]);
    }
    CHECK(CloseSharedMem(region) && CloseSharedMem(reader));
}

/* Handles are told apart, and closing leaves nothing behind, armed or not. */
static void closing_ends_an_event(void)
{
    HSHAREDMEM region = shared_number_open(NAME), other = shared_number_open(NAME);
    HANDLE event = open_event(region);
    CHECK(!ArmSharedMemEvent(other, event, 0)); /* the same region, but not the same handle */
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
    close_event(region, event);
    DWORD handles = process_open_handles();
    for (int i = 0; i < 300; i++) {
        event = open_event(region);
        arm(region, event);
        close_event(region, event);
        CHECK(!CloseSharedMemEvent(region, event));
        CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
        CHECK(!ArmSharedMemEvent(region, event, 0));
        CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
    }
    CHECK(process_open_handles() < handles + 20); /* threads of the pool have some */
    shared_number_write(region, 1);
    for (int i = 0; i < 300; i++) {
        HSHAREDMEM another = shared_number_open(NAME);
        for (int j = 0; j < 5; j++) {
            arm(another, open_event(another));
        }
        CHECK(CloseSharedMem(another));
        shared_number_write(region, 1);
    }
    CHECK(process_open_handles() < handles + 20);
    CHECK(CloseSharedMem(region) && CloseSharedMem(other));
}

int main(void)
{
    check_deadline(60);
    HSHAREDMEM region = shared_number_open(NAME);
    HSHAREDMEM reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(reader != NULL);
    an_event_has_a_level(region);
    an_event_has_a_level(reader);
    an_event_has_a_level(SHARED_MEM_TEXT);
    CHECK(CloseSharedMem(region) && CloseSharedMem(reader));
    a_caller_can_only_wait();
    many_are_waited_for_at_once();
    a_message_loop_sees_both();
    a_registered_wait_sees_each_change();
    a_crowd_sees_every_change();
    closing_ends_an_event();
    return check_passed();
}
