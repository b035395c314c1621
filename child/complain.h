/* What went wrong, for the person who runs the child. */
#ifndef SHAREDMEM_CHILD_COMPLAIN_H
#define SHAREDMEM_CHILD_COMPLAIN_H

#include <windows.h>

enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/*
 * Prints what failed, on what, and the system's message for the last error, to the standard error
 * stream. Returns EXIT_FAILED.
 */
int complain(const WCHAR *what, const WCHAR *on_what);

#endif
