/* Text on the standard streams: as it is in a console, as UTF-8 in a file or a pipe. */
#ifndef SHAREDMEM_CONSOLE_H
#define SHAREDMEM_CONSOLE_H

#include <windows.h>

#define CONSOLE_MESSAGE_CCH 512

/*
 * Writes strings, the last one followed by a NULL, to `stream`: STD_OUTPUT_HANDLE or
 * STD_ERROR_HANDLE. FALSE if that fails, with the reason in GetLastError.
 */
BOOL console_print(DWORD stream, ...);

/* The system's message for a Win32 error, without a line end, in `buffer`, which it returns. */
const WCHAR *console_error_message(DWORD error, WCHAR buffer[CONSOLE_MESSAGE_CCH]);

#endif
