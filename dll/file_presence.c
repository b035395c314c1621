#include "file.h"

#include "unbiased_time.h"

/*
 * Bytes to be locked, far beyond the end of any file: locks of bytes that are read and written
 * would keep others from reading and writing them.
 */
#define GATE (UINT64_C(1) << 62)
#define PRESENCE (GATE + 1)

enum { LOCK_MS = 30000, RETRY_MS = 5 };

static void unlock(HANDLE file, uint64_t byte)
{
    OVERLAPPED at = file_position(byte);
    UnlockFileEx(file, 0, 1, 0, &at);
}

/* ERROR_LOCK_VIOLATION: another process has it. Others are not worth another try. */
static DWORD try_to_lock(HANDLE file, uint64_t byte, DWORD flags)
{
    OVERLAPPED at = file_position(byte);
    if (LockFileEx(file, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
        return ERROR_SUCCESS;
    }
    DWORD error = GetLastError();
    return error == ERROR_IO_PENDING ? ERROR_LOCK_VIOLATION : error;
}

static DWORD lock(HANDLE file, uint64_t byte, DWORD flags)
{
    uint64_t deadline = unbiased_time() + LOCK_MS;
    DWORD error;
    while ((error = try_to_lock(file, byte, flags)) == ERROR_LOCK_VIOLATION &&
           unbiased_time() < deadline) {
        Sleep(RETRY_MS);
    }
    return error;
}

DWORD file_enter_gate(HANDLE file)
{
    return lock(file, GATE, LOCKFILE_EXCLUSIVE_LOCK);
}

void file_leave_gate(HANDLE file)
{
    unlock(file, GATE);
}

/*
 * A program that has the byte for itself, for a moment, is none that has the file open as a region:
 * one of these shares it.
 */
DWORD file_become_present(HANDLE file, bool *alone)
{
    uint64_t deadline = unbiased_time() + LOCK_MS;
    for (;;) {
        DWORD error = try_to_lock(file, PRESENCE, LOCKFILE_EXCLUSIVE_LOCK);
        *alone = error == ERROR_SUCCESS;
        if (error == ERROR_LOCK_VIOLATION) {
            error = try_to_lock(file, PRESENCE, 0);
        }
        if (error != ERROR_LOCK_VIOLATION || unbiased_time() >= deadline) {
            return error;
        }
        Sleep(RETRY_MS);
    }
}

DWORD file_stay_with_others(HANDLE file)
{
    unlock(file, PRESENCE);
    return lock(file, PRESENCE, 0);
}

void file_end_presence(HANDLE file)
{
    unlock(file, PRESENCE);
}
