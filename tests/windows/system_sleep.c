/*
 * "Interrupt Time": GetTickCount64, QueryInterruptTime and QueryPerformanceCounter go on while the
 * system sleeps or hibernates; QueryUnbiasedInterruptTime does not. A time-out that counts the
 * sleep is over as soon as the system wakes.
 */
#include "check.h"
#include "imports.h"
#include "stopwatch.h"

#define NAME L"sharedmem-test-system-sleep"

enum { HOUR_MS = 3600 * 1000, WAIT_MS = 400 };

static volatile LONG reads;

/* The system falls asleep after each time that the clock is read. */
static ULONGLONG WINAPI tick_count_64(void)
{
    return GetTickCount64() + (ULONGLONG)InterlockedIncrement(&reads) * HOUR_MS;
}

static DWORD WINAPI tick_count(void)
{
    return (DWORD)tick_count_64();
}

static void WINAPI system_time(FILETIME *time)
{
    ULONGLONG now = tick_count_64() * 10000;
    *time = (FILETIME){(DWORD)now, (DWORD)(now >> 32)};
}

static BOOL WINAPI performance_counter(LARGE_INTEGER *count)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(count);
    count->QuadPart += frequency.QuadPart * 3600 * InterlockedIncrement(&reads);
    return TRUE;
}

static const struct import replacements[] = {
    {"GetTickCount64", (imports_function)tick_count_64, true},
    {"GetTickCount", (imports_function)tick_count, true},
    {"GetSystemTimeAsFileTime", (imports_function)system_time, true},
    {"QueryInterruptTime", (imports_function)tick_count_64, true},
    {"QueryPerformanceCounter", (imports_function)performance_counter, true},
};

int main(void)
{
    check_deadline(30);
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HSHAREDMEM region = library.open(NAME, 10, 0, NULL);
    CHECK(region != NULL);
    LONGLONG start = stopwatch_start();
    CHECK(!library.wait(region, 0, WAIT_MS));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(stopwatch_milliseconds(start) >= WAIT_MS - 20); /* the clock's tick */
    CHECK(library.close(region));
    imports_unload(&library);
    return check_passed();
}
