/*
 * Events in the table of waiters: which entry each has, and what sets it if it has none, or if its
 * writer did not. Other owners are played by hand, in the notify section.
 */
#include "check.h"
#include "lock_owner.h"
#include "process.h"
#include "query.h"
#include "raw_section.h"
#include "roles.h"
#include "stopwatch.h"
#include "waiter.h"

#include "layout.h"
#include "sharedmem.h"

#define NAME L"sharedmem-test-event-entries"

enum {
    ROUNDS = 10,
    PAUSE_MS = 20,
    SOON_MS = 10000,
    KILLS = 70, /* more than there are entries */
};

static HSHAREDMEM region, reader;
static struct layout_control *control;
static struct layout_waiters *table;

static HANDLE open_event(HSHAREDMEM of)
{
    HANDLE event = OpenSharedMemEvent(of);
    CHECK(event != NULL);
    return event;
}

/* Armed, it is not set; but a signal for an earlier version may be late. */
static void arm(HSHAREDMEM of, HANDLE event)
{
    int late = 0;
    do {
        CHECK(late++ < 3);
        CHECK(ArmSharedMemEvent(of, event, query(region).version));
    } while (WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
}

/*
 * Each of some writes sets the event at once, by the writer, which sees it as these bits; or, if
 * these are 0, by the clock, which polls.
 */
static void it_is_set(HSHAREDMEM of, HANDLE event, uint64_t bits)
{
    unsigned late = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arm(of, event);
        uint64_t others = table->armed & ~bits;
        CHECK((table->armed & bits) == bits);
        Sleep(PAUSE_MS); /* at different times of the clock's period */
        LONGLONG start = stopwatch_start();
        CHECK(WriteSharedMem(region, "w", 1, NULL));
        CHECK(bits == 0 || WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
        CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
        late += stopwatch_milliseconds(start) >= WAKE_LATE_MS;
        CHECK(late <= WAKE_MOST_LATE);
        CHECK_EQUAL(table->armed, 0);
        table->armed = others;
    }
}

/* One for as long as it is open, armed or not, also where its thread has ended. */
static void an_event_holds_an_entry(HSHAREDMEM of)
{
    HANDLE first = open_event(of), second = open_event(of);
    uint64_t owner = table->owner[0];
    CHECK(owner != 0 && (DWORD)owner == GetCurrentProcessId() && table->owner[1] == owner);
    it_is_set(of, first, 1);
    it_is_set(of, second, 2);
    CHECK(CloseSharedMemEvent(of, first));
    CHECK(table->owner[0] == 0 && table->owner[1] == owner);
    arm(of, second);
    CHECK_EQUAL(query(region).waiters, 1);
    CHECK(CloseSharedMemEvent(of, second)); /* armed */
    CHECK(table->owner[1] == 0 && table->armed == 0);
}

/* A signal that is late, or another program's, is gone when it is armed. */
static void its_name_is_reset(void)
{
    HANDLE event = open_event(region);
    HANDLE signal = OpenEventW(EVENT_MODIFY_STATE, FALSE, NAME L".event.00");
    CHECK(signal != NULL && SetEvent(signal));
    CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    it_is_set(region, event, 1);
    CHECK(CloseSharedMemEvent(region, event));
    CHECK(SetEvent(signal));
    event = open_event(region);
    CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseSharedMemEvent(region, event));
    CloseHandle(signal);
}

/* The writer was killed between publishing and signalling, or another program resets the event. */
static void the_clock_looks(HSHAREDMEM of)
{
    HANDLE event = open_event(of), other = open_event(of);
    CHECK(CloseSharedMemEvent(of, other)); /* which does not stop the clock */
    for (int round = 0; round < 5; round++) {
        arm(of, event);
        LONGLONG start = stopwatch_start();
        control->sequence++;
        CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
        CHECK(stopwatch_milliseconds(start) < 2000);
    }
    HANDLE signal = OpenEventW(EVENT_MODIFY_STATE, FALSE, NAME L".event.00");
    CHECK(signal != NULL && ResetEvent(signal));
    CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
    CloseHandle(signal);

    arm(of, event);
    CHECK_EQUAL(WaitForSingleObject(event, 600), WAIT_TIMEOUT); /* no change, no signal */
    CHECK(CloseSharedMemEvent(of, event));
}

/* Without an entry, it is set by the clock, which then looks more often. */
static void without_an_entry_the_clock_polls(void)
{
    uint64_t owner;
    HANDLE living = lock_owner_start(NULL, &owner);
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, owner);
    HANDLE event = open_event(reader);
    it_is_set(reader, event, 0);
    raw_section_occupy(table, 0, 0);
    CHECK(CloseSharedMemEvent(reader, event));

    HANDLE mutex = CreateMutexW(NULL, FALSE, NAME L".event.02");
    CHECK(mutex != NULL);
    raw_section_occupy(table, 2, owner);
    event = open_event(region); /* passes over the one whose event cannot be had */
    it_is_set(region, event, 8);
    CHECK(table->owner[2] == 0);
    CHECK(CloseSharedMemEvent(region, event));
    CloseHandle(mutex);
    raw_section_occupy(table, 0, 0);
    lock_owner_end(living);
    CloseHandle(living);
}

/* A waiter that found the table full has taken the entry of an event that was not armed. */
static void a_lost_entry_is_regained(void)
{
    uint64_t owner, mine;
    HANDLE living = lock_owner_start(NULL, &owner);
    HANDLE event = open_event(region);
    mine = table->owner[0];
    table->owner[0] = owner;
    it_is_set(region, event, 0);
    CHECK(table->owner[0] == owner);
    table->owner[0] = 0;
    it_is_set(region, event, 1);
    CHECK(table->owner[0] == mine);
    table->owner[0] = LOCK_OWNER_DEAD;
    it_is_set(region, event, 1);
    table->owner[0] = LOCK_OWNER_DEAD_PROCESS;
    it_is_set(region, event, 1);
    table->owner[0] = owner;
    CHECK(CloseSharedMemEvent(region, event)); /* which is not the other's */
    CHECK(table->owner[0] == owner);
    raw_section_occupy(table, 0, 0);
    lock_owner_end(living);
    CloseHandle(living);
}

static int arm_and_stay(char **arguments)
{
    (void)arguments;
    region = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    arm(region, open_event(region));
    Sleep(INFINITE);
    return 0;
}

/* Killed processes delay no writer, and leave their entries to others; living ones keep them. */
static void the_dead_leave_their_entries(void)
{
    HANDLE victim = NULL;
    for (unsigned kill = 0; kill < KILLS; kill++) {
        victim = process_start_self(L"arm");
        while (query(region).waiters == 0) {
            Sleep(1);
        }
        if (kill < KILLS - 1) {
            process_kill(victim);
        }
        LONGLONG start = stopwatch_start();
        CHECK(WriteSharedMem(region, "w", 1, NULL));
        CHECK(stopwatch_milliseconds(start) < 1000 && query(region).waiters == 0);
    }
    uint64_t living = 0;
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        living = (DWORD)table->owner[entry] == GetProcessId(victim) ? table->owner[entry] : living;
        CHECK(table->owner[entry] != 0);
    }
    CHECK(living != 0);
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, living);
    table->owner[63] = living ^ UINT64_C(0x10000000000); /* its id, but another one's time */
    HANDLE event = open_event(region);
    it_is_set(region, event, UINT64_C(1) << 63);
    CHECK(table->owner[62] == living);
    CHECK(CloseSharedMemEvent(region, event));
    process_kill(victim);
    table->owner[63] = living;
    event = open_event(region);
    it_is_set(region, event, 1);
    CHECK(CloseSharedMemEvent(region, event));
    raw_section_occupy(table, 0, 0);
}

/* The region's notify section cannot be had. */
static void a_taken_name_is_no_obstacle(void)
{
    HANDLE squatter = CreateEventW(NULL, TRUE, FALSE, NAME L"-2.notify");
    HSHAREDMEM another = OpenSharedMem(NAME L"-2", 8, 0, NULL);
    CHECK(squatter != NULL && another != NULL);
    HANDLE event = open_event(another);
    CHECK(ArmSharedMemEvent(another, event, 0));
    CHECK_EQUAL(WaitForSingleObject(event, 100), WAIT_TIMEOUT);
    LONGLONG start = stopwatch_start();
    CHECK(WriteSharedMem(another, "w", 1, NULL));
    CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
    CHECK(stopwatch_milliseconds(start) < 2000);
    CHECK(CloseSharedMem(another));
    CloseHandle(squatter);
}

static const struct role roles[] = {{"arm", arm_and_stay}};

int main(int argc, char **argv)
{
    check_deadline(80);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    region = OpenSharedMem(NAME, 16, 0, NULL);
    reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(region != NULL && reader != NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct raw_section notify = raw_section_open_notify(NAME);
    control = raw_section_control(&section);
    table = raw_section_waiters(&notify);

    an_event_holds_an_entry(region);
    an_event_holds_an_entry(reader);
    its_name_is_reset();
    the_clock_looks(region);
    the_clock_looks(reader);
    without_an_entry_the_clock_polls();
    a_lost_entry_is_regained();
    the_dead_leave_their_entries();
    a_taken_name_is_no_obstacle();
    return check_passed();
}
