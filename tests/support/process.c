#include "process.h"

#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <tlhelp32.h>

/* All processes of a test are in one job, which ends when the test's process does. */
static void join_job(HANDLE process)
{
    static HANDLE job;
    if (job == NULL) {
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                           JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
        job = CreateJobObjectW(NULL, NULL);
        CHECK(job != NULL);
        CHECK(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits,
                                      sizeof limits));
    }
    CHECK(AssignProcessToJobObject(job, process));
}

/* With a token of its own, or, if that is NULL, with ours. */
static HANDLE start_with(HANDLE token, const WCHAR *command_line, const WCHAR *folder,
                         STARTUPINFOW *startup)
{
    WCHAR writable[32768];
    PROCESS_INFORMATION started;
    bool redirected = (startup->dwFlags & STARTF_USESTDHANDLES) != 0;

    CHECK(wcslen(command_line) < ARRAYSIZE(writable));
    wcscpy(writable, command_line);
    /* Of some thousand processes, Wine 8 fails to start one, and says ERROR_INTERNAL_ERROR. */
    BOOL succeeded = FALSE;
    for (int i = 0; i < 3 && !succeeded; i++) {
        succeeded = CreateProcessAsUserW(token, NULL, writable, NULL, NULL, redirected,
                                         CREATE_SUSPENDED, NULL, folder, startup, &started);
        CHECK(succeeded || GetLastError() == ERROR_INTERNAL_ERROR);
    }
    CHECK(succeeded);
    join_job(started.hProcess);
    ResumeThread(started.hThread);
    CloseHandle(started.hThread);
    return started.hProcess;
}

HANDLE process_start(const WCHAR *command_line, const WCHAR *folder, STARTUPINFOW *startup)
{
    return start_with(NULL, command_line, folder, startup);
}

static HANDLE start_program(HANDLE token, const WCHAR *path, const WCHAR *arguments)
{
    WCHAR command_line[2 * MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};

    CHECK(wcslen(path) + wcslen(arguments) + 4 < ARRAYSIZE(command_line));
    wcscpy(command_line, L"\"");
    wcscat(command_line, path);
    wcscat(command_line, L"\" ");
    wcscat(command_line, arguments);
    return start_with(token, command_line, NULL, &startup);
}

static void get_own_path(WCHAR path[MAX_PATH])
{
    DWORD cch = GetModuleFileNameW(NULL, path, MAX_PATH);
    CHECK(cch > 0 && cch < MAX_PATH);
}

HANDLE process_start_heir(const WCHAR *command_line)
{
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
    HANDLE nothing =
        CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, 0, &inheritable, OPEN_EXISTING, 0, NULL);
    CHECK(nothing != INVALID_HANDLE_VALUE);
    STARTUPINFOW startup = {
        .cb = sizeof startup,
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = nothing,
        .hStdOutput = nothing,
        .hStdError = nothing,
    };
    HANDLE process = process_start(command_line, NULL, &startup);
    CloseHandle(nothing);
    return process;
}

HANDLE process_start_self(const WCHAR *arguments)
{
    WCHAR path[MAX_PATH];
    get_own_path(path);
    return start_program(NULL, path, arguments);
}

static HANDLE token_without_administrators(void)
{
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    SID_AND_ATTRIBUTES administrators = {0};
    HANDLE own, restricted;
    CHECK(AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID,
                                   DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0, &administrators.Sid));
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own));
    CHECK(CreateRestrictedToken(own, 0, 1, &administrators, 0, NULL, 0, NULL, &restricted));
    FreeSid(administrators.Sid);
    CloseHandle(own);
    return restricted;
}

HANDLE process_start_self_as_user(const WCHAR *arguments)
{
    WCHAR path[MAX_PATH];
    HANDLE token = token_without_administrators();
    get_own_path(path);
    HANDLE process = start_program(token, path, arguments);
    CloseHandle(token);
    return process;
}

HANDLE process_start_peer(const char *folder, const WCHAR *arguments)
{
    WCHAR own[MAX_PATH], path[MAX_PATH];
    get_own_path(own);
    return start_program(NULL, process_path(folder, wcsrchr(own, L'\\') + 1, path), arguments);
}

DWORD process_finish(HANDLE process)
{
    DWORD exit_code;
    CHECK(WaitForSingleObject(process, INFINITE) == WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process, &exit_code));
    CloseHandle(process);
    return exit_code;
}

void process_kill(HANDLE process)
{
    CHECK(TerminateProcess(process, 1));
    process_finish(process);
}

void process_check_role(const WCHAR *arguments)
{
    CHECK_EQUAL(process_finish(process_start_self(arguments)), 0);
}

/* One stream of a process: the end that it gets, and a thread that serves the other end. */
struct stream {
    HANDLE theirs;
    HANDLE ours;
    char *bytes;
    size_t size; /* of the input, or the room for the output */
    thread server;
};

static void feed(void *argument)
{
    struct stream *stream = argument;
    DWORD written;
    /* A program need not read its input. */
    WriteFile(stream->ours, stream->bytes, (DWORD)stream->size, &written, NULL);
    CloseHandle(stream->ours);
}

static void drain(void *argument)
{
    struct stream *stream = argument;
    size_t length = 0;
    DWORD got;
    while (ReadFile(stream->ours, stream->bytes + length, (DWORD)(stream->size - 1 - length), &got,
                    NULL) &&
           got > 0) {
        length += got;
        CHECK(length < stream->size - 1);
    }
    stream->bytes[length] = 0;
    CloseHandle(stream->ours);
}

static void open_stream(struct stream *stream, bool is_input)
{
    HANDLE read, write;
    CHECK(CreatePipe(&read, &write, NULL, 0));
    stream->theirs = is_input ? read : write;
    stream->ours = is_input ? write : read;
    CHECK(SetHandleInformation(stream->theirs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
}

/*
 * Held while there are handles for one process to inherit: another that is started meanwhile would
 * inherit them, too, and keep the pipes open.
 */
static SRWLOCK inheriting = SRWLOCK_INIT;

void process_run(const WCHAR *command_line, const char *input, const WCHAR *folder,
                 struct process_output *output)
{
    char input_bytes[256];
    struct stream in = {.bytes = input_bytes, .size = strlen(input)};
    struct stream out = {.bytes = output->out, .size = sizeof output->out};
    struct stream error = {.bytes = output->error, .size = sizeof output->error};

    CHECK(in.size < sizeof input_bytes);
    memcpy(input_bytes, input, in.size);
    AcquireSRWLockExclusive(&inheriting);
    open_stream(&in, true);
    open_stream(&out, false);
    open_stream(&error, false);

    STARTUPINFOW startup = {
        .cb = sizeof startup,
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = in.theirs,
        .hStdOutput = out.theirs,
        .hStdError = error.theirs,
    };
    HANDLE process = process_start(command_line, folder, &startup);
    CloseHandle(in.theirs);
    CloseHandle(out.theirs);
    CloseHandle(error.theirs);
    ReleaseSRWLockExclusive(&inheriting);
    in.server = thread_start(feed, &in);
    out.server = thread_start(drain, &out);
    error.server = thread_start(drain, &error);
    thread_join(in.server);
    thread_join(out.server);
    thread_join(error.server);
    output->exit_code = process_finish(process);
}

struct run_beside {
    const WCHAR *command_line;
    struct process_output *output;
};

static void run_and_free(void *argument)
{
    struct run_beside *run = argument;
    process_run(run->command_line, "", NULL, run->output);
    free(run);
}

thread process_run_beside(const WCHAR *command_line, struct process_output *output)
{
    struct run_beside *run = malloc(sizeof *run);
    CHECK(run != NULL);
    *run = (struct run_beside){command_line, output};
    return thread_start(run_and_free, run);
}

/*
 * Asks for each one. Wine, which this is for, gives out the lowest value that is free: they are not
 * far from each other. (To list the handles of the whole system, as Windows can be asked, too,
 * makes Wine's server crash while some process has none.)
 */
static DWORD count_handles(void)
{
    enum { GAP = 256, STEP = 4 };
    DWORD count = 0, flags;
    for (ULONG_PTR value = STEP, last = 0; value < last + GAP * STEP; value += STEP) {
        if (GetHandleInformation((HANDLE)value, &flags)) {
            count++;
            last = value;
        }
    }
    return count;
}

DWORD process_open_handles(void)
{
    DWORD count;
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &count));
    return count > 0 ? count : count_handles(); /* Wine says 0 */
}

unsigned process_threads(void)
{
    unsigned count = 0;
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    CHECK(snapshot != INVALID_HANDLE_VALUE);
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    }
    CloseHandle(snapshot);
    return count;
}

unsigned process_used_ranges(void)
{
    unsigned count = 0;
    MEMORY_BASIC_INFORMATION range;
    for (char *at = NULL; VirtualQuery(at, &range, sizeof range) != 0;
         at = (char *)range.BaseAddress + range.RegionSize) {
        count += range.State != MEM_FREE && range.BaseAddress == range.AllocationBase;
    }
    return count;
}

const WCHAR *process_path(const char *folder, const WCHAR *file, WCHAR path[MAX_PATH])
{
    const WCHAR *drive = folder[0] == '/' ? L"Z:" : L""; /* where Wine has the root of the other */
    swprintf(path, MAX_PATH, L"%ls%hs/%ls", drive, folder, file);
    CHECK(GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES);
    return path;
}

const WCHAR *process_sibling(const WCHAR *file, WCHAR path[MAX_PATH])
{
    get_own_path(path);
    WCHAR *name = wcsrchr(path, L'\\') + 1;
    CHECK((size_t)(name - path) + wcslen(file) < MAX_PATH);
    wcscpy(name, file);
    return path;
}
