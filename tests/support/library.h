/* The DLL, loaded at run time, for tests that are about loading or that come before it. */
#ifndef SHAREDMEM_TESTS_LIBRARY_H
#define SHAREDMEM_TESTS_LIBRARY_H

#include "sharedmem.h"

struct library {
    HMODULE module;
    PFN_SetSharedMem set;
    PFN_GetSharedMem get;
    PFN_OpenSharedMem open;
    PFN_ReadSharedMem read;
    PFN_WriteSharedMem write;
    PFN_ReplaceSharedMem replace;
    PFN_WaitSharedMem wait;
    PFN_QuerySharedMem query;
};

/* Loads the DLL beside this program, or the one at `path`; the module is NULL where that fails. */
struct library library_load(const WCHAR *path);

/* The same, but failing fails the test. */
struct library library_need(const WCHAR *path);

void library_free(struct library *library);

/* Whether the library's present text is this one. */
BOOL library_has_text(const struct library *library, const WCHAR *text);

#endif
