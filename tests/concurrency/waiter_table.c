/*
 * The table of waiters, entry by entry: which thread takes one, which counts as waiting, and that
 * such a thread is woken at once. Others are played by hand, in the notify section.
 */
#include "check.h"
#include "lock_owner.h"
#include "process.h"
#include "query.h"
#include "raw_section.h"
#include "stopwatch.h"
#include "thread.h"
#include "waiter.h"

#include "layout.h"
#include "sharedmem.h"

#define NAME L"sharedmem-test-waiter-table"

enum {
    ROUNDS = 10,
    PAUSE_MS = 20,    /* enough to begin to wait, mostly, */
    PAUSES = 100,     /* and so many nearly always */
    UNARMED_MS = 500, /* twice what makes an entry that is not armed free */
};

static HSHAREDMEM region, read_only;
static struct layout_control *control;
static struct layout_waiters *table;

static void time_out(HSHAREDMEM waiting)
{
    CHECK(!WaitSharedMem(waiting, query(region).version, 10));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
}

static void check_occupied(unsigned count, uint64_t owner)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        CHECK(table->owner[entry] == (entry < count ? owner : 0));
    }
}

/* Waits until there is a waiter that shows as these bits; says whether there is. */
static bool is_armed(uint64_t bits)
{
    const volatile uint64_t *armed = &table->armed;
    Sleep(PAUSE_MS);
    for (int i = 0; i < PAUSES && *armed != bits; i++) {
        Sleep(PAUSE_MS);
    }
    CHECK(*armed == bits || *armed == 0);
    return *armed == bits;
}

/*
 * A waiter is seen to wait, in the table as these bits, and is woken by a write at once. A signal
 * for no waiter in particular comes first if there is an `alarm`: it keeps no waiter from waiting
 * on.
 */
static void waiters_are_woken(HSHAREDMEM waiting, uint64_t bits, HANDLE alarm)
{
    unsigned unseen = 0, late = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct wait wait = {.region = waiting, .version = query(region).version};
        thread waiter = thread_start(wait_for_change, &wait);
        bool waits = is_armed(bits);
        if (alarm != NULL) {
            table->armed = 0; /* as the writer does that signals */
            CHECK(SetEvent(alarm));
            waits = is_armed(bits);
        }
        unseen += !waits;

        LONGLONG start = stopwatch_start();
        CHECK(WriteSharedMem(region, &round, sizeof round, NULL));
        thread_join(waiter);
        late += stopwatch_milliseconds(start) >= WAKE_LATE_MS;
        CHECK(wait.changed);
        CHECK(unseen <= WAKE_MOST_LATE && late <= WAKE_MOST_LATE);
        CHECK_EQUAL(table->armed, 0);
    }
}

static void every_waiter_is_woken(void)
{
    waiters_are_woken(region, 1, NULL);
    waiters_are_woken(read_only, 1, NULL);
    check_occupied(0, 0);

    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, NAME L".waiter.00");
    CHECK(event != NULL);
    waiters_are_woken(region, 1, event);
    CloseHandle(event);
}

/* With all 64 armed, there is none to take; the waiter polls. */
static void armed_entries_of_the_living_are_kept(uint64_t owner)
{
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, owner);
    table->armed = UINT64_MAX;
    time_out(region);
    check_occupied(LAYOUT_MAX_WAITERS, owner);
    CHECK(table->armed == UINT64_MAX);
    table->armed = 0;
}

static void expect_event(const WCHAR *name)
{
    HANDLE event = OpenEventW(SYNCHRONIZE, FALSE, name);
    CHECK(event != NULL);
    CloseHandle(event);
}

/* Entries that are taken although there is another one: none. */
static void entries_of_the_living_are_kept(uint64_t owner)
{
    raw_section_occupy(table, 12, owner);
    waiters_are_woken(region, UINT64_C(1) << 12, NULL);
    check_occupied(12, owner);
    expect_event(NAME L".waiter.12");
    raw_section_occupy(table, LAYOUT_MAX_WAITERS - 1, owner);
    waiters_are_woken(region, UINT64_C(1) << (LAYOUT_MAX_WAITERS - 1), NULL);
    expect_event(NAME L".waiter.63");
    check_occupied(LAYOUT_MAX_WAITERS - 1, owner);
}

/* A table full of a thread that does not wait keeps no waiter from being woken. */
static void entries_that_are_not_armed_are_taken(uint64_t owner)
{
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, owner);
    waiters_are_woken(region, 1, NULL);
    CHECK_EQUAL(table->owner[0], 0);
    CHECK(table->owner[1] == owner);

    raw_section_occupy(table, LAYOUT_MAX_WAITERS, owner);
    table->armed = ~(UINT64_C(1) << 63);
    CHECK(!WaitSharedMem(region, query(region).version, 100)); /* it may be about to arm */
    CHECK(table->owner[63] == owner);
    CHECK(!WaitSharedMem(region, query(region).version, 1000));
    CHECK_EQUAL(table->owner[63], 0);
    CHECK(table->armed == ~(UINT64_C(1) << 63));
    CHECK(WriteSharedMem(region, "w", 1, NULL)); /* after which no entry is armed */
    waiters_are_woken(region, UINT64_C(1) << 63, NULL);
}

/* Starts a waiter that finds all entries armed, and is polling by the return. */
static thread start_without_entry(struct wait *wait, uint64_t owner)
{
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, owner);
    table->armed = UINT64_MAX;
    *wait = (struct wait){.region = region, .version = query(region).version};
    thread waiter = thread_start(wait_for_change, wait);
    Sleep(5 * PAUSE_MS);
    return waiter;
}

static void end_by_a_write(thread waiter, const struct wait *wait)
{
    CHECK(WriteSharedMem(region, "w", 1, NULL));
    thread_join(waiter);
    CHECK(wait->changed);
}

/* Threads that wait again and again are not armed for a moment. */
static void entries_that_were_armed_are_kept(uint64_t owner)
{
    struct wait wait;
    thread waiter = start_without_entry(&wait, owner);
    table->armed = 0;
    Sleep(5 * PAUSE_MS);
    table->armed = UINT64_MAX;
    Sleep(UNARMED_MS);
    check_occupied(LAYOUT_MAX_WAITERS, owner);
    end_by_a_write(waiter, &wait);
}

static void an_entry_is_taken_as_soon_as_it_is_free(uint64_t owner)
{
    struct wait wait;
    thread waiter = start_without_entry(&wait, owner);
    table->armed = 0;
    table->owner[40] = 0;
    CHECK(is_armed(UINT64_C(1) << 40));
    end_by_a_write(waiter, &wait);
}

/* A waiter that loses its entry neither frees it nor clears a bit that is no longer its own. */
static void a_lost_entry_is_left_alone(uint64_t owner)
{
    raw_section_occupy(table, 0, 0);
    struct wait wait = {.region = region, .version = query(region).version};
    thread waiter = thread_start(wait_for_change, &wait);
    CHECK(is_armed(1));
    table->owner[0] = owner;
    control->sequence++; /* as if the writer had been killed before it woke the waiter */
    thread_join(waiter);
    CHECK(wait.changed);
    CHECK(table->owner[0] == owner);
    CHECK_EQUAL(table->armed, 1);
    table->armed = 0;
}

static void the_living_and_their_entries(void)
{
    uint64_t plain, secret;
    HANDLE threads[] = {lock_owner_start(NULL, &plain), lock_owner_start(L"D:", &secret)};
    CHECK(OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)secret) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);

    armed_entries_of_the_living_are_kept(plain);
    armed_entries_of_the_living_are_kept(secret);
    entries_of_the_living_are_kept(plain);
    entries_of_the_living_are_kept(secret);
    entries_that_are_not_armed_are_taken(plain);
    entries_that_are_not_armed_are_taken(secret);
    entries_that_were_armed_are_kept(plain);
    an_entry_is_taken_as_soon_as_it_is_free(plain);
    a_lost_entry_is_left_alone(plain);
    for (int i = 0; i < 2; i++) {
        lock_owner_end(threads[i]);
        CloseHandle(threads[i]);
    }
    raw_section_occupy(table, 0, 0);
}

/* A write takes all bits; a waiter that ends clears its own only. */
static void bits_are_taken_by_the_right_thread(void)
{
    const uint64_t others = UINT64_C(1) << 40 | UINT64_C(1) << 63;
    table->armed = others; /* waiters that were killed */
    time_out(region);
    CHECK(table->armed == others);
    CHECK_EQUAL(query(region).waiters, 2);
    CHECK(WriteSharedMem(region, "w", 1, NULL));
    CHECK_EQUAL(table->armed, 0);
}

/* The writer was killed between publishing and signalling. */
static void a_waiter_looks_by_itself(void)
{
    struct wait wait = {.region = region, .version = query(region).version};
    thread waiter = thread_start(wait_for_change, &wait);
    Sleep(PAUSE_MS);
    LONGLONG start = stopwatch_start();
    control->sequence++;
    thread_join(waiter);
    CHECK(wait.changed);
    CHECK(stopwatch_milliseconds(start) < 2000);
}

static void any_other_version_is_a_change(void)
{
    ULONGLONG version = query(region).version;
    CHECK(WaitSharedMem(region, version - 1, 1000));
    CHECK(WaitSharedMem(region, version + 1, 1000));
    CHECK(WaitSharedMem(read_only, version + 1, 0));
}

static double processor_milliseconds(void)
{
    FILETIME creation, exit, kernel, user;
    CHECK(GetThreadTimes(GetCurrentThread(), &creation, &exit, &kernel, &user));
    return (double)(kernel.dwLowDateTime + user.dwLowDateTime) / 10000;
}

/* With an event to wait for, and without one, as for a handle that may only read. */
static void waiting_takes_no_processor_time(void)
{
    enum { IDLE_MS = 1000, MOST_MS = 100 };
    HSHAREDMEM waiting[] = {region, read_only};
    for (size_t i = 0; i < ARRAYSIZE(waiting); i++) {
        double used = processor_milliseconds();
        SetLastError(ERROR_SUCCESS);
        CHECK(!WaitSharedMem(waiting[i], query(region).version, IDLE_MS));
        CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
        CHECK(processor_milliseconds() - used < MOST_MS);
    }
}

/* Of events that others have made unusable, one is passed over, and the other soon given up. */
static void unusable_events_are_passed_over(void)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, NAME L".waiter.00");
    HANDLE always = CreateEventW(NULL, TRUE, TRUE, NAME L".waiter.01");
    CHECK(mutex != NULL && GetLastError() == ERROR_SUCCESS && always != NULL);
    double used = processor_milliseconds();
    CHECK(!WaitSharedMem(region, query(region).version, 1000)); /* and it does not spin */
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(processor_milliseconds() - used < 250);

    struct wait wait = {.region = region, .version = query(region).version};
    thread waiter = thread_start(wait_for_change, &wait);
    Sleep(5 * PAUSE_MS);
    CHECK_EQUAL(table->armed, 0); /* it polls by now */
    table->armed = 1;             /* nor has the writer this event */
    CHECK(WriteSharedMem(region, "w", 1, NULL));
    thread_join(waiter);
    CHECK(wait.changed);
    CloseHandle(always);
    CHECK(CloseSharedMem(region)); /* and its handle of that event */
    region = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK(region != NULL);
    waiters_are_woken(region, 2, NULL);
    CloseHandle(mutex);
}

static void closing_closes_events(void)
{
    enum { OPENED = 20 };
    DWORD handles = process_open_handles();
    for (int i = 0; i < OPENED; i++) {
        HSHAREDMEM another = OpenSharedMem(NAME, 0, 0, NULL);
        CHECK(another != NULL);
        time_out(another);
        CHECK(CloseSharedMem(another));
    }
    CHECK(process_open_handles() <
          handles + OPENED / 2); /* threads that ended may still have some */
}

int main(void)
{
    check_deadline(60);
    region = OpenSharedMem(NAME, 16, 0, NULL);
    read_only = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(region != NULL && read_only != NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct raw_section notify = raw_section_open_notify(NAME);
    control = raw_section_control(&section);
    table = raw_section_waiters(&notify);

    unusable_events_are_passed_over();
    waiting_takes_no_processor_time();
    closing_closes_events();
    every_waiter_is_woken();
    the_living_and_their_entries();
    bits_are_taken_by_the_right_thread();
    a_waiter_looks_by_itself();
    any_other_version_is_a_change();
    return check_passed();
}
