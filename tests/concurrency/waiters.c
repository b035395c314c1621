/*
 * Waiting for a change: no waiter sleeps through one, whatever writes, waits or dies.
 *
 * With the path of this program in another architecture as an argument, the two play together.
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "roles.h"
#include "shared_number.h"
#include "stopwatch.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PING L"sharedmem-test-waiters-ping"
#define PONG L"sharedmem-test-waiters-pong"
#define CALL L"sharedmem-test-waiters-call"
#define ANSWERS L"sharedmem-test-waiters-answers"

#define HICCUP_MS 240.0 /* a lost wake-up is made up for after 250 ms */

enum {
    ROUNDS = 100000,
    PEER_ROUNDS = 10000,
    CROWD_PROCESSES = 4,
    CROWD_THREADS = 25, /* more waiters than there are entries, together */
    CROWD_ROUNDS = 30,
    KILLS = 80, /* more than there are entries */
};

/* Waits until the number is no longer `old`, and returns the new one. */
static ULONGLONG wait_for_other(HSHAREDMEM region, ULONGLONG old)
{
    for (;;) {
        ULONGLONG version, number = shared_number_read(region, &version);
        if (number != old) {
            return number;
        }
        CHECK(WaitSharedMem(region, version, INFINITE));
    }
}

/* Answers every number with the same one, until it is 0. */
static int play_pong(char **arguments)
{
    (void)arguments;
    HSHAREDMEM ping = shared_number_open(PING), pong = shared_number_open(PONG);
    ULONGLONG number = 0;
    do {
        number = wait_for_other(ping, number);
        shared_number_write(pong, number);
    } while (number != UINT64_MAX);
    return 0;
}

static void play_ping(HANDLE partner, unsigned rounds)
{
    HSHAREDMEM ping = shared_number_open(PING), pong = shared_number_open(PONG);
    unsigned hiccups = 0;
    double longest = 0;

    shared_number_write(ping, 1); /* the partner has come when it answers */
    CHECK_EQUAL(wait_for_other(pong, 0), 1);
    LONGLONG start = stopwatch_start();
    for (ULONGLONG number = 2; number < rounds + 2; number++) {
        LONGLONG last = stopwatch_start();
        shared_number_write(ping, number);
        CHECK_EQUAL(wait_for_other(pong, number - 1), number);
        double gap = stopwatch_milliseconds(last);
        longest = gap > longest ? gap : longest;
        hiccups += gap >= HICCUP_MS;
    }
    printf("%u rounds, %.1f us each, longest %.1f ms, %u hiccups\n", rounds,
           stopwatch_milliseconds(start) * 1000 / rounds, longest, hiccups);
    CHECK(hiccups <= 1); /* the machine may have had one of its own */
    shared_number_write(ping, UINT64_MAX);
    CHECK_EQUAL(process_finish(partner), 0);
    CHECK(CloseSharedMem(ping) && CloseSharedMem(pong));
}

static void time_outs_are_kept(void)
{
    HSHAREDMEM region = shared_number_open(CALL);
    HSHAREDMEM read_only = OpenSharedMem(CALL, 0, SHARED_MEM_READ_ONLY, NULL);
    HSHAREDMEM waiting[] = {region, read_only, SHARED_MEM_TEXT};
    for (size_t i = 0; i < ARRAYSIZE(waiting); i++) {
        static const DWORD times[] = {0, 1, 30, 300, 700};
        ULONGLONG version;
        SIZE_T size = 0;
        char none;
        CHECK(ReadSharedMem(waiting[i], &none, &size, &version) || waiting[i] == SHARED_MEM_TEXT);
        version = 0; /* before the first write */
        for (size_t j = 0; j < ARRAYSIZE(times); j++) {
            LONGLONG start = stopwatch_start();
            CHECK(!WaitSharedMem(waiting[i], version, times[j]));
            CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
            double waited = stopwatch_milliseconds(start);
            CHECK(waited >= times[j] - 16.0 && waited < times[j] + 1000.0); /* ticks of the clock */
        }
        SetLastError(0x1234);
        CHECK(WaitSharedMem(waiting[i], version + 1, INFINITE)); /* differs already */
        CHECK_EQUAL(GetLastError(), 0x1234);
    }
    CHECK(CloseSharedMem(region) && CloseSharedMem(read_only));
}

static void write_later(void *region)
{
    thread_sleep(50);
    if (region == SHARED_MEM_TEXT) {
        SetSharedMem(L"changed");
    } else {
        shared_number_write(region, 1);
    }
}

/* One waiter, one writer in another thread; the text and a handle that cannot arm, too. */
static void a_change_ends_the_wait(void)
{
    HSHAREDMEM region = shared_number_open(CALL);
    HSHAREDMEM read_only = OpenSharedMem(CALL, 0, SHARED_MEM_READ_ONLY, NULL);
    struct {
        HSHAREDMEM writer, waiter;
    } pairs[] = {{region, region}, {region, read_only}, {SHARED_MEM_TEXT, SHARED_MEM_TEXT}};
    for (size_t i = 0; i < ARRAYSIZE(pairs); i++) {
        ULONGLONG version = query(pairs[i].waiter).version;
        thread writer = thread_start(write_later, pairs[i].writer);
        CHECK(WaitSharedMem(pairs[i].waiter, version, INFINITE));
        thread_join(writer);
        CHECK_EQUAL(query(pairs[i].waiter).waiters, 0);
    }
    CHECK(CloseSharedMem(region) && CloseSharedMem(read_only));
}

/* Adds 1 to the answers for every call that it sees, until the call is the last. */
static void answer_calls(void *first)
{
    HSHAREDMEM call = shared_number_open(CALL), answers = shared_number_open(ANSWERS);
    ULONGLONG number = *(ULONGLONG *)first;
    while (number < CROWD_ROUNDS) {
        number = wait_for_other(call, number);
        shared_number_increment(answers);
    }
    CHECK(CloseSharedMem(call) && CloseSharedMem(answers));
}

static int be_a_crowd(char **arguments)
{
    (void)arguments;
    thread threads[CROWD_THREADS];
    ULONGLONG first = 0;
    for (int i = 0; i < CROWD_THREADS; i++) {
        threads[i] = thread_start(answer_calls, &first);
    }
    for (int i = 0; i < CROWD_THREADS; i++) {
        thread_join(threads[i]);
    }
    return 0;
}

/* Each call goes out when all have answered the one before: each waiter sees every one. */
static void a_crowd_hears_every_call(void)
{
    HSHAREDMEM call = shared_number_open(CALL), answers = shared_number_open(ANSWERS);
    HANDLE crowd[CROWD_PROCESSES];
    for (int i = 0; i < CROWD_PROCESSES; i++) {
        crowd[i] = process_start_self(L"crowd");
    }
    do {
        Sleep(1);
    } while (query(call).waiters < 64); /* all entries are taken, the others poll */
    for (ULONGLONG round = 1; round <= CROWD_ROUNDS; round++) {
        shared_number_write(call, round);
        ULONGLONG sum = 0;
        while (sum < round * CROWD_PROCESSES * CROWD_THREADS) {
            sum = wait_for_other(answers, sum);
        }
    }
    for (int i = 0; i < CROWD_PROCESSES; i++) {
        CHECK_EQUAL(process_finish(crowd[i]), 0);
    }
    CHECK(CloseSharedMem(call) && CloseSharedMem(answers));
}

static int wait_for_ever(char **arguments)
{
    (void)arguments;
    HSHAREDMEM region = shared_number_open(CALL);
    for (ULONGLONG number = 0;;) {
        number = wait_for_other(region, number);
        if (number == UINT64_MAX) {
            return 0;
        }
    }
}

/* Killed waiters delay neither their writer nor later waiters. */
static void killed_waiters_are_forgotten(void)
{
    HSHAREDMEM region = shared_number_open(CALL);
    for (ULONGLONG kill = 1; kill <= KILLS; kill++) {
        HANDLE victim = process_start_self(L"wait");
        do {
            Sleep(1);
        } while (query(region).waiters == 0);
        process_kill(victim);
        LONGLONG start = stopwatch_start();
        shared_number_write(region, kill);
        CHECK(stopwatch_milliseconds(start) < 1000);
        CHECK_EQUAL(query(region).waiters, 0);
    }
    /* All entries have dead owners now. A new waiter gets one: it is armed, and does not poll. */
    HANDLE waiter = process_start_self(L"wait");
    do {
        Sleep(1);
    } while (query(region).waiters == 0);
    shared_number_write(region, UINT64_MAX);
    CHECK_EQUAL(process_finish(waiter), 0);
    CHECK(CloseSharedMem(region));
}

static int write_for_ever(char **arguments)
{
    (void)arguments;
    HSHAREDMEM region = shared_number_open(CALL);
    for (ULONGLONG number = 1;; number++) {
        shared_number_write(region, number);
        if (number % 64 == 0) {
            Sleep(0);
        }
        if (number == UINT64_MAX) {
            return 0;
        }
    }
}

/* Whenever a writer dies, a waiter sees its last value, if only by looking itself. */
static void killed_writers_strand_no_waiter(void)
{
    enum { VICTIMS = 40 };
    HSHAREDMEM region = shared_number_open(CALL);
    for (int kill = 0; kill < VICTIMS; kill++) {
        ULONGLONG version;
        HANDLE victim = process_start_self(L"write");
        for (int wait = 0; wait <= rand() % 20; wait++) {
            shared_number_read(region, &version);
            CHECK(WaitSharedMem(region, version, INFINITE));
        }
        process_kill(victim);
        shared_number_read(region, &version);
        CHECK(!WaitSharedMem(region, version, 1)); /* nothing more comes, and nothing is pending */
        CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    }
    shared_number_write(region, 0);
    CHECK(CloseSharedMem(region));
}

typedef LONG(WINAPI *lock_loader)(ULONG flags, ULONG *disposition, ULONG_PTR *cookie);
typedef LONG(WINAPI *unlock_loader)(ULONG flags, ULONG_PTR cookie);

static HANDLE told, written;

static void write_when_told(void *unused)
{
    (void)unused;
    HSHAREDMEM region = shared_number_open(CALL);
    CHECK(WaitForSingleObject(told, INFINITE) == WAIT_OBJECT_0);
    shared_number_write(region, UINT64_MAX);
    CHECK(SetEvent(written));
    CHECK(CloseSharedMem(region));
}

/* Not even to make the event: the loader may be busy with a DllMain that waits for this writer. */
static void waking_does_without_the_loader(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    lock_loader lock = (lock_loader)(void (*)(void))GetProcAddress(ntdll, "LdrLockLoaderLock");
    unlock_loader unlock =
        (unlock_loader)(void (*)(void))GetProcAddress(ntdll, "LdrUnlockLoaderLock");
    CHECK(lock != NULL && unlock != NULL);
    HSHAREDMEM region = shared_number_open(CALL);
    HANDLE waiter = process_start_self(L"wait");
    told = CreateEventW(NULL, FALSE, FALSE, NULL);
    written = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(told != NULL && written != NULL);
    thread writer = thread_start(write_when_told, NULL);
    do {
        Sleep(1);
    } while (query(region).waiters == 0);

    ULONG_PTR cookie;
    CHECK_EQUAL(lock(0, NULL, &cookie), 0);
    CHECK(SetEvent(told));
    CHECK(WaitForSingleObject(written, 20000) == WAIT_OBJECT_0);
    CHECK_EQUAL(unlock(0, cookie), 0);

    CHECK_EQUAL(process_finish(waiter), 0);
    thread_join(writer);
    CloseHandle(told);
    CloseHandle(written);
    CHECK(CloseSharedMem(region));
}

static const struct role roles[] = {
    {"pong", play_pong},
    {"crowd", be_a_crowd},
    {"wait", wait_for_ever},
    {"write", write_for_ever},
};

int main(int argc, char **argv)
{
    check_deadline(100);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    if (argc == 3) { /* peer FOLDER */
        play_ping(process_start_peer(argv[2], L"pong"), PEER_ROUNDS);
        return check_passed();
    }
    time_outs_are_kept();
    a_change_ends_the_wait();
    a_crowd_hears_every_call();
    killed_waiters_are_forgotten();
    killed_writers_strand_no_waiter();
    waking_does_without_the_loader();
    play_ping(process_start_self(L"pong"), ROUNDS);
    return check_passed();
}
