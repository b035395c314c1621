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

#define IMPORT(function, replacement)                                                              \
    {                                                                                              \
        function, (imports_function)(replacement), false                                           \
    }

#endif
