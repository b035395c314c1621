/*
 * A writer that writes now and then, beside one that never pauses: how long it takes to get in, in
 * writes of the other one; with Wine's exact Sleep, and with Windows', which lasts for whole ticks
 * of the clock.
 */
#include "bench.h"
#include "boost_cell.h"
#include "check.h"
#include "imports.h"
#include "mutex_cell.h"
#include "stopwatch.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUSY_SIZE = 4 << 20,
    PAUSE_MS = 20, /* of the polite writer */
    WRITES = 4,    /* of the polite writer, in a round */
    LIMIT_MS =
        100, /* after which the busy writer pauses: some stores would starve the polite one */
};

/* Sleep by the clock's ticks, for the DLL as well as for what this program has of Boost. */

static void(WINAPI *exact_sleep)(DWORD milliseconds);
static DWORD(WINAPI *exact_wait)(HANDLE handle, DWORD milliseconds);
static bool by_ticks;

static DWORD rounded_up(DWORD milliseconds)
{
    return by_ticks ? imports_whole_ticks(milliseconds) : milliseconds;
}

static void WINAPI sleep_until_a_tick(DWORD milliseconds)
{
    exact_sleep(rounded_up(milliseconds));
}

static DWORD WINAPI wait_until_a_tick(HANDLE handle, DWORD milliseconds)
{
    return exact_wait(handle, rounded_up(milliseconds));
}

static void replace_sleep(void)
{
    static const struct import replacements[] = {IMPORT("Sleep", sleep_until_a_tick),
                                                 IMPORT("WaitForSingleObject", wait_until_a_tick)};
    exact_sleep = Sleep; /* the function's address, which is not this module's import any more */
    exact_wait = WaitForSingleObject;
    imports_replace(GetModuleHandleW(L"sharedmem.dll"), replacements, ARRAYSIZE(replacements));
    imports_replace(GetModuleHandleW(NULL), replacements, ARRAYSIZE(replacements));
}

static HSHAREDMEM region;

static void region_write(const void *data, size_t size)
{
    CHECK(WriteSharedMem(region, data, size, NULL));
}

static const struct store {
    const char *name;
    void (*write)(const void *data, size_t size);
} stores[] = {
    {"sharedmem", region_write},
    {"section_under_mutex", mutex_cell_write},
    {"boost_mutex", boost_mutex_write},
};

enum { STORES = ARRAYSIZE(stores), WAYS = 2 };

struct setting {
    const struct store *store;
    struct samples polite, busy; /* microseconds */
};

static void *value;
static volatile LONG stop, busy_writes, polite_waits;

static void write_all_the_time(void *argument)
{
    struct setting *setting = argument;
    LONGLONG last_alone = stopwatch_start();
    bench_pin(1);
    while (stop == 0) {
        LONGLONG start = stopwatch_start();
        setting->store->write(value, BUSY_SIZE);
        if (setting->busy.count < BENCH_MOST_SAMPLES) {
            samples_add(&setting->busy, stopwatch_milliseconds(start) * 1000);
        }
        InterlockedIncrement(&busy_writes);
        if (polite_waits == 0) {
            last_alone = start;
        }
        while (polite_waits != 0 && stopwatch_milliseconds(last_alone) > LIMIT_MS) {
            SwitchToThread();
        }
    }
}

static void write_now_and_then(struct setting *setting)
{
    static const char polite[] = "polite";
    stop = busy_writes = 0;
    thread busy = thread_start(write_all_the_time, setting);
    while (busy_writes == 0) {
        SwitchToThread();
    }
    for (int i = 0; i < WRITES; i++) {
        exact_sleep(PAUSE_MS);
        polite_waits = 1;
        LONGLONG start = stopwatch_start();
        setting->store->write(polite, sizeof polite);
        samples_add(&setting->polite, stopwatch_milliseconds(start) * 1000);
        polite_waits = 0;
    }
    stop = 1;
    thread_join(busy);
}

static void report(struct setting *setting, unsigned long long tick)
{
    double write = samples_median(&setting->busy);
    for (size_t i = 0; i < setting->polite.count; i++) {
        setting->polite.value[i] /= write;
    }
    samples_report(&setting->polite, "polite_write", tick, setting->store->name, "writes");
    samples_report(&setting->busy, "busy_write", tick, setting->store->name, "us");
}

int main(int argc, char **argv)
{
    static struct setting settings[WAYS][STORES];
    bench_begin(argc, argv);
    value = malloc(BUSY_SIZE);
    region = OpenSharedMem(L"sharedmem-bench", BUSY_SIZE, 0, NULL);
    CHECK(value != NULL && region != NULL);
    memset(value, 'b', BUSY_SIZE); /* memory of its own: what was never written shares a page */
    mutex_cell_open(BUSY_SIZE);
    replace_sleep();
    bench_pin(0);
    for (unsigned round = 0; round < bench_rounds(); round++) {
        for (int way = 0; way < WAYS; way++) {
            by_ticks = way == 1;
            for (size_t i = 0; i < STORES; i++) {
                settings[way][i].store = &stores[i];
                write_now_and_then(&settings[way][i]);
            }
        }
    }
    for (int way = 0; way < WAYS; way++) {
        for (size_t i = 0; i < STORES; i++) {
            report(&settings[way][i], way == 1 ? IMPORTS_TICK_MS : 0);
        }
    }
    return check_passed();
}
