#include "file.h"

#include "unbiased_time.h"

/*
 * Bytes to be locked, far beyond the end of any file: locks of bytes that are read and written would
 * keep others from reading and writing them.
 */
#define GATE (UINT64_C(1) << 62)
#define PRESENCE (GATE + 1)

enum { LOCK_MS = 30000, RETRY_MS = 5 };

static bool lock(HANDLE file, uint64_t byte, DWORD flags)
{
    OVERLAPPED at = {.Offset = (DWORD)byte, .OffsetHigh = (DWORD)(byte >> 32)};
    return LockFileEx(file, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at);
}

static void unlock(HANDLE file, uint64_t byte)
{
    OVERLAPPED at = {.Offset = (DWORD)byte, .OffsetHigh = (DWORD)(byte >> 32)};
    UnlockFileEx(file, 0, 1, 0, &at);
}

/* Why it could not be locked, if it is not worth another try. */
static DWORD why_not_locked(void)
{
    DWORD error = GetLastError();
    return error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING ? ERROR_SUCCESS : error;
}

static DWORD lock_in_time(HANDLE file, uint64_t byte, DWORD flags)
{
    uint64_t deadline = unbiased_time() + LOCK_MS;
    while (!lock(file, byte, flags)) {
        DWORD error = why_not_locked();
        if (error != ERROR_SUCCESS) {
            return error;
        }
        if (unbiased_time() >= deadline) {
            return ERROR_LOCK_VIOLATION;
        }
        Sleep(RETRY_MS);
    }
    return ERROR_SUCCESS;
}

DWORD file_enter_gate(HANDLE file)
{
    return lock_in_time(file, GATE, LOCKFILE_EXCLUSIVE_LOCK);
}

void file_leave_gate(HANDLE file)
{
    unlock(file, GATE);
}

DWORD file_become_present(HANDLE file, bool *alone)
{
    uint64_t deadline = unbiased_time() + LOCK_MS;
    for (;;) {
        *alone = lock(file, PRESENCE, LOCKFILE_EXCLUSIVE_LOCK);
        /* A program that has it for itself, for a moment, is none that has the file open as a region. */
        if (*alone || lock(file, PRESENCE, 0)) {
            return ERROR_SUCCESS;
        }
        DWORD error = why_not_locked();
        if (error != ERROR_SUCCESS) {
            return error;
        }
        if (unbiased_time() >= deadline) {
            return ERROR_LOCK_VIOLATION;
        }
        Sleep(RETRY_MS);
    }
}

DWORD file_stay_with_others(HANDLE file)
{
    unlock(file, PRESENCE);
    return lock_in_time(file, PRESENCE, 0);
}

void file_end_presence(HANDLE file)
{
    unlock(file, PRESENCE);
}
