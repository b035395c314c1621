/* Processes, for tests that play with several. None outlives the test, however that ends. */
#ifndef SHAREDMEM_TESTS_PROCESS_H
#define SHAREDMEM_TESTS_PROCESS_H

#include "thread.h"

#include <windows.h>

/*
 * Starts a program, in a folder or, if NULL, in ours, and returns a handle of the process. It
 * inherits handles only where `startup` has standard handles.
 */
HANDLE process_start(const WCHAR *command_line, const WCHAR *folder, STARTUPINFOW *startup);

/* Starts a program that inherits handles, with standard streams that lead nowhere. */
HANDLE process_start_heir(const WCHAR *command_line);

/* Starts this program again, with these arguments. */
HANDLE process_start_self(const WCHAR *arguments);

/* The same without an administrator's rights, if this process has them. */
HANDLE process_start_self_as_user(const WCHAR *arguments);

/* Starts this program's namesake in a folder, which may be given as for process_path. */
HANDLE process_start_peer(const char *folder, const WCHAR *arguments);

/* Waits for the end of a process, closes its handle and returns its exit code. */
DWORD process_finish(HANDLE process);

/* Ends a process at once, waits until it is gone, and closes its handle. */
void process_kill(HANDLE process);

/* Starts this program again and checks that it passes. */
void process_check_role(const WCHAR *arguments);

/* What a program wrote to its standard streams, as it is, NUL-terminated, and its exit code. */
struct process_output {
    DWORD exit_code;
    char out[16384];
    char error[16384];
};

/* Runs a program to its end, with these bytes as its input, in a folder or, if NULL, in ours. */
void process_run(const WCHAR *command_line, const char *input, const WCHAR *folder,
                 struct process_output *output);

/* The same beside what the caller does: in a thread, to be joined. The command line must stay. */
thread process_run_beside(const WCHAR *command_line, struct process_output *output);

/* Handles that this process has open. */
DWORD process_open_handles(void);

/* Threads of this process, those of the system's thread pool included. */
unsigned process_threads(void);

/* Address ranges of this process that are not free. */
unsigned process_used_ranges(void);

/*
 * The path of a file in a folder, which may be given as the machine that builds writes it: that one
 * need not run Windows.
 */
const WCHAR *process_path(const char *folder, const WCHAR *file, WCHAR path[MAX_PATH]);

/* The path of a file beside this program. */
const WCHAR *process_sibling(const WCHAR *file, WCHAR path[MAX_PATH]);

#endif
