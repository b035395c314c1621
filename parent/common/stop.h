/* When a person wants a program to stop. */
#ifndef SHAREDMEM_STOP_H
#define SHAREDMEM_STOP_H

#include <windows.h>

/*
 * An event that is set from Ctrl+C on, and, if wanted, from the end of the standard input on; to be
 * asked for once. NULL, with the reason in GetLastError, if it cannot be had.
 */
HANDLE stop_event(BOOL at_end_of_input);

/* The same without a call of the system. */
BOOL stop_requested(void);

#endif
