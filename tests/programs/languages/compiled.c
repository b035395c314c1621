/*
 * A hello that is compiled, by Go, Free Pascal or .NET.
 *
 *     compiled LANGUAGE FOLDER [SDK]    Go, Pascal or C#, and the folders of the compiled program
 *                                       and of what runs it, if that is needed
 */
#include "check.h"
#include "hello.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { CANNOT_RUN = 77 };

static const struct compiled {
    const char *language;
    const WCHAR *program;
    DWORD failed;                  /* exit code after an exception, or log.Fatal */
    const WCHAR *runner, *runs_as; /* NULL: none is needed; the file that tells it how */
} all[] = {
    {"Go", L"hello_go.exe", 1, NULL, NULL},
    {"Pascal", L"hello_pascal.exe", 217, NULL, NULL},
    {"C#", L"hello_cs.dll", 0xE0434352, L"dotnet.exe", L"hello_cs.runtimeconfig.json"},
};

static int skip(const char *reason)
{
    printf("skipped: %s\n", reason);
    return CANNOT_RUN;
}

/* Wine that runs 32-bit programs without 32-bit Linux libraries has files that it cannot load. */
static bool has_sockets(void)
{
    HMODULE sockets = LoadLibraryExW(L"ws2_32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    return sockets != NULL && FreeLibrary(sockets);
}

static const struct compiled *find(const char *language)
{
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        if (strcmp(all[i].language, language) == 0) {
            return &all[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3 || argc == 4);
    check_deadline(80);
    const struct compiled *compiled = find(argv[1]);
    CHECK(compiled != NULL);

    WCHAR path[MAX_PATH], command[2 * MAX_PATH + 5];
    process_path(argv[2], L"", path);
    wcscat(path, compiled->program);
    if (GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES) {
        return skip("it could not be compiled");
    }
    if (strcmp(compiled->language, "Go") == 0 && !has_sockets()) {
        return skip("the run-time library of Go needs ws2_32.dll");
    }
    hello_install(argv[2], compiled->program, path);
    if (compiled->runner == NULL) {
        swprintf(command, ARRAYSIZE(command), L"\"%ls\"", path);
    } else {
        WCHAR runner[MAX_PATH];
        swprintf(command, ARRAYSIZE(command), L"\"%ls\" \"%ls\"",
                 process_path(argv[3], compiled->runner, runner), path);
        hello_install(argv[2], compiled->runs_as, path);
    }
    hello_check(command, compiled->language, compiled->failed);
    return check_passed();
}
