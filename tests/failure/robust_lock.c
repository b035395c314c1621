/*
 * The writer lock against owners of every kind: a dead one is succeeded at once, a living one is
 * waited for, but not for ever, and readers never wait.
 */
#include "check.h"
#include "lock_owner.h"
#include "raw_section.h"
#include "stopwatch.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LARGE_NAME L"sharedmem-test-robust-lock"

enum {
    AT_ONCE_MS = 1000, /* far from the time-out, whatever else the machine is doing */
    TIMEOUT_MS = 5000,
    HEIR_MS = 5,      /* at least; an heir keeps others waiting for 10, by a clock that ticks */
    LARGE = 16 << 20, /* bytes, whose writing takes a while */
};

static struct layout_control *control;

static bool has_text(const WCHAR *expected)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    return wcscmp(text, expected) == 0;
}

static void write_at_once(void)
{
    ULONGLONG start = GetTickCount64();
    SetSharedMem(L"successor");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(GetTickCount64() - start < AT_ONCE_MS);
    CHECK(has_text(L"successor"));
    CHECK_EQUAL(control->lock.owner, 0);
}

/* A write succeeds at once although `owner` stands in the lock. */
static void owner_is_succeeded(uint64_t owner)
{
    control->lock.owner = owner;
    write_at_once();
}

/* A write gives up in due time, and nothing has changed. */
static void owner_is_respected(void)
{
    WCHAR before[SHARED_MEM_TEXT_CCH];
    uint64_t owner = control->lock.owner;
    GetSharedMem(before, SHARED_MEM_TEXT_CCH);

    ULONGLONG start = GetTickCount64();
    SetSharedMem(L"intruder");
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(GetTickCount64() - start >= TIMEOUT_MS - 20); /* the clock ticks every 16 ms */
    CHECK(control->lock.owner == owner);
    CHECK_EQUAL(control->lock.claims, 0);
    CHECK(has_text(before));
}

static void the_dead_are_succeeded(void)
{
    uint64_t identity;
    HANDLE sleeper = lock_owner_start(NULL, &identity);

    owner_is_succeeded(LOCK_OWNER_DEAD);
    owner_is_succeeded(UINT64_MAX);
    owner_is_succeeded(1);
    owner_is_succeeded(identity ^
                       UINT64_C(0x0000000100000000)); /* its id, but another thread's time */
    owner_is_succeeded((DWORD)identity);              /* no thread's time is 0 */
    owner_is_succeeded(
        lock_owner_token(GetCurrentThread())); /* an earlier call of ours was cut off */

    lock_owner_end(sleeper);
    owner_is_succeeded(identity); /* ended, though its handle keeps it known */
    CloseHandle(sleeper);
    owner_is_succeeded(identity);
}

static void see_a_claim(void *unused)
{
    (void)unused;
    ULONGLONG start = GetTickCount64();
    while (*(volatile uint64_t *)&control->lock.claims != 1) {
        CHECK(GetTickCount64() - start < TIMEOUT_MS / 2);
        Sleep(1);
    }
}

/* A writer that waits for long, and cannot become the heir, claims the lock until it gives up. */
static void the_living_are_respected(void)
{
    HANDLE sleeper = lock_owner_start(NULL, &control->lock.owner);
    control->lock.heir = control->lock.owner;
    thread watcher = thread_start(see_a_claim, NULL);
    owner_is_respected();
    thread_join(watcher);
    control->lock.heir = 0;
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
    owner_is_succeeded(control->lock.owner);
}

static void write_in_the_end(void *token)
{
    *(volatile uint64_t *)token = lock_owner_token(GetCurrentThread());
    SetSharedMem(L"heir");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
}

/* Of a lock that one owner keeps; when it is released, no other gets it. */
static void the_first_contender_becomes_the_heir(void)
{
    uint64_t token = 0;
    HANDLE sleeper = lock_owner_start(NULL, &control->lock.owner);
    thread contender = thread_start(write_in_the_end, &token);
    ULONGLONG start = GetTickCount64();
    while (*(volatile uint64_t *)&control->lock.heir == 0 ||
           control->lock.heir != *(volatile uint64_t *)&token) {
        CHECK(GetTickCount64() - start < TIMEOUT_MS / 2);
        Sleep(1);
    }
    control->lock.owner = 0;
    thread_join(contender);
    CHECK(has_text(L"heir") && control->lock.heir == 0);
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
}

/*
 * The owner is dead, and its id went to a thread that this process may not query: its creation time
 * would tell, and is not to be had.
 */
static void the_unknown_are_respected(void)
{
    uint64_t identity;
    HANDLE sleeper = lock_owner_start(L"D:", &identity);
    control->lock.owner = identity ^ UINT64_C(0x0000000100000000);
    owner_is_respected();
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
    owner_is_succeeded(control->lock.owner);
}

/* The heir is dead, suspended, or never was a contender: others wait for it a moment only. */
static void an_heir_that_does_not_come_is_passed_over(void)
{
    uint64_t living;
    HANDLE sleeper = lock_owner_start(NULL, &living);
    const uint64_t heirs[] = {living, LOCK_OWNER_DEAD, UINT64_MAX, 1};
    for (size_t i = 0; i < ARRAYSIZE(heirs); i++) {
        control->lock.heir = heirs[i];
        control->lock.turn = heirs[i];
        LONGLONG start = stopwatch_start();
        write_at_once();
        CHECK(stopwatch_milliseconds(start) > HEIR_MS);
        CHECK_EQUAL(control->lock.heir, 0);
    }
    raw_section_occupy(&control->contenders, LAYOUT_MAX_WAITERS, living);
    control->contenders.armed = UINT64_MAX;
    for (unsigned entry = 0; entry <= LAYOUT_MAX_WAITERS; entry++) {
        write_at_once(); /* each wakes one of them */
    }
    CHECK_EQUAL(control->contenders.armed, 0);
    CHECK_EQUAL(control->lock.heir, 0);
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
    raw_section_occupy(&control->contenders, 0, 0);
}

static HANDLE create_event(const WCHAR *name)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, name);
    CHECK(event != NULL);
    return event;
}

/* Contenders are woken in a circle, each by an event of its own, and only once. */
static void contenders_are_woken_in_turn(void)
{
    uint64_t living;
    HANDLE sleeper = lock_owner_start(NULL, &living);
    HANDLE events[] = {create_event(SHARED_MEM_TEXT_NAME L".writer.05"),
                       create_event(SHARED_MEM_TEXT_NAME L".writer.60")};
    control->contenders.owner[5] = control->contenders.owner[60] = living;
    control->lock.turn = 5;
    for (int round = 0; round < 4; round++) {
        control->contenders.armed = UINT64_C(1) << 5 | UINT64_C(1) << 60;
        write_at_once();
        CHECK_EQUAL(control->lock.heir, 0);
        CHECK_EQUAL(control->lock.turn, round % 2 == 0 ? 60 : 5);
        CHECK(control->contenders.armed == UINT64_C(1) << (round % 2 == 0 ? 5 : 60));
        CHECK_EQUAL(WaitForSingleObject(events[1 - round % 2], 0), WAIT_OBJECT_0);
        CHECK_EQUAL(WaitForSingleObject(events[round % 2], 0), WAIT_TIMEOUT);
    }
    memset(&control->contenders, 0, sizeof control->contenders);
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
    CloseHandle(events[0]);
    CloseHandle(events[1]);
}

/* An owner appoints one that claims, in a circle, and drops a claim whose entry is free. */
static void claims_are_served_in_turn(void)
{
    const uint64_t free = UINT64_C(1) << 9, five = UINT64_C(1) << 5, sixty = UINT64_C(1) << 60;
    uint64_t living[2];
    HANDLE sleepers[] = {lock_owner_start(NULL, &living[0]), lock_owner_start(NULL, &living[1])};
    control->contenders.owner[5] = living[0];
    control->contenders.owner[60] = living[1];
    control->lock.claims = free | five | sixty;
    control->lock.served = 64 + 5; /* as 5 */
    write_at_once();
    CHECK(control->lock.heir == living[1]);
    CHECK(control->lock.claims == (free | five));
    write_at_once(); /* passes over the heir, which does not come */
    CHECK(control->lock.heir == living[0]);
    CHECK(control->lock.claims == free);
    CHECK_EQUAL(control->lock.served, 5);
    write_at_once();
    CHECK_EQUAL(control->lock.heir, 0);
    CHECK_EQUAL(control->lock.claims, 0);
    memset(&control->contenders, 0, sizeof control->contenders);
    for (size_t i = 0; i < ARRAYSIZE(sleepers); i++) {
        lock_owner_end(sleepers[i]);
        CloseHandle(sleepers[i]);
    }
}

static volatile LONG over;

static void write_large_values(void *region)
{
    void *value = calloc(LARGE, 1);
    CHECK(value != NULL);
    while (!over) {
        CHECK(WriteSharedMem(region, value, LARGE, NULL));
    }
    free(value);
}

/* The owner wakes a thread that becomes the heir while it has the lock. */
static void the_heir_is_woken(void)
{
    HSHAREDMEM region = OpenSharedMem(LARGE_NAME, LARGE, 0, NULL);
    CHECK(region != NULL);
    struct raw_section section = raw_section_open(LARGE_NAME, FILE_MAP_WRITE);
    struct layout_control *large = raw_section_control(&section);
    uint64_t living;
    HANDLE sleeper = lock_owner_start(NULL, &living);
    HANDLE event = create_event(LARGE_NAME L".writer.07");
    large->contenders.owner[7] = living;
    thread writer = thread_start(write_large_values, region);
    ULONGLONG start = GetTickCount64();
    do {
        CHECK(GetTickCount64() - start < TIMEOUT_MS);
        *(volatile uint64_t *)&large->lock.heir = living;
    } while (WaitForSingleObject(event, 1) != WAIT_OBJECT_0);
    over = 1;
    thread_join(writer);
    lock_owner_end(sleeper);
    CloseHandle(sleeper);
    CloseHandle(event);
    raw_section_close(&section);
    CHECK(CloseSharedMem(region));
}

int main(void)
{
    check_deadline(60);
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    control = raw_section_control(&section);
    the_dead_are_succeeded();
    the_living_are_respected();
    the_unknown_are_respected();
    contenders_are_woken_in_turn();
    the_first_contender_becomes_the_heir();
    an_heir_that_does_not_come_is_passed_over();
    claims_are_served_in_turn();
    the_heir_is_woken();
    return check_passed();
}
