/*
 * Test programs that start copies of themselves: each copy has a role, which is its first argument.
 * process.h starts them.
 */
#ifndef SHAREDMEM_TESTS_ROLES_H
#define SHAREDMEM_TESTS_ROLES_H

#include <stddef.h>
#include <windows.h>

struct role {
    const char *name;
    int (*play)(char **arguments); /* those behind the name, up to a NULL; returns the exit code */
};

/*
 * For the start of main: if the first argument names a role, plays it and ends the process with its
 * exit code. Returns in the process that the test started.
 */
void roles_play(int argc, char **argv, const struct role *roles, size_t count);

/*
 * Starts this program in a role; every other number comes from the folder, unless that is NULL,
 * where the program is built for another architecture.
 */
HANDLE roles_start(const char *folder, unsigned number, const WCHAR *arguments);

#endif
