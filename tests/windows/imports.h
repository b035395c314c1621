/*
 * The DLL with functions of this program in place of some that it imports: so a test imposes what
 * Windows documents and Wine does not do.
 */
#ifndef SHAREDMEM_TESTS_IMPORTS_H
#define SHAREDMEM_TESTS_IMPORTS_H

#include "library.h"

#include <stdbool.h>
#include <stddef.h>

typedef void (*imports_function)(void);

struct import {
    const char *name;
    imports_function function;
    bool may_be_missing; /* the DLL need not import it */
};

/* Calls `each` for the name of everything that the DLL beside this program imports. */
void imports_list(void (*each)(const char *name));

/* Loads the DLL beside this program with these imports, which DllMain calls, too. One at a time. */
struct library imports_load(const struct import *replacements, size_t count);

void imports_unload(struct library *library);

/*
 * The same for any module that is loaded already and imports by name. Nothing else of the process
 * may run meanwhile, or unload it later on.
 */
void imports_replace(HMODULE module, const struct import *replacements, size_t count);

enum { IMPORTS_TICK_MS = 16 };

/* What Windows makes of a time to sleep: whole ticks of its clock, of which 64 are a second. */
DWORD imports_whole_ticks(DWORD milliseconds);

#define IMPORT(function, replacement)                                                              \
    {                                                                                              \
        function, (imports_function)(replacement), false                                           \
    }

#endif
