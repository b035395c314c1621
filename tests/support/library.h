/* The DLL, loaded at run time, for tests that are about loading or that come before it. */
#ifndef SHAREDMEM_TESTS_LIBRARY_H
#define SHAREDMEM_TESTS_LIBRARY_H

#include "sharedmem.h"

struct library {
    HMODULE module;
    void(__cdecl *set)(LPCWSTR text);
    void(__cdecl *get)(LPWSTR buffer, DWORD cch);
    HSHAREDMEM(__cdecl *open)
    (LPCWSTR name, SIZE_T capacity, DWORD flags, LPSECURITY_ATTRIBUTES security);
    BOOL(__cdecl *read)(HSHAREDMEM region, LPVOID buffer, SIZE_T *size, ULONGLONG *version);
    BOOL(__cdecl *write)(HSHAREDMEM region, LPCVOID data, SIZE_T size, ULONGLONG *version);
    BOOL(__cdecl *replace)(HSHAREDMEM region, LPCVOID data, SIZE_T size, ULONGLONG *version);
    BOOL(__cdecl *wait)(HSHAREDMEM region, ULONGLONG version, DWORD milliseconds);
    BOOL(__cdecl *query)(HSHAREDMEM region, SHARED_MEM_INFO *info);
};

/* Loads the DLL beside this program, or the one at `path`; the module is NULL where that fails. */
struct library library_load(const WCHAR *path);

/* The same, but failing fails the test. */
struct library library_need(const WCHAR *path);

void library_free(struct library *library);

/* Whether the library's present text is this one. */
BOOL library_has_text(const struct library *library, const WCHAR *text);

#endif
