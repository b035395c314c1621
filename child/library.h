/* The DLL's functions, found at run time. */
#ifndef SHAREDMEM_CHILD_LIBRARY_H
#define SHAREDMEM_CHILD_LIBRARY_H

#include "sharedmem.h"

struct library {
    void(__cdecl *get_text)(LPWSTR buffer, DWORD cch);
    HSHAREDMEM(__cdecl *open)
    (LPCWSTR name, SIZE_T capacity, DWORD flags, LPSECURITY_ATTRIBUTES security);
    BOOL(__cdecl *read)(HSHAREDMEM region, LPVOID buffer, SIZE_T *size, ULONGLONG *version);
    BOOL(__cdecl *wait)(HSHAREDMEM region, ULONGLONG version, DWORD milliseconds);
    BOOL(__cdecl *query)(HSHAREDMEM region, SHARED_MEM_INFO *info);
};

/*
 * Loads the DLL, and its functions for regions only if they are wanted: a DLL that has no regions
 * still has a text. FALSE, and a message on the standard error stream, if something is missing.
 */
BOOL library_load(struct library *library, BOOL want_regions);

#endif
