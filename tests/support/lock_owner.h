/* Identities of threads, to be put by hand where a section has those of owners: see layout.h. */
#ifndef SHAREDMEM_TESTS_LOCK_OWNER_H
#define SHAREDMEM_TESTS_LOCK_OWNER_H

#include <stdint.h>
#include <windows.h>

/* With an id that no thread has. */
#define LOCK_OWNER_DEAD UINT64_C(0x1234567800000004)

/* The same of a process. */
#define LOCK_OWNER_DEAD_PROCESS UINT64_C(0x1234567900000004)

uint64_t lock_owner_token(HANDLE thread);

/*
 * Starts a thread that does nothing, for ever. `access_control` is a security descriptor string,
 * NULL for the default one; with "D:" no process may look at it.
 */
HANDLE lock_owner_start(const WCHAR *access_control, uint64_t *identity);

/* Ends it; the handle stays open. */
void lock_owner_end(HANDLE thread);

#endif
