/*
 * A hello that is compiled, by Go or by Free Pascal.
 *
 *     compiled LANGUAGE FOLDER    Go or Pascal, and the folder of the compiled program
 */
#include "check.h"
#include "hello.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { CANNOT_RUN = 77, EXIT_OF_LOG_FATAL = 1, EXIT_OF_AN_EXCEPTION = 217 };

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

int main(int argc, char **argv)
{
    CHECK_EQUAL(argc, 3);
    check_deadline(80);
    const char *language = argv[1];
    bool is_go = strcmp(language, "Go") == 0;
    CHECK(is_go || strcmp(language, "Pascal") == 0);

    const WCHAR *name = is_go ? L"hello_go.exe" : L"hello_pascal.exe";
    WCHAR path[MAX_PATH], command[MAX_PATH + 2];
    if (GetFileAttributesW(process_path(argv[2], name, path)) == INVALID_FILE_ATTRIBUTES) {
        return skip("it could not be compiled");
    }
    if (is_go && !has_sockets()) {
        return skip("the run-time library of Go needs ws2_32.dll");
    }
    swprintf(command, ARRAYSIZE(command), L"\"%ls\"", hello_install(argv[2], name, path));
    hello_check(command, language, is_go ? EXIT_OF_LOG_FATAL : EXIT_OF_AN_EXCEPTION);
    return check_passed();
}
