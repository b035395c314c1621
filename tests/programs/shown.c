#include "shown.h"

#include "check.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

WCHAR parent[MAX_PATH], child[MAX_PATH];
struct process_output output;

static const WCHAR *elsewhere(WCHAR folder[MAX_PATH])
{
    CHECK(GetWindowsDirectoryW(folder, MAX_PATH) < MAX_PATH);
    return folder;
}

void run(const WCHAR *program, const WCHAR *arguments)
{
    static WCHAR command_line[32768];
    WCHAR folder[MAX_PATH];
    CHECK(wcslen(program) + wcslen(arguments) + 4 < ARRAYSIZE(command_line));
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" %ls", program, arguments);
    process_run(command_line, "", elsewhere(folder), &output);
}

HANDLE run_until_input_ends(const WCHAR *program, const WCHAR *arguments, HANDLE *keyboard)
{
    WCHAR command_line[4 * MAX_PATH], folder[MAX_PATH];
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
    HANDLE input;
    CHECK(CreatePipe(&input, keyboard, &inheritable, 0));
    CHECK(SetHandleInformation(*keyboard, HANDLE_FLAG_INHERIT, 0));
    HANDLE nothing = CreateFileW(L"NUL", GENERIC_WRITE, 0, &inheritable, OPEN_EXISTING, 0, NULL);
    CHECK(nothing != INVALID_HANDLE_VALUE);
    STARTUPINFOW startup = {
        .cb = sizeof startup,
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = input,
        .hStdOutput = nothing,
        .hStdError = nothing,
    };
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" %ls", program, arguments);
    HANDLE process = process_start(command_line, elsewhere(folder), &startup);
    CloseHandle(input);
    CloseHandle(nothing);
    return process;
}

void expect(DWORD exit_code, const char *out, const char *error)
{
    if (output.exit_code != exit_code || strcmp(output.out, out) != 0 ||
        strcmp(output.error, error) != 0) {
        printf("exit code %lu, output:\n%s\nerrors:\n%s\n", output.exit_code, output.out,
               output.error);
        printf("expected %lu, output:\n%s\nerrors:\n%s\n", exit_code, out, error);
    }
    CHECK(output.exit_code == exit_code && strcmp(output.out, out) == 0 &&
          strcmp(output.error, error) == 0);
}

void expect_complaint(DWORD exit_code, const char *out, const char *words)
{
    if (strstr(output.error, words) == NULL) {
        printf("errors:\n%s\n", output.error);
    }
    CHECK_EQUAL(output.exit_code, exit_code);
    CHECK(strcmp(output.out, out) == 0);
    CHECK(strstr(output.error, words) != NULL);
    CHECK(output.error[strlen(output.error) - 1] == '\n');
}

void expect_usage_complaint(const WCHAR *program, const WCHAR *arguments, const char *words)
{
    run(program, arguments);
    expect_complaint(2, "", words);
}
