/* Identities of threads, to be put by hand where a section has those of owners: see layout.h. */
#ifndef SHAREDMEM_TESTS_OWNER_H
#define SHAREDMEM_TESTS_OWNER_H

#include <stdint.h>
#include <windows.h>

/* With an id that no thread has. */
#define OWNER_NOBODY UINT64_C(0x1234567800000004)

uint64_t owner_identity(HANDLE thread);

/*
 * Starts a thread that does nothing, for ever. `access_control` is a security descriptor string,
 * NULL for the default one; with "D:" nobody may look at it.
 */
HANDLE owner_start(const WCHAR *access_control, uint64_t *identity);

/* Ends it; the handle stays open. */
void owner_end(HANDLE thread);

#endif
