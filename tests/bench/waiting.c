/*
 * What waiting costs while nothing changes: the processor time that one waiting reader uses in a
 * minute. Many wait at the same time, because the system counts that time in coarse steps; all of
 * them once.
 */
#include "bench.h"
#include "check.h"
#include "thread.h"

#include "sharedmem.h"

enum {
    WAITERS = 64,     /* as many as the DLL wakes */
    LOOK_MS = 250,    /* as often as the DLL's waiters look */
    ROUND_MS = 200,   /* for which all wait, for each round */
    MOST_MS = 5000,   /* for which they wait at most */
    SETTLING_MS = 20, /* until the last waiter sleeps */
};

static HSHAREDMEM region;
static ULONGLONG version;
static volatile LONG number;
static HANDLE event;
static volatile LONG waiting, woken;

static void wait_for_region(void)
{
    CHECK(WaitSharedMem(region, version, INFINITE));
}

static void change_region(void)
{
    CHECK(WriteSharedMem(region, "new", 3, NULL));
}

static void wait_for_event(void)
{
    while (WaitForSingleObject(event, LOOK_MS) != WAIT_OBJECT_0 && number == 0) {
    }
}

static void change_and_set_event(void)
{
    number = 1;
    CHECK(SetEvent(event));
}

static void poll(void)
{
    while (number == 0) {
        Sleep(1);
    }
}

static void change(void)
{
    number = 1;
}

static const struct way {
    const char *name;
    void (*wait)(void);
    void (*change)(void);
} ways[] = {
    {"sharedmem", wait_for_region, change_region},
    {"named_event", wait_for_event, change_and_set_event},
    {"polling", poll, change},
};

static void run_waiter(void *argument)
{
    const struct way *way = argument;
    InterlockedIncrement(&waiting);
    way->wait();
    InterlockedIncrement(&woken);
}

/* Seconds, of the whole process. */
static double processor_time(void)
{
    FILETIME created, ended, in_kernel, in_user;
    CHECK(GetProcessTimes(GetCurrentProcess(), &created, &ended, &in_kernel, &in_user));
    ULARGE_INTEGER kernel = {.LowPart = in_kernel.dwLowDateTime,
                             .HighPart = in_kernel.dwHighDateTime};
    ULARGE_INTEGER user = {.LowPart = in_user.dwLowDateTime, .HighPart = in_user.dwHighDateTime};
    return (double)(kernel.QuadPart + user.QuadPart) / 1e7;
}

/* The seconds of a minute that each waiter uses. */
static double let_wait(const struct way *way, DWORD period)
{
    thread waiters[WAITERS];
    number = waiting = woken = 0;
    CHECK(ResetEvent(event));
    CHECK(WriteSharedMem(region, "old", 3, &version));
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = thread_start(run_waiter, (void *)(ULONG_PTR)way);
    }
    while (waiting != WAITERS) {
        Sleep(1);
    }
    Sleep(SETTLING_MS);
    double used = processor_time();
    Sleep(period);
    used = processor_time() - used;
    CHECK_EQUAL(woken, 0);
    way->change();
    for (int i = 0; i < WAITERS; i++) {
        thread_join(waiters[i]);
    }
    CHECK_EQUAL(woken, WAITERS);
    return used * 60000 / period / WAITERS;
}

int main(int argc, char **argv)
{
    static struct samples samples;
    bench_begin(argc, argv);
    region = OpenSharedMem(L"sharedmem-bench-waiting", 8, 0, NULL);
    event = CreateEventW(NULL, TRUE, FALSE, L"sharedmem-bench-waiting-event");
    CHECK(region != NULL && event != NULL);
    DWORD period = bench_rounds() < MOST_MS / ROUND_MS ? bench_rounds() * ROUND_MS : MOST_MS;
    for (size_t i = 0; i < ARRAYSIZE(ways); i++) {
        samples_add(&samples, let_wait(&ways[i], period));
        samples_report(&samples, "waiting", 0, ways[i].name, "s/min");
    }
    return check_passed();
}
