/*
 * Writes a text to shared memory, starts a child program that reads it, waits for the child and
 * returns its exit code; or plays a recording again. Uses the DLL through its import library.
 */
#include "console.h"
#include "options.h"
#include "replay.h"
#include "sharedmem.h"
#include "stop.h"

#include <stdlib.h>
#include <wchar.h>

#define REGION_CAPACITY 4096   /* bytes, of a region that does not exist yet */
#define COMMAND_LINE_CCH 32768 /* the longest that CreateProcess takes, terminator included */

int wmain(int argc, WCHAR **argv);

static struct {
    const WCHAR *text; /* NULL: the default one */
    const WCHAR *replay;
    double speed;        /* 0: it is not given */
    const WCHAR *region; /* at most one of the two; neither: the text */
    const WCHAR *file;
    BOOL flush;
    BOOL hold;
    WCHAR **child; /* the child's arguments, its program first; NULL after the last */
} options;

static const struct option table[] = {
    {L"--text", OPTION_STRING, (void *)&options.text, L"TEXT", L"a text",
     L"the text to write; default: This is a test string"},
    {L"--region", OPTION_STRING, (void *)&options.region, L"NAME", L"a name",
     L"write it to a named region, as UTF-8, instead"},
    {L"--file", OPTION_STRING, (void *)&options.file, L"PATH", L"a path",
     L"write it to the region of a file, which is created if need be, instead"},
    {L"--flush", OPTION_FLAG, &options.flush, NULL, NULL,
     L"have what was written to the file survive power failure, too"},
    {L"--replay", OPTION_STRING, (void *)&options.replay, L"FILE", L"a path",
     L"write the values that child --record has recorded, each at its time,\n"
     L"instead of a text, and start no child"},
    {L"--speed", OPTION_FACTOR, &options.speed, L"X", L"a number above 0",
     L"replay X times as fast"},
    {L"--hold", OPTION_FLAG, &options.hold, NULL, NULL,
     L"write the text, start no child, and keep the memory alive until Ctrl+C\n"
     L"or the end of the standard input"},
};

static const struct command_line command_line = {
    .synopsis =
        L"parent [--text TEXT] [--region NAME | --file PATH [--flush]] [--hold] [--help]\r\n"
        L"              [CHILD COMMAND LINE]\r\n"
        L"       parent --replay FILE [--speed X] [--region NAME | --file PATH [--flush]] [--hold]",
    .description =
        L"Writes TEXT to shared memory, runs the child program and returns its exit code.",
    .options = table,
    .count = ARRAYSIZE(table),
    .notes = L"\r\n"
             L"Without a CHILD COMMAND LINE, it runs child.exe in its own folder, for the same "
             L"region or file.\r\n",
    .takes_arguments = TRUE,
};

/* FALSE, and a message on the standard error stream, if the options are contradictory. */
static BOOL check_options(void)
{
    const WCHAR *problem =
        options.region != NULL && options.file != NULL   ? L"--region and --file do not go together"
        : options.flush && options.file == NULL          ? L"--flush goes with --file"
        : options.text != NULL && options.replay != NULL ? L"--text and --replay do not go together"
        : options.speed != 0 && options.replay == NULL   ? L"--speed goes with --replay"
                                                         : NULL;
    if ((options.hold || options.replay != NULL) && *options.child != NULL) {
        console_complain_usage(options.hold ? L"with --hold, no child is started: "
                                            : L"with --replay, no child is started: ",
                               *options.child);
        return FALSE;
    }
    if (problem != NULL) {
        console_complain_usage(problem, L"");
        return FALSE;
    }
    if (options.region == NULL && options.file == NULL && options.text != NULL &&
        wcslen(options.text) >= SHARED_MEM_TEXT_CCH) {
        console_complain_usage(L"the text is longer than 2047 characters", L"");
        return FALSE;
    }
    return TRUE;
}

static BOOL write_text(const WCHAR *text)
{
    SetSharedMem(text);
    return GetLastError() == ERROR_SUCCESS;
}

/* Opens the region that the options name. A new one has room for later values, too. */
static HSHAREDMEM open_region(ULONGLONG size)
{
    SHARED_MEM_OPTIONS open = {.cbSize = sizeof open, .file = options.file};
    HSHAREDMEM region = OpenSharedMemEx(options.region, &open);
    if (region == NULL && GetLastError() == ERROR_FILE_NOT_FOUND) {
        open.capacity = size > REGION_CAPACITY ? size : REGION_CAPACITY;
        region = OpenSharedMemEx(options.region, &open);
    }
    return region;
}

/* Writes the text, as UTF-8 without a terminator, to a region that stays open to the end. */
static BOOL write_region(HSHAREDMEM *region, const WCHAR *text)
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
    *region = open_region((ULONGLONG)size);
    BOOL written = *region != NULL && WriteSharedMem(*region, bytes, (SIZE_T)size, NULL);
    free(bytes);
    return written;
}

static int complain_of_writing(void)
{
    return options.file != NULL
               ? console_complain_file(L"cannot write to the file ", options.file)
               : console_complain_error(L"cannot write to ",
                                        options.region != NULL ? options.region : L"shared memory");
}

static int write_value(HSHAREDMEM *region)
{
    const WCHAR *text = options.text != NULL ? options.text : L"This is a test string";
    BOOL is_text = options.region == NULL && options.file == NULL;
    if (!(is_text ? write_text(text) : write_region(region, text))) {
        return complain_of_writing();
    }
    return console_print(STD_OUTPUT_HANDLE, L"Process is writing to shared memory...\r\n", NULL)
               ? EXIT_SUCCESS
               : EXIT_FAILED;
}

static int replay_values(HSHAREDMEM *region)
{
    static struct recording recording;
    if (!recording_open(&recording, options.replay)) {
        return recording_complain(L"cannot replay ", options.replay);
    }
    if (options.region != NULL || options.file != NULL) {
        *region = open_region(recording.largest);
        if (*region == NULL) {
            return complain_of_writing();
        }
    }
    int exit_code =
        replay(&recording, options.replay, *region, options.speed != 0 ? options.speed : 1);
    recording_close(&recording);
    return exit_code;
}

/* FALSE, and a message on the standard error stream, if what was written is not on the disk. */
static BOOL flush(HSHAREDMEM region)
{
    ULONGLONG durable;
    WCHAR message[64];
    if (!FlushSharedMem(region, MAXULONGLONG, &durable)) {
        console_complain_file(L"cannot flush the file ", options.file);
        return FALSE;
    }
    swprintf(message, ARRAYSIZE(message), L"Version %llu is on the disk.\r\n", durable);
    return console_print(STD_OUTPUT_HANDLE, message, NULL);
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

/* child.exe in the folder of this program, wherever that was started from. */
static BOOL append_default_child(WCHAR *command)
{
    const WCHAR *option = options.file != NULL ? L" --file " : L" --region ";
    const WCHAR *name = options.file != NULL ? options.file : options.region;
    static WCHAR path[COMMAND_LINE_CCH];
    DWORD cch = GetModuleFileNameW(NULL, path, COMMAND_LINE_CCH);
    if (cch == 0 || cch == COMMAND_LINE_CCH) {
        return FALSE;
    }
    wcsrchr(path, L'\\')[1] = 0;
    if (!append(path, L"child.exe", wcslen(L"child.exe")) || !append_argument(command, path)) {
        return FALSE;
    }
    return name == NULL ||
           (append(command, option, wcslen(option)) && append_argument(command, name));
}

/*
 * As in Microsoft's sample, a single argument is the whole command line, unless it names a file.
 * Several are a program and its arguments.
 */
static BOOL make_command_line(WCHAR **arguments, WCHAR *command)
{
    if (arguments[0] == NULL) {
        return append_default_child(command);
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

static int run_child(WCHAR **arguments)
{
    static WCHAR command[COMMAND_LINE_CCH], shown[COMMAND_LINE_CCH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD exit_code = EXIT_FAILED;

    if (!make_command_line(arguments, command)) {
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

static int hold(void)
{
    HANDLE stop = stop_event(TRUE);
    if (stop == NULL) {
        return console_complain_error(L"cannot wait for Ctrl+C", L"");
    }
    console_print(STD_OUTPUT_HANDLE, L"Holding it until Ctrl+C or the end of the input...\r\n",
                  NULL);
    WaitForSingleObject(stop, INFINITE);
    return EXIT_SUCCESS;
}

int wmain(int argc, WCHAR **argv)
{
    HSHAREDMEM region = SHARED_MEM_TEXT;
    int exit_code;
    if (!options_parse(&command_line, argc > 0 ? argv + 1 : argv, &options.child, &exit_code)) {
        return exit_code;
    }
    if (!check_options()) {
        return EXIT_USAGE;
    }

    exit_code = options.replay != NULL ? replay_values(&region) : write_value(&region);
    if (exit_code != EXIT_SUCCESS) {
        return exit_code;
    }
    if (options.flush && !flush(region)) {
        return EXIT_FAILED;
    }
    if (options.hold) {
        return hold();
    }
    return options.replay != NULL ? EXIT_SUCCESS : run_child(options.child);
}
