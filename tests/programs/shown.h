/* The programs that the README shows, run as a person runs them: parent and child. */
#ifndef SHAREDMEM_TESTS_SHOWN_H
#define SHAREDMEM_TESTS_SHOWN_H

#include "process.h"

#define WRITING "Process is writing to shared memory...\r\n"
#define READ "Child process read from shared memory: "

/* Their paths, which the test sets, and what the one that ran last has printed. */
extern WCHAR parent[MAX_PATH], child[MAX_PATH];
extern struct process_output output;

/* Runs a program in a folder that has none of our files, with arguments as on a command line. */
void run(const WCHAR *program, const WCHAR *arguments);

/* The same beside what the test does, without output, until its input ends: `keyboard`. */
HANDLE run_until_input_ends(const WCHAR *program, const WCHAR *arguments, HANDLE *keyboard);

/* Checks exit code and output to the byte. */
void expect(DWORD exit_code, const char *out, const char *error);

/* A complaint: nothing but `out` on the standard output, and these words among the errors. */
void expect_complaint(DWORD exit_code, const char *out, const char *words);

/* Arguments that are refused before anything is done. */
void expect_usage_complaint(const WCHAR *program, const WCHAR *arguments, const char *words);

#endif
