/*
 * How much of a DLL or a section this process has in memory: its working set there, in bytes. A
 * page that is shared is in memory once for all processes that map it; a private page is this
 * process's own, as is each page of a DLL that it has written to. A page that this process has not
 * touched is in neither.
 */
#ifndef SHAREDMEM_CHILD_WORKING_SET_H
#define SHAREDMEM_CHILD_WORKING_SET_H

#include <windows.h>

struct working_set {
    SIZE_T size; /* of all pages, also those that are not in the working set */
    SIZE_T shared;
    SIZE_T own;
};

/* These three return FALSE, with the reason in GetLastError, if they cannot tell. */

BOOL working_set_of_range(const void *start, SIZE_T size, struct working_set *set);

BOOL working_set_of_module(HMODULE module, struct working_set *set);

/* Of the whole view of a section that begins there. */
BOOL working_set_of_view(const void *view, struct working_set *set);

#endif
