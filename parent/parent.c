/*
 * Writes a text to shared memory, starts a child program that reads it, waits for the child and
 * hands on its exit code. Uses the DLL through its import library.
 */
#include "console.h"
#include "sharedmem.h"

#include <stdlib.h>
#include <wchar.h>

#define REGION_CAPACITY 4096   /* bytes, of a region that does not exist yet */
#define COMMAND_LINE_CCH 32768 /* the longest that CreateProcess takes, terminator included */

int wmain(int argc, WCHAR **argv);

static const WCHAR usage[] =
    L"Usage: parent [--text TEXT] [--region NAME] [--hold] [--help] [CHILD COMMAND LINE]\r\n"
    L"\r\n"
    L"Writes TEXT to shared memory, runs the child program and returns its exit code.\r\n"
    L"\r\n"
    L"  --text TEXT    the text to write; default: This is a test string\r\n"
    L"  --region NAME  write it to a named region, as UTF-8, instead\r\n"
    L"  --hold         write the text, start no child, and keep the memory alive until Ctrl+C\r\n"
    L"                 or the end of the standard input\r\n"
    L"  --help         show this help\r\n"
    L"\r\n"
    L"Without a CHILD COMMAND LINE, it runs child.exe in its own folder, for the same region.\r\n";

struct options {
    const WCHAR *text;
    const WCHAR *region; /* NULL: the text */
    BOOL hold;
    BOOL help;
    WCHAR **child; /* the child's arguments, its program first; NULL after the last */
};

/* FALSE, and a message on the standard error stream, if the arguments make no sense. */
static BOOL parse_options(WCHAR **arguments, struct options *options)
{
    const WCHAR *problem = NULL;
    const WCHAR *culprit = L"";

    *options = (struct options){.text = L"This is a test string"};
    for (; *arguments != NULL && wcsncmp(*arguments, L"-", 1) == 0; arguments++) {
        if (wcscmp(*arguments, L"--help") == 0) {
            options->help = TRUE;
        } else if (wcscmp(*arguments, L"--hold") == 0) {
            options->hold = TRUE;
        } else if (wcscmp(*arguments, L"--text") == 0 && arguments[1] != NULL) {
            options->text = *++arguments;
        } else if (wcscmp(*arguments, L"--region") == 0 && arguments[1] != NULL) {
            options->region = *++arguments;
        } else {
            problem = wcscmp(*arguments, L"--text") == 0     ? L"a text must follow "
                      : wcscmp(*arguments, L"--region") == 0 ? L"a name must follow "
                                                             : L"unknown option ";
            culprit = *arguments;
            break;
        }
    }
    options->child = arguments;
    if (problem == NULL && options->hold && *arguments != NULL) {
        problem = L"with --hold, no child is started: ";
        culprit = *arguments;
    } else if (problem == NULL && options->region == NULL &&
               wcslen(options->text) >= SHARED_MEM_TEXT_CCH) {
        problem = L"the text is longer than 2047 characters";
    }
    if (problem != NULL) {
        console_complain_usage(problem, culprit);
    }
    return problem == NULL;
}

static BOOL write_text(const WCHAR *text)
{
    SetSharedMem(text);
    return GetLastError() == ERROR_SUCCESS;
}

/* Writes the text, as UTF-8 without a terminator, to a region that stays open until we end. */
static BOOL write_region(const WCHAR *name, const WCHAR *text)
{
    int cch = (int)wcslen(text);
    int size = cch == 0 ? 0 : WideCharToMultiByte(CP_UTF8, 0, text, cch, NULL, 0, NULL, NULL);
    char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    if (size > 0) {
        WideCharToMultiByte(CP_UTF8, 0, text, cch, bytes, size, NULL, NULL);
    }
    HSHAREDMEM region = OpenSharedMem(name, 0, 0, NULL);
    if (region == NULL && GetLastError() == ERROR_FILE_NOT_FOUND) { /* with room for later texts */
        region =
            OpenSharedMem(name, size > REGION_CAPACITY ? (SIZE_T)size : REGION_CAPACITY, 0, NULL);
    }
    BOOL written = region != NULL && WriteSharedMem(region, bytes, (SIZE_T)size, NULL);
    free(bytes);
    return written;
}

static BOOL append(WCHAR *command, const WCHAR *text, size_t cch)
{
    size_t length = wcslen(command);
    if (length + cch >= COMMAND_LINE_CCH) {
        return FALSE;
    }
    wmemcpy(command + length, text, cch);
    command[length + cch] = 0;
    return TRUE;
}

/* Appends an argument, in quotes if it needs them, such that a C runtime reads it back as it is. */
static BOOL append_argument(WCHAR *command, const WCHAR *argument)
{
    if (*argument != 0 && wcspbrk(argument, L" \t\"") == NULL) {
        return append(command, argument, wcslen(argument));
    }
    BOOL fits = append(command, L"\"", 1);
    while (fits && *argument != 0) {
        size_t backslashes = wcsspn(argument, L"\\");
        const WCHAR *next = argument + backslashes;
        fits = append(command, argument, backslashes);
        if (fits && (*next == L'"' || *next == 0)) { /* before a quote they have to be doubled */
            fits = append(command, argument, backslashes);
        }
        if (fits && *next == L'"') {
            fits = append(command, L"\\", 1);
        }
        if (fits && *next != 0) {
            fits = append(command, next++, 1);
        }
        argument = next;
    }
    return fits && append(command, L"\"", 1);
}

/* child.exe in the folder of this program, wherever it was started from, to read what we wrote. */
static BOOL append_default_child(WCHAR *command, const WCHAR *region)
{
    static WCHAR path[COMMAND_LINE_CCH];
    DWORD cch = GetModuleFileNameW(NULL, path, COMMAND_LINE_CCH);
    if (cch == 0 || cch == COMMAND_LINE_CCH) {
        return FALSE;
    }
    wcsrchr(path, L'\\')[1] = 0;
    if (!append(path, L"child.exe", wcslen(L"child.exe")) || !append_argument(command, path)) {
        return FALSE;
    }
    return region == NULL || (append(command, L" --region ", wcslen(L" --region ")) &&
                              append_argument(command, region));
}

/*
 * As in Microsoft's sample, a single argument is the whole command line, unless it names a file.
 * Several are a program and its arguments.
 */
static BOOL make_command_line(WCHAR **arguments, const WCHAR *region, WCHAR *command)
{
    if (arguments[0] == NULL) {
        return append_default_child(command, region);
    }
    if (arguments[1] == NULL && GetFileAttributesW(arguments[0]) == INVALID_FILE_ATTRIBUTES) {
        return append(command, arguments[0], wcslen(arguments[0]));
    }
    BOOL fits = append_argument(command, arguments[0]);
    for (arguments++; fits && *arguments != NULL; arguments++) {
        fits = append(command, L" ", 1) && append_argument(command, *arguments);
    }
    return fits;
}

static int run_child(WCHAR **arguments, const WCHAR *region)
{
    static WCHAR command[COMMAND_LINE_CCH], shown[COMMAND_LINE_CCH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD exit_code = EXIT_FAILED;

    if (!make_command_line(arguments, region, command)) {
        return console_complain_usage(L"the child's command line is too long", L"");
    }
    wcscpy(shown, command); /* CreateProcess may write to its argument */
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child)) {
        return console_complain_error(L"cannot start the child ", shown);
    }
    CloseHandle(child.hThread);
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &exit_code);
    CloseHandle(child.hProcess);
    return (int)exit_code;
}

static BOOL WINAPI end_hold(DWORD event)
{
    (void)event;
    ExitProcess(EXIT_SUCCESS);
}

static void hold(void)
{
    char ignored[256];
    DWORD size;

    SetConsoleCtrlHandler(end_hold, TRUE);
    console_print(STD_OUTPUT_HANDLE, L"Holding it until Ctrl+C or the end of the input...\r\n",
                  NULL);
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), ignored, sizeof ignored, &size, NULL) &&
           size > 0) {
    }
}

int wmain(int argc, WCHAR **argv)
{
    struct options options;
    if (!parse_options(argc > 0 ? argv + 1 : argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.help) {
        return console_print(STD_OUTPUT_HANDLE, usage, NULL) ? EXIT_SUCCESS : EXIT_FAILED;
    }

    if (!(options.region != NULL ? write_region(options.region, options.text)
                                 : write_text(options.text))) {
        return console_complain_error(L"cannot write to ",
                                      options.region != NULL ? options.region : L"shared memory");
    }
    if (!console_print(STD_OUTPUT_HANDLE, L"Process is writing to shared memory...\r\n", NULL)) {
        return EXIT_FAILED;
    }
    if (options.hold) {
        hold();
        return EXIT_SUCCESS;
    }
    return run_child(options.child, options.region);
}
