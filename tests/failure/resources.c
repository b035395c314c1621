/*
 * Running out of what the system has, and using it a great many times: errors say what was missing,
 * and nothing is ever left behind.
 *
 *     resources [CYCLES [handles]]    "handles": until there are no more, which takes minutes
 */
#include "check.h"
#include "process.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-resources"

enum {
    CYCLES = 5000,  /* unless an argument says */
    WARM_UP = 1000, /* after which no resource grows any more */
    SQUATTED = 200,
};

struct resources {
    DWORD handles;
    unsigned ranges;
};

static struct resources count_resources(void)
{
    return (struct resources){process_open_handles(), process_used_ranges()};
}

static void check_resources(const struct resources *expected)
{
    struct resources present = count_resources();
    CHECK_EQUAL(present.handles, expected->handles);
    /* The heap and the system may come to need another one. */
    CHECK(present.ranges <= expected->ranges + 2);
}

static void open_and_fail(const WCHAR *name, SIZE_T capacity, DWORD error)
{
    CHECK(OpenSharedMem(name, capacity, 0, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), error);
}

/* Every name that belongs to the region is free: neither its section nor an event has stayed. */
static void check_names_are_free(void)
{
    CHECK(OpenFileMappingW(FILE_MAP_READ, FALSE, NAME) == NULL);
    for (int i = 0; i < (int)LAYOUT_MAX_WAITERS; i++) {
        WCHAR name[64];
        swprintf(name, ARRAYSIZE(name), NAME L".waiter.%02d", i);
        CHECK(OpenEventW(SYNCHRONIZE, FALSE, name) == NULL);
        CHECK_EQUAL(GetLastError(), ERROR_FILE_NOT_FOUND);
    }
}

/* Opens a region, uses it in every way, and closes it. */
static void cycle(unsigned number)
{
    ULONGLONG value = number, version;
    SIZE_T size = sizeof value;
    HSHAREDMEM region = OpenSharedMem(NAME, number % 9000 + sizeof value, 0, NULL);
    CHECK(region != NULL);
    CHECK(WriteSharedMem(region, &value, sizeof value, &version));
    CHECK(ReadSharedMem(region, &value, &size, NULL) && value == number);
    if (number % 4 == 0) {
        LPCVOID data;
        CHECK(BorrowSharedMem(region, &data, &size, &version));
        CHECK(ValidateSharedMem(region, version) && memcmp(data, &value, sizeof value) == 0);
    }
    if (number % 16 == 0) {
        HSHAREDMEM again = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
        CHECK(again != NULL);
        CHECK(CloseSharedMem(again));
        open_and_fail(NAME, 1 << 20, ERROR_INSUFFICIENT_BUFFER);
    }
    if (number % 64 == 0) {
        CHECK(!WaitSharedMem(region, version, 1));
    }
    CHECK(CloseSharedMem(region));
}

static void cycles_leave_nothing_behind(unsigned cycles)
{
    struct resources warm = {0};
    for (unsigned i = 0; i < cycles + WARM_UP; i++) {
        cycle(i);
        if (i == WARM_UP) {
            warm = count_resources();
        }
    }
    check_resources(&warm);
    check_names_are_free();
    printf("%u times opened, used and closed: %lu handles and %u address ranges before and after\n",
           cycles, warm.handles, warm.ranges);
}

/* All the handles that the DLL gives out, each to a region of its own. */
static void the_last_handle_is_told(void)
{
    enum { MOST = 4096 };
    static HSHAREDMEM regions[MOST];
    WCHAR name[64];
    DWORD handles = process_open_handles();
    for (int i = 0; i < MOST; i++) {
        swprintf(name, ARRAYSIZE(name), NAME L"-%d", i);
        regions[i] = OpenSharedMem(name, sizeof i, 0, NULL);
        CHECK(regions[i] != NULL);
        CHECK(WriteSharedMem(regions[i], &i, sizeof i, NULL));
    }
    open_and_fail(NAME, 8, ERROR_NOT_ENOUGH_MEMORY);
    for (int i = 0; i < MOST; i++) {
        int value;
        SIZE_T size = sizeof value;
        CHECK(ReadSharedMem(regions[i], &value, &size, NULL) && value == i);
        CHECK(CloseSharedMem(regions[i]));
    }
    CHECK_EQUAL(process_open_handles(), handles);
    check_names_are_free();
}

#ifndef _WIN64

struct address_space {
    void *range[8192];
    unsigned count;
};

static void take_address_space(struct address_space *taken)
{
    for (SIZE_T size = (SIZE_T)1 << 30; size >= 65536; size /= 2) {
        void *range;
        while ((range = VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_NOACCESS)) != NULL) {
            CHECK(taken->count < ARRAYSIZE(taken->range));
            taken->range[taken->count++] = range;
        }
    }
}

static void give_address_space_back(struct address_space *taken)
{
    while (taken->count > 0) {
        VirtualFree(taken->range[--taken->count], 0, MEM_RELEASE);
    }
}

#endif

/* Regions for which there can be no room, and in 32 bits one for which there is none any more. */
static void missing_address_space_is_told(void)
{
    cycle(0);
    struct resources before = count_resources();
    for (unsigned bits = sizeof(SIZE_T) == 8 ? 44 : 30; bits < sizeof(SIZE_T) * 8; bits++) {
        CHECK(OpenSharedMem(NAME, (SIZE_T)1 << bits, 0, NULL) == NULL);
        DWORD error = GetLastError(); /* which of them depends on the system and its page file */
        CHECK(error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_COMMITMENT_LIMIT ||
              error == ERROR_NO_SYSTEM_RESOURCES);
    }
    check_resources(&before);
    check_names_are_free();
#ifndef _WIN64
    static struct address_space taken;
    HSHAREDMEM region;
    do { /* the system itself may give some back */
        take_address_space(&taken);
        region = OpenSharedMem(NAME, 8, 0, NULL);
    } while (region != NULL && CloseSharedMem(region));
    DWORD handles = process_open_handles();
    open_and_fail(NAME, 8, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQUAL(process_open_handles(), handles);
    SetSharedMem(L"needs none");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    give_address_space_back(&taken);
    check_resources(&before);
#endif
    cycle(1);
}

static HANDLE make_event(const WCHAR *name)
{
    return CreateEventW(NULL, FALSE, FALSE, name);
}

static HANDLE make_mutex(const WCHAR *name)
{
    return CreateMutexW(NULL, FALSE, name);
}

static HANDLE make_semaphore(const WCHAR *name)
{
    return CreateSemaphoreW(NULL, 0, 1, name);
}

static HANDLE make_timer(const WCHAR *name)
{
    return CreateWaitableTimerW(NULL, FALSE, name);
}

static HANDLE make_job(const WCHAR *name)
{
    return CreateJobObjectW(NULL, name);
}

/* Every kind of object that shares the names of sections. */
static void squatters_are_told(void)
{
    HANDLE(*const kinds[])
    (const WCHAR *name) = {make_event, make_mutex, make_semaphore, make_timer, make_job};
    cycle(0);
    struct resources before = count_resources();
    for (size_t i = 0; i < ARRAYSIZE(kinds); i++) {
        HANDLE squatter = kinds[i](NAME);
        CHECK(squatter != NULL);
        for (int j = 0; j < SQUATTED; j++) {
            open_and_fail(NAME, 8, ERROR_INVALID_HANDLE);
            open_and_fail(NAME, 0, ERROR_INVALID_HANDLE);
        }
        CloseHandle(squatter);
    }
    check_resources(&before);
}

/* Without a single event to be had, waiters poll, and writers wake no thread. */
static void squatted_events_cost_nothing_but_time(void)
{
    HANDLE squatters[LAYOUT_MAX_WAITERS];
    for (unsigned i = 0; i < LAYOUT_MAX_WAITERS; i++) {
        WCHAR name[64];
        swprintf(name, ARRAYSIZE(name), NAME L".waiter.%02u", i);
        squatters[i] = make_mutex(name);
        CHECK(squatters[i] != NULL);
    }
    HSHAREDMEM region = OpenSharedMem(NAME, 8, 0, NULL);
    CHECK(region != NULL);
    struct resources before = count_resources();
    for (int i = 0; i < 20; i++) {
        ULONGLONG version;
        CHECK(WriteSharedMem(region, "value", 5, &version));
        CHECK(!WaitSharedMem(region, version, 20));
        CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
        CHECK(WaitSharedMem(region, version - 1, INFINITE));
    }
    check_resources(&before);
    CHECK(CloseSharedMem(region));
    for (unsigned i = 0; i < LAYOUT_MAX_WAITERS; i++) {
        CloseHandle(squatters[i]);
    }
    check_names_are_free();
}

/*
 * When a process can have no handle any more, what is open goes on, and opening says what is wrong.
 */
static void the_last_system_handle_is_told(void)
{
    HSHAREDMEM region = OpenSharedMem(NAME, 8, 0, NULL);
    HANDLE event = make_event(NULL), last = event, copy;
    unsigned count = 0;
    CHECK(region != NULL && event != NULL);
    while (DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                           DUPLICATE_SAME_ACCESS)) {
        last = copy;
        count++;
    }
    DWORD missing = GetLastError();
    open_and_fail(NAME L"-another", 8, missing);
    SetSharedMem(L"needs none");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(WriteSharedMem(region, "needs none", 8, NULL));
    CHECK(!WaitSharedMem(region, 1, 30)); /* polls: its event cannot be had */
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);

    for (int i = 0; i < 100; i++) { /* one is enough for a section, but nothing may stay */
        CloseHandle(last);
        HSHAREDMEM another = OpenSharedMem(NAME L"-another", 8, 0, NULL);
        CHECK(another != NULL);
        CHECK(CloseSharedMem(another));
        CHECK(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &last, 0, FALSE,
                              DUPLICATE_SAME_ACCESS));
    }
    printf("%u handles, and then error %lu\n", count, missing);
}

int main(int argc, char **argv)
{
    unsigned cycles = argc > 1 ? (unsigned)atoi(argv[1]) : CYCLES;
    check_deadline(cycles > CYCLES ? 3600 : 60);
    cycles_leave_nothing_behind(cycles);
    the_last_handle_is_told();
    missing_address_space_is_told();
    squatters_are_told();
    squatted_events_cost_nothing_but_time();
    if (argc > 2) {
        CHECK(strcmp(argv[2], "handles") == 0);
        the_last_system_handle_is_told();
    }
    return check_passed();
}
