/*
 * What the programs tell a person: on the standard streams, as it is in a console, as UTF-8 in a
 * file or a pipe.
 */
#ifndef SHAREDMEM_CONSOLE_H
#define SHAREDMEM_CONSOLE_H

#include <windows.h>

/* Exit codes, besides EXIT_SUCCESS. */
enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/*
 * Writes strings, the last one followed by a NULL, to `stream`: STD_OUTPUT_HANDLE or
 * STD_ERROR_HANDLE. FALSE if that fails, with the reason in GetLastError.
 */
BOOL console_print(DWORD stream, ...);

/*
 * Complaints, on the standard error stream, that begin with the program's name and say what is
 * wrong with what. They return the exit code.
 */
int console_complain_usage(const WCHAR *what, const WCHAR *with_what); /* and refers to --help */
int console_complain_error(const WCHAR *what, const WCHAR *with_what); /* and why: the last error */

/* The same, but in words of the program's own for the errors that have a meaning there. */
struct console_meaning {
    DWORD error;
    const WCHAR *why;
};
int console_complain_meaning(const WCHAR *what, const WCHAR *with_what,
                             const struct console_meaning *meanings, size_t count);

/* The same for a file that backs a region: what sharedmem.h means by the error. */
int console_complain_file(const WCHAR *what, const WCHAR *path);

#endif
