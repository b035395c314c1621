/*
 * The writer lock against owners of every kind: a dead one is succeeded at once, a living one is
 * waited for, but not for ever, and readers never wait.
 */
#include "check.h"
#include "lock_owner.h"
#include "raw_section.h"

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

static void the_dead_are_succeeded(void)
{
    uint64_t identity;
    HANDLE thread = lock_owner_start(NULL, &identity);

    owner_is_succeeded(LOCK_OWNER_DEAD);
    owner_is_succeeded(UINT64_MAX);
    owner_is_succeeded(1);
    owner_is_succeeded(identity ^
                       UINT64_C(0x0000000100000000)); /* its id, but another thread's time */
    owner_is_succeeded((DWORD)identity);              /* no thread's time is 0 */
    owner_is_succeeded(
        lock_owner_token(GetCurrentThread())); /* an earlier call of ours was cut off */

    lock_owner_end(thread);
    owner_is_succeeded(identity); /* ended, though its handle keeps it known */
    CloseHandle(thread);
    owner_is_succeeded(identity);
}

static void the_living_are_respected(void)
{
    HANDLE thread = lock_owner_start(NULL, &control->writer);
    owner_is_respected();
    lock_owner_end(thread);
    CloseHandle(thread);
    owner_is_succeeded(control->writer);
}

/*
 * The owner is dead, and its id went to a thread that this process may not query: its creation time
 * would tell, and is not to be had.
 */
static void the_unknown_are_respected(void)
{
    uint64_t identity;
    HANDLE thread = lock_owner_start(L"D:", &identity);
    control->writer = identity ^ UINT64_C(0x0000000100000000);
    owner_is_respected();
    lock_owner_end(thread);
    CloseHandle(thread);
    owner_is_succeeded(control->writer);
}

int main(void)
{
    check_deadline(60);
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    control = raw_section_control(&section);
    the_dead_are_succeeded();
    the_living_are_respected();
    the_unknown_are_respected();
    return check_passed();
}
