/*
 * The writer lock against owners of every kind: who is gone is succeeded at once, who lives is
 * waited for, but not for ever, and readers never wait.
 */
#include "by_hand.h"
#include "check.h"

#include "layout.h"
#include "sharedmem.h"

#include <wchar.h>

enum {
    AT_ONCE_MS = 1000, /* far from the time-out, whatever else the machine is doing */
    TIMEOUT_MS = 5000,
};

static struct layout_control *control;

static bool has_text(const WCHAR *expected)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    return wcscmp(text, expected) == 0;
}

/* As layout.h has it. */
static uint64_t identity_of(HANDLE thread)
{
    FILETIME creation, exit, kernel, user;
    CHECK(GetThreadTimes(thread, &creation, &exit, &kernel, &user));
    return (uint64_t)creation.dwLowDateTime << 32 | GetThreadId(thread);
}

/* A write succeeds at once although `owner` stands in the lock. */
static void owner_is_succeeded(uint64_t owner)
{
    control->writer = owner;
    ULONGLONG start = GetTickCount64();
    SetSharedMem(L"successor");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(GetTickCount64() - start < AT_ONCE_MS);
    CHECK_EQUAL(control->writer, 0);
    CHECK(has_text(L"successor"));
}

/* A write gives up in due time, and nothing has changed. */
static void owner_is_respected(void)
{
    WCHAR before[SHARED_MEM_TEXT_CCH];
    uint64_t owner = control->writer;
    GetSharedMem(before, SHARED_MEM_TEXT_CCH);

    ULONGLONG start = GetTickCount64();
    SetSharedMem(L"intruder");
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(GetTickCount64() - start >= TIMEOUT_MS - 20); /* the clock ticks every 16 ms */
    CHECK(control->writer == owner);
    CHECK(has_text(before));
}

static DWORD WINAPI sleep_for_ever(void *unused)
{
    (void)unused;
    Sleep(INFINITE);
    return 0;
}

static void the_dead_are_succeeded(void)
{
    HANDLE sleeper = CreateThread(NULL, 0, sleep_for_ever, NULL, 0, NULL);
    uint64_t identity = identity_of(sleeper);

    owner_is_succeeded(UINT64_C(0x1234567800000004)); /* nobody's id */
    owner_is_succeeded(UINT64_MAX);
    owner_is_succeeded(1);
    owner_is_succeeded(identity ^
                       UINT64_C(0x0000000100000000));    /* its id, but another thread's time */
    owner_is_succeeded((DWORD)identity);                 /* no thread's time is 0 */
    owner_is_succeeded(identity_of(GetCurrentThread())); /* an earlier call of ours was cut off */

    TerminateThread(sleeper, 0);
    WaitForSingleObject(sleeper, INFINITE);
    owner_is_succeeded(identity); /* ended, though its handle keeps it known */
    CloseHandle(sleeper);
    owner_is_succeeded(identity);
}

static void the_living_are_respected(void)
{
    HANDLE sleeper = CreateThread(NULL, 0, sleep_for_ever, NULL, 0, NULL);
    control->writer = identity_of(sleeper);
    owner_is_respected();
    TerminateThread(sleeper, 0);
    WaitForSingleObject(sleeper, INFINITE);
    CloseHandle(sleeper);
    owner_is_succeeded(control->writer);
}

int main(void)
{
    check_deadline(60);
    struct by_hand section = by_hand_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    control = by_hand_control(&section);
    the_dead_are_succeeded();
    the_living_are_respected();
    return check_passed();
}
