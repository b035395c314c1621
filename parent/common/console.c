#include "console.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

static BOOL write_console(HANDLE console, const WCHAR *text, size_t cch)
{
    while (cch > 0) {
        DWORD written;
        DWORD part = cch < 8192 ? (DWORD)cch : 8192; /* at once, it takes 64 KiB at most */
        if (!WriteConsoleW(console, text, part, &written, NULL)) {
            return FALSE;
        }
        text += written;
        cch -= written;
    }
    return TRUE;
}

static BOOL write_file(HANDLE file, const char *bytes, DWORD size)
{
    while (size > 0) {
        DWORD written;
        if (!WriteFile(file, bytes, size, &written, NULL)) {
            return FALSE;
        }
        bytes += written;
        size -= written;
    }
    return TRUE;
}

static BOOL write_utf8(HANDLE file, const WCHAR *text, size_t cch)
{
    if (cch == 0) {
        return TRUE;
    }
    int room = (int)cch * 3; /* bytes in UTF-8: three for a unit at most */
    char *bytes = malloc((size_t)room);
    if (bytes == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    int size = WideCharToMultiByte(CP_UTF8, 0, text, (int)cch, bytes, room, NULL, NULL);
    BOOL done = size > 0 && write_file(file, bytes, (DWORD)size);
    free(bytes);
    return done;
}

BOOL console_print(DWORD stream, ...)
{
    HANDLE handle = GetStdHandle(stream);
    DWORD mode;
    BOOL is_console = GetConsoleMode(handle, &mode);
    BOOL done = TRUE;

    va_list strings;
    va_start(strings, stream);
    for (const WCHAR *text; done && (text = va_arg(strings, const WCHAR *)) != NULL;) {
        done = is_console ? write_console(handle, text, wcslen(text))
                          : write_utf8(handle, text, wcslen(text));
    }
    va_end(strings);
    return done;
}

/* The file name of the program, without its extension. */
static const WCHAR *program_name(WCHAR buffer[MAX_PATH])
{
    DWORD cch = GetModuleFileNameW(NULL, buffer, MAX_PATH);
    const WCHAR *separator;
    WCHAR *extension;
    if (cch == 0 || cch == MAX_PATH || (separator = wcsrchr(buffer, L'\\')) == NULL) {
        return L"error";
    }
    extension = wcsrchr(separator, L'.');
    if (extension != NULL) {
        *extension = 0;
    }
    return separator + 1;
}

int console_complain_usage(const WCHAR *what, const WCHAR *with_what)
{
    WCHAR buffer[MAX_PATH];
    const WCHAR *program = program_name(buffer);
    console_print(STD_ERROR_HANDLE, program, L": ", what, with_what, L"; see ", program,
                  L" --help\r\n", NULL);
    return EXIT_USAGE;
}

static int complain(const WCHAR *what, const WCHAR *with_what, const WCHAR *why, DWORD error)
{
    WCHAR buffer[MAX_PATH], code[32];
    swprintf(code, ARRAYSIZE(code), L" (error %lu)\r\n", error);
    console_print(STD_ERROR_HANDLE, program_name(buffer), L": ", what, with_what, L": ", why, code,
                  NULL);
    return EXIT_FAILED;
}

int console_complain_error(const WCHAR *what, const WCHAR *with_what)
{
    DWORD error = GetLastError();
    WCHAR message[512];
    DWORD cch = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                               error, 0, message, ARRAYSIZE(message), NULL);
    while (cch > 0 && wcschr(L"\r\n .", message[cch - 1]) != NULL) {
        cch--;
    }
    message[cch] = 0;
    return complain(what, with_what, message, error);
}

int console_complain_meaning(const WCHAR *what, const WCHAR *with_what,
                             const struct console_meaning *meanings, size_t count)
{
    DWORD error = GetLastError();
    for (size_t i = 0; i < count; i++) {
        if (meanings[i].error == error) {
            return complain(what, with_what, meanings[i].why, error);
        }
    }
    return console_complain_error(what, with_what);
}

int console_complain_file(const WCHAR *what, const WCHAR *path)
{
    static const struct console_meaning meanings[] = {
        {ERROR_ACCESS_DENIED, L"it is read-only, or a folder, or its access control refuses you"},
        {ERROR_INVALID_DATA, L"it is another program's file, which is not changed"},
        {ERROR_FILE_CORRUPT,
         L"it is damaged, or this program may only read it and is the first to open it"},
        {ERROR_NOT_SUPPORTED, L"it is not an ordinary file of a local disk"},
        {ERROR_SHARING_VIOLATION, L"another program has it open for itself"},
        {ERROR_LOCK_VIOLATION, L"another process is opening it and does not finish"},
    };
    return console_complain_meaning(what, path, meanings, ARRAYSIZE(meanings));
}
