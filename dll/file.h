/*
 * Files that back regions: opening one, making a new one, and which processes have it open.
 *
 * Functions that return a DWORD return a Win32 error. All may change the last error.
 */
#ifndef SHAREDMEM_FILE_H
#define SHAREDMEM_FILE_H

#include "file_image.h"

#include <stdbool.h>
#include <windows.h>

/* A place in a file, for the functions that take one. */
static inline OVERLAPPED file_position(uint64_t offset)
{
    return (OVERLAPPED){.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
}

/* For DllMain: finds the function that tells what kind of device a file is on. */
void file_attach(void);

/*
 * Opens a file that exists, so that it cannot be deleted, renamed or replaced meanwhile.
 * ERROR_NOT_SUPPORTED: it cannot back a region, because its bytes are not simply those of a local
 * disk that stays.
 */
DWORD file_open(HANDLE *file, const WCHAR *path, bool read_only);

/*
 * Reads and checks the identity, which no process changes. ERROR_INVALID_DATA: it is another
 * program's file. ERROR_FILE_CORRUPT: it is damaged, or its size is not the one that the identity
 * states.
 * ERROR_NOT_ENOUGH_MEMORY: no process of this architecture can map it.
 */
DWORD file_read_identity(HANDLE file, struct file_identity *identity, struct file_image *image);

/*
 * Makes a file of that identity, with every byte written, and all of it on the disk before it has
 * its name. ERROR_ALREADY_EXISTS: a file has the name; that one stays. ERROR_SHARING_VIOLATION:
 * another process is making it.
 */
DWORD file_create(const WCHAR *path, const struct file_identity *identity,
                  const struct file_image *image, SECURITY_ATTRIBUTES *security);

/* Makes durable what was written to that part of a view of the file, which is open for writing. */
bool file_flush(HANDLE file, const void *start, size_t size);

/*
 * The gate lets one process at a time open the file; each that has it open is present. The system
 * ends both when the process ends. ERROR_LOCK_VIOLATION: not to be had for 30 seconds.
 */
DWORD file_enter_gate(HANDLE file);
void file_leave_gate(HANDLE file);

/*
 * Within the gate: becomes present. *alone: no other process is, and none can become present until
 * file_stay_with_others, which ends that.
 */
DWORD file_become_present(HANDLE file, bool *alone);
DWORD file_stay_with_others(HANDLE file);

void file_end_presence(HANDLE file);

#endif
