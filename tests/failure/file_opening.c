/*
 * Processes that create, open and close one file at the same time, or stop while they do: all of
 * them share one file, and nothing that one has written is lost to those that come later.
 *
 *     file_opening [FOLDER]    with every other process from that folder
 */
#include "check.h"
#include "imports.h"
#include "process.h"
#include "raw_file.h"
#include "roles.h"
#include "shared_number.h"
#include "stopwatch.h"

#include "durable.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define TEST L"sharedmem-test-file-opening"
#define AT_ONCE_MS 1000.0 /* what "at once" is on a busy machine */

enum {
    PROCESSES = 8,
    ROUNDS = 6,
    INCREMENTS = 50, /* by each process */
    TURNS = 40,      /* of opening and closing */
    START_MS = 30000,
    LOOK_MS = 100,

    /* exit codes */
    WON = 3,
    LOST = 4,
};

static const char *folder;
static WCHAR path[MAX_PATH];
static HANDLE ready, go, leave; /* a semaphore, and two events */

static void open_objects(void)
{
    ready = CreateSemaphoreW(NULL, 0, LONG_MAX, TEST L"-ready");
    go = CreateEventW(NULL, TRUE, FALSE, TEST L"-go");
    leave = CreateEventW(NULL, TRUE, FALSE, TEST L"-leave");
    CHECK(ready != NULL && go != NULL && leave != NULL);
}

static void wait_for(HANDLE object)
{
    CHECK_EQUAL(WaitForSingleObject(object, START_MS), WAIT_OBJECT_0);
}

static HSHAREDMEM open_file(DWORD flags, ULONGLONG capacity)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .capacity = capacity, .file = path};
    return OpenSharedMemEx(NULL, &options);
}

static HSHAREDMEM open_region(void)
{
    HSHAREDMEM region = open_file(0, sizeof(ULONGLONG));
    CHECK(region != NULL);
    return region;
}

/* Every other one comes from the folder. */
static HANDLE start_process(unsigned number, const WCHAR *role)
{
    WCHAR arguments[MAX_PATH + 64];
    swprintf(arguments, ARRAYSIZE(arguments), L"%ls \"%ls\"", role, path);
    return roles_start(folder, number, arguments);
}

static void start_processes(HANDLE processes[], unsigned count, const WCHAR *role)
{
    CHECK(ResetEvent(go) && ResetEvent(leave));
    for (unsigned i = 0; i < count; i++) {
        processes[i] = start_process(i, role);
    }
    for (unsigned i = 0; i < count; i++) {
        wait_for(ready);
    }
    CHECK(SetEvent(go));
}

/* For a process of the test: begins when all are there. */
static void begin(char **arguments)
{
    mbstowcs(path, arguments[0], ARRAYSIZE(path));
    open_objects();
    CHECK(ReleaseSemaphore(ready, 1, NULL));
    wait_for(go);
}

/* All at once, with or without SHARED_MEM_CREATE_NEW. */

static int create(char **arguments)
{
    begin(arguments);
    HSHAREDMEM region = open_region();
    CHECK(ReleaseSemaphore(ready, 1, NULL));
    wait_for(leave);
    for (unsigned i = 0; i < INCREMENTS; i++) {
        shared_number_increment(region);
    }
    return 0;
}

static void all_share_one_file(void)
{
    HANDLE processes[PROCESSES];
    ULONGLONG version;
    for (unsigned round = 0; round < ROUNDS; round++) {
        raw_file_fresh(TEST L".region", path);
        start_processes(processes, PROCESSES, L"create");
        for (unsigned i = 0; i < PROCESSES; i++) {
            wait_for(ready);
        }
        HSHAREDMEM region = open_region();
        CHECK(SetEvent(leave));
        for (unsigned i = 0; i < PROCESSES; i++) {
            CHECK_EQUAL(process_finish(processes[i]), 0);
        }
        CHECK_EQUAL(shared_number_read(region, &version), PROCESSES * INCREMENTS);
        CHECK_EQUAL(version, PROCESSES * INCREMENTS); /* nor was it recovered meanwhile */
        CHECK(CloseSharedMem(region));
    }
}

static int create_new(char **arguments)
{
    begin(arguments);
    HSHAREDMEM region = open_file(SHARED_MEM_CREATE_NEW, sizeof(ULONGLONG));
    if (region == NULL) {
        CHECK_EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);
        return LOST;
    }
    shared_number_increment(region);
    return WON;
}

static void one_creates(void)
{
    WCHAR temporary[MAX_PATH];
    HANDLE processes[PROCESSES];
    raw_file_fresh(TEST L".region.creating", temporary);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned won = 0;
        raw_file_fresh(TEST L".region", path);
        start_processes(processes, PROCESSES, L"create_new");
        for (unsigned i = 0; i < PROCESSES; i++) {
            DWORD exit_code = process_finish(processes[i]);
            CHECK(exit_code == WON || exit_code == LOST);
            won += exit_code == WON;
        }
        CHECK_EQUAL(won, 1);
        CHECK_EQUAL(GetFileAttributesW(temporary), INVALID_FILE_ATTRIBUTES);
        HSHAREDMEM region = open_region();
        CHECK_EQUAL(shared_number_read(region, NULL), 1);
        CHECK(CloseSharedMem(region));
    }
}

/* Again and again, so that the last one closes while others open. */

static int take_turns(char **arguments)
{
    ULONGLONG last = 0, version;
    begin(arguments);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        HSHAREDMEM region = open_region();
        shared_number_read(region, &version);
        CHECK(version >= last);
        shared_number_increment(region);
        shared_number_read(region, &last);
        CHECK(last > version);
        CHECK(CloseSharedMem(region));
        if (turn % 3 == 0) {
            Sleep(GetCurrentProcessId() / 4 % 7);
        }
    }
    return 0;
}

static void what_was_written_stays(void)
{
    HANDLE processes[PROCESSES];
    for (unsigned count = 2; count <= PROCESSES; count *= 2) {
        ULONGLONG version;
        raw_file_fresh(TEST L".region", path);
        start_processes(processes, count, L"take_turns");
        for (unsigned i = 0; i < count; i++) {
            CHECK_EQUAL(process_finish(processes[i]), 0);
        }
        HSHAREDMEM region = open_region();
        CHECK_EQUAL(shared_number_read(region, &version), count * TURNS);
        CHECK_EQUAL(version % DURABLE_LEAP, count * TURNS);
        printf("%u processes, %u openings, of which %u recovered the file\n", count, count * TURNS,
               (unsigned)(version / DURABLE_LEAP) - 1);
        CHECK(count > 2 || version / DURABLE_LEAP > 1);
        CHECK(CloseSharedMem(region));
    }
}

/* One that stops while it opens. */

static BOOL WINAPI stop(HANDLE file, DWORD reserved, DWORD low, DWORD high, OVERLAPPED *at)
{
    (void)file;
    (void)reserved;
    (void)low;
    (void)high;
    (void)at;
    CHECK(ReleaseSemaphore(ready, 1, NULL));
    Sleep(INFINITE);
    return FALSE;
}

/* The first byte that an opening process unlocks, it unlocks while no other one can open. */
static int stop_while_opening(char **arguments)
{
    static const struct import stopping = IMPORT("UnlockFileEx", stop);
    imports_replace(GetModuleHandleW(L"sharedmem.dll"), &stopping, 1);
    mbstowcs(path, arguments[0], ARRAYSIZE(path));
    open_objects();
    open_region();
    return 1;
}

static HSHAREDMEM opened;

static void open_beside(void *unused)
{
    (void)unused;
    opened = open_region();
    CHECK(SetEvent(leave));
}

static void a_killed_opener_makes_way(bool is_first)
{
    HSHAREDMEM present = open_region();
    ULONGLONG number = shared_number_read(present, NULL);
    if (is_first) {
        CHECK(CloseSharedMem(present));
    }
    CHECK(ResetEvent(leave));
    HANDLE stopped = start_process(1, L"stop_while_opening");
    wait_for(ready);
    thread opener = thread_start(open_beside, NULL);
    CHECK_EQUAL(WaitForSingleObject(leave, LOOK_MS), WAIT_TIMEOUT);
    if (!is_first) { /* a process that has it open does not mind */
        shared_number_write(present, ++number);
    }
    LONGLONG killed = stopwatch_start();
    process_kill(stopped);
    thread_join(opener);
    CHECK(stopwatch_milliseconds(killed) < AT_ONCE_MS);
    CHECK_EQUAL(shared_number_read(opened, NULL), number);
    CHECK(CloseSharedMem(opened));
    CHECK(is_first || CloseSharedMem(present));
}

static const struct role roles[] = {
    {"create", create},
    {"create_new", create_new},
    {"take_turns", take_turns},
    {"stop_while_opening", stop_while_opening},
};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    folder = argc > 1 ? argv[1] : NULL;
    check_deadline(120);
    open_objects();
    all_share_one_file();
    one_creates();
    what_was_written_stays();
    a_killed_opener_makes_way(true);
    a_killed_opener_makes_way(false);
    CHECK(DeleteFileW(path));
    return check_passed();
}
