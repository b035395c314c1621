#include "replay.h"

#include "console.h"

#include <stdlib.h>
#include <wchar.h>

/* Sleeps until so many milliseconds have passed since the start. */
static void sleep_until(LONGLONG start, double due)
{
    LARGE_INTEGER now, frequency;
    QueryPerformanceFrequency(&frequency);
    for (;;) {
        QueryPerformanceCounter(&now);
        double left = due - (double)(now.QuadPart - start) * 1000 / (double)frequency.QuadPart;
        if (left <= 0) {
            return;
        }
        Sleep(left < 60000 ? (DWORD)left + 1 : 60000);
    }
}

static int play(struct recording *recording, const WCHAR *path, HSHAREDMEM region, double speed,
                void *value)
{
    LARGE_INTEGER start;
    QueryPerformanceCounter(&start);
    for (ULONGLONG i = 0; i < recording->count; i++) {
        struct recording_entry entry;
        if (!recording_next(recording, &entry, value, recording->largest)) {
            return recording_complain(L"cannot replay ", path);
        }
        sleep_until(start.QuadPart, (double)entry.time / speed);
        if (!WriteSharedMem(region, value, (SIZE_T)entry.size, NULL)) {
            return console_complain_error(L"cannot write to shared memory", L"");
        }
    }
    return EXIT_SUCCESS;
}

/* FALSE, with the reason in GetLastError, unless every value fits. */
static BOOL has_room(HSHAREDMEM region, ULONGLONG largest)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    if (!QuerySharedMem(region, &info)) {
        return FALSE;
    }
    if (info.capacity < largest) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    return TRUE;
}

int replay(struct recording *recording, const WCHAR *path, HSHAREDMEM region, double speed)
{
    WCHAR message[64];
    void *value;
    if (!has_room(region, recording->largest)) {
        return console_complain_error(L"the region has no room for the values of ", path);
    }
    value = malloc((size_t)recording->largest + 1);
    if (value == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return console_complain_error(L"cannot make room for the values of ", path);
    }
    swprintf(message, ARRAYSIZE(message), L"Replaying %llu version%ls...\r\n", recording->count,
             recording->count == 1 ? L"" : L"s");
    int exit_code = console_print(STD_OUTPUT_HANDLE, message, NULL)
                        ? play(recording, path, region, speed, value)
                        : EXIT_FAILED;
    free(value);
    return exit_code;
}
