/*
 * Sleep: a thread is ready "at the next tick" at the earliest, of which there are 64 a second. A
 * writer that writes now and then gets in beside one that writes all the time, with and without
 * that: once it sleeps, it is passed by one or two other writes, unless the system keeps it from
 * running.
 */
#include "check.h"
#include "imports.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"

#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME L"sharedmem-test-polite-writer"

enum {
    CAPACITY = 4 << 20,
    ROUNDS = 100,
    LEAST = 10, /* of the rounds, in which it has to wait */
    USUAL = 2,  /* of the other's writes: the one that is going on, and the one that passes */
};

static bool by_ticks;
static volatile struct layout_control *control; /* of the region */
static ULONGLONG slept_at; /* the version when the polite writer began to sleep; 0: it did not */
static unsigned woken, timed_out; /* its sleeps, by their ends; no time-outs within one write */

static DWORD rounded_up(DWORD milliseconds)
{
    return by_ticks ? imports_whole_ticks(milliseconds) : milliseconds;
}

static void WINAPI sleep_until_a_tick(DWORD milliseconds)
{
    Sleep(rounded_up(milliseconds));
}

static DWORD WINAPI wait_until_a_tick(HANDLE handle, DWORD milliseconds)
{
    if (control == NULL || milliseconds == 0) {
        return WaitForSingleObject(handle, rounded_up(milliseconds));
    }
    ULONGLONG sequence = control->sequence;
    slept_at = slept_at == 0 ? sequence : slept_at;
    DWORD result = WaitForSingleObject(handle, rounded_up(milliseconds));
    woken += result == WAIT_OBJECT_0;
    timed_out += result == WAIT_TIMEOUT && control->sequence != sequence;
    return result;
}

static struct library load(void)
{
    static const struct import replacements[] = {IMPORT("Sleep", sleep_until_a_tick),
                                                 IMPORT("WaitForSingleObject", wait_until_a_tick)};
    return imports_load(replacements, ARRAYSIZE(replacements));
}

static HSHAREDMEM open_region(const struct library *library)
{
    HSHAREDMEM region = library->open(NAME, CAPACITY, 0, NULL);
    CHECK(region != NULL);
    return region;
}

static int write_all_the_time(char **arguments)
{
    by_ticks = strcmp(arguments[0], "ticks") == 0;
    struct library library = load();
    HSHAREDMEM region = open_region(&library);
    void *value = calloc(CAPACITY, 1);
    CHECK(value != NULL);
    for (;;) {
        CHECK(library.write(region, value, CAPACITY, NULL));
    }
}

static int compare(const void *a, const void *b)
{
    ULONGLONG one = *(const ULONGLONG *)a, other = *(const ULONGLONG *)b;
    return (one > other) - (one < other);
}

static void play(const WCHAR *busy_role)
{
    struct library library = load();
    HSHAREDMEM region = open_region(&library);
    HANDLE busy = process_start_self(busy_role);
    ULONGLONG passed[ROUNDS];
    size_t waits = 0;
    woken = timed_out = 0;
    CHECK(library.wait(region, 0, INFINITE)); /* it has begun */
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    control = raw_section_control(&section);
    for (int round = 0; round < ROUNDS; round++) {
        ULONGLONG version;
        Sleep(1);
        slept_at = 0;
        CHECK(library.write(region, "polite", 6, &version));
        if (slept_at != 0) {
            passed[waits++] = version - slept_at - 1;
        }
    }
    process_kill(busy);
    CHECK(waits >= LEAST);
    qsort(passed, waits, sizeof *passed, compare);
    ULONGLONG usual = passed[waits * 19 / 20];
    printf("%ls: waited %u times, passed by %llu writes in the median, %llu in 95 of 100, %llu at "
           "most\n",
           busy_role, (unsigned)waits, passed[waits / 2], usual, passed[waits - 1]);
    CHECK(usual <= USUAL);
    CHECK(timed_out < woken / 4); /* releasing wakes it, as a contender and as the heir */
    control = NULL;
    raw_section_close(&section);
    CHECK(library.close(region));
    imports_unload(&library);
}

static const struct role roles[] = {{"busy", write_all_the_time}};

int main(int argc, char **argv)
{
    check_deadline(80);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    play(L"busy plainly");
    by_ticks = true;
    play(L"busy ticks");
    return check_passed();
}
