/*
 * The notify section: who makes it, who looks for it, and what happens while something else has its
 * name. Values and versions do not depend on it; waiters poll, and are woken again as soon as the
 * name is free.
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "raw_section.h"
#include "roles.h"
#include "stopwatch.h"
#include "thread.h"
#include "waiter.h"

#include "layout.h"
#include "sharedmem.h"

#include <sddl.h>
#include <stdbool.h>
#include <string.h>

#define NAME L"sharedmem-test-notify"

#define SOON_MS 150.0 /* a waiter that is neither woken nor polls looks after 250 ms */

enum {
    PAUSE_MS = 40,  /* enough to begin to wait */
    PATIENCE = 100, /* pauses that a busy machine may need for that */
    ROUNDS = 5,
    MOST_LATE = 2, /* of them */
};

/* Without a call that looks for the notify section. */
static ULONGLONG version_of(HSHAREDMEM region)
{
    WCHAR value[8];
    SIZE_T size = sizeof value;
    ULONGLONG version;
    CHECK(ReadSharedMem(region, value, &size, &version));
    return version;
}

/* A write ends a wait of `waiting`, armed or not. Returns whether it does soon. */
static bool a_wait_ends(HSHAREDMEM waiting, HSHAREDMEM writing, bool armed)
{
    static WCHAR value[] = L"@"; /* and then A, B, C ... */
    struct wait wait = {.region = waiting, .version = version_of(waiting)};
    thread waiter = thread_start(wait_for_change, &wait);
    Sleep(PAUSE_MS);
    for (int i = 0; armed && query(waiting).waiters == 0; i++) {
        CHECK(i < PATIENCE);
        Sleep(PAUSE_MS);
    }
    CHECK_EQUAL(query(waiting).waiters, armed);

    WCHAR got[ARRAYSIZE(value)];
    SIZE_T size = sizeof got;
    value[0]++;
    LONGLONG start = stopwatch_start();
    CHECK(WriteSharedMem(writing, value, sizeof value, NULL));
    thread_join(waiter);
    bool soon = stopwatch_milliseconds(start) < SOON_MS;
    CHECK(wait.changed);
    CHECK(ReadSharedMem(waiting, got, &size, NULL));
    CHECK(size == sizeof value && memcmp(got, value, size) == 0);
    return soon;
}

static void waits_end(HSHAREDMEM waiting, HSHAREDMEM writing, bool armed)
{
    unsigned late = 0;
    for (int round = 0; round < ROUNDS; round++) {
        late += !a_wait_ends(waiting, writing, armed);
        CHECK(late <= MOST_LATE);
    }
}

/* What may have the name. */

static const WCHAR *squatted; /* that name */

static HANDLE map_pages(DWORD pages, DWORD protection, SECURITY_ATTRIBUTES *security)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, security, protection, 0, pages * LAYOUT_PAGE,
                              squatted);
}

static HANDLE an_event(void)
{
    return CreateEventW(NULL, TRUE, TRUE, squatted);
}

static HANDLE a_larger_section(void)
{
    return map_pages(2, PAGE_READWRITE, NULL);
}

static HANDLE reserved_memory(void)
{
    return map_pages(1, PAGE_READWRITE | SEC_RESERVE, NULL);
}

static HANDLE a_file(void)
{
    WCHAR folder[MAX_PATH], path[MAX_PATH];
    CHECK(GetTempPathW(MAX_PATH, folder) > 0 && GetTempFileNameW(folder, L"shm", 0, path) != 0);
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    HANDLE section =
        CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, LAYOUT_NOTIFY_SIZE, squatted);
    CloseHandle(file);
    return section;
}

/* As a process finds it whose integrity level is too low. */
static HANDLE nothing_to_write_to(void)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
        L"D:(A;;0x0005;;;WD)", SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL));
    HANDLE section = map_pages(1, PAGE_READWRITE, &security);
    LocalFree(security.lpSecurityDescriptor);
    return section;
}

static HANDLE (*const squatters[])(void) = {an_event, a_larger_section, reserved_memory, a_file,
                                            nothing_to_write_to};

static HSHAREDMEM open_region(DWORD flags)
{
    HSHAREDMEM region = OpenSharedMem(NAME, flags == 0 ? 100 : 0, flags, NULL);
    CHECK(region != NULL);
    return region;
}

/* A new region has one: its readers cannot make it. */
static void readers_find_one(void)
{
    HSHAREDMEM region = open_region(0), reader = open_region(SHARED_MEM_READ_ONLY);
    waits_end(reader, region, true);
    CHECK(CloseSharedMem(region) && CloseSharedMem(reader));
}

/* A process that does nothing but write finds it, too. A waiter is played by hand. */
static void writers_of_the_text_find_it(void)
{
    CHECK_EQUAL(query(SHARED_MEM_TEXT).waiters, 0);
    struct raw_section notify = raw_section_open_notify(SHARED_MEM_TEXT_NAME);
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, SHARED_MEM_TEXT_NAME L".waiter.63");
    CHECK(event != NULL);
    raw_section_waiters(&notify)->armed = UINT64_C(1) << 63;
    process_check_role(L"write");
    CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQUAL(raw_section_waiters(&notify)->armed, 0);
    CloseHandle(event);
    raw_section_close(&notify);
}

static int write_once(char **arguments)
{
    (void)arguments;
    SetSharedMem(L"text");
    return GetLastError() == ERROR_SUCCESS ? 0 : 1;
}

static void a_taken_name_is_waited_out(HANDLE (*squat)(void))
{
    squatted = NAME L".notify";
    HANDLE squatter = squat();
    CHECK(squatter != NULL);
    HSHAREDMEM region = open_region(0), reader = open_region(SHARED_MEM_READ_ONLY);
    waits_end(region, region, false);
    waits_end(reader, region, false);

    CloseHandle(squatter);
    a_wait_ends(reader, region, false); /* readers cannot make one; the write does */
    waits_end(reader, region, true);
    waits_end(region, region, true);
    CHECK(CloseSharedMem(region) && CloseSharedMem(reader));
}

/* Another region may have that name, and is not taken for this one's notify section. */
static void another_region_is_left_alone(void)
{
    char value[8];
    SIZE_T size = sizeof value;
    HSHAREDMEM other = OpenSharedMem(NAME L".notify", 8, 0, NULL);
    CHECK(other != NULL && WriteSharedMem(other, "unharmed", 8, NULL));
    HSHAREDMEM region = open_region(0);
    waits_end(region, region, false);
    CHECK(ReadSharedMem(other, value, &size, NULL));
    CHECK(size == 8 && memcmp(value, "unharmed", 8) == 0);
    CHECK(CloseSharedMem(other) && CloseSharedMem(region));
}

static void the_text_waits_it_out_too(void)
{
    squatted = SHARED_MEM_TEXT_NAME L".notify";
    HANDLE squatter = an_event();
    CHECK(squatter != NULL && GetLastError() != ERROR_ALREADY_EXISTS);
    waits_end(SHARED_MEM_TEXT, SHARED_MEM_TEXT, false);
    CloseHandle(squatter);
    waits_end(SHARED_MEM_TEXT, SHARED_MEM_TEXT, true);
}

static const struct role roles[] = {{"write", write_once}};

int main(int argc, char **argv)
{
    check_deadline(60);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    the_text_waits_it_out_too();
    writers_of_the_text_find_it();
    readers_find_one();
    another_region_is_left_alone();
    DWORD handles = process_open_handles();
    for (size_t i = 0; i < ARRAYSIZE(squatters); i++) {
        a_taken_name_is_waited_out(squatters[i]);
    }
    CHECK(process_open_handles() < handles + ARRAYSIZE(squatters)); /* threads that ended */
    return check_passed();
}
