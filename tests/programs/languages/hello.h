/* What the hello of each language in dll/examples does. */
#ifndef SHAREDMEM_TESTS_HELLO_H
#define SHAREDMEM_TESTS_HELLO_H

#include "process.h"

/* Copies a file beside this program, where the DLL is. Returns its path there. */
const WCHAR *hello_install(const char *folder, const WCHAR *name, WCHAR path[MAX_PATH]);

/* Checks what a program wrote, whatever it ends lines with. `error` is somewhere in its errors. */
void hello_expect(struct process_output *output, DWORD exit_code, const char *out,
                  const char *error);

/*
 * Checks all that a hello does. The command starts it when a time-out is appended. `failed` is its
 * exit code when a call fails.
 */
void hello_check(const WCHAR *command, const char *language, DWORD failed);

#endif
