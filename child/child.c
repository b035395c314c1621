/*
 * Prints the text in shared memory. Loads the DLL at run time, as a program does that can also live
 * without it.
 */
#include "console.h"
#include "sharedmem.h"

#include <stdlib.h>
#include <wchar.h>

enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

typedef void(__cdecl *get_shared_mem)(LPWSTR buffer, DWORD cch);

int wmain(int argc, WCHAR **argv);

static const WCHAR usage[] = L"Usage: child [--help]\r\n"
                             L"\r\n"
                             L"Prints the text in shared memory.\r\n";

static int fail(const WCHAR *what)
{
    WCHAR message[CONSOLE_MESSAGE_CCH];
    console_error_message(GetLastError(), message);
    console_print(STD_ERROR_HANDLE, L"child: ", what, L": ", message, L"\r\n", NULL);
    return EXIT_FAILED;
}

static int print_text(void)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];

    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    if (dll == NULL) {
        return fail(L"cannot load sharedmem.dll, which belongs in the folder of this program");
    }
    get_shared_mem get = (get_shared_mem)(void (*)(void))GetProcAddress(dll, "GetSharedMem");
    if (get == NULL) {
        return fail(L"this sharedmem.dll has no GetSharedMem; is it an older one?");
    }
    get(text, SHARED_MEM_TEXT_CCH);
    if (GetLastError() != ERROR_SUCCESS) {
        return fail(L"cannot read from shared memory");
    }
    return console_print(STD_OUTPUT_HANDLE, L"Child process read from shared memory: ", text,
                         L"\r\n", NULL)
               ? EXIT_SUCCESS
               : EXIT_FAILED;
}

int wmain(int argc, WCHAR **argv)
{
    if (argc == 2 && wcscmp(argv[1], L"--help") == 0) {
        return console_print(STD_OUTPUT_HANDLE, usage, NULL) ? EXIT_SUCCESS : EXIT_FAILED;
    }
    if (argc > 1) {
        console_print(STD_ERROR_HANDLE, L"child: unknown argument ", argv[1],
                      L"\r\nTry \"child --help\".\r\n", NULL);
        return EXIT_USAGE;
    }
    return print_text();
}
