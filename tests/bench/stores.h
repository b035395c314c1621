/* The ways to share a text that are compared. */
#ifndef SHAREDMEM_TESTS_STORES_H
#define SHAREDMEM_TESTS_STORES_H

#include <windows.h>

struct text_store {
    const char *name;
    void(__cdecl *set)(LPCWSTR text);
    void(__cdecl *get)(LPWSTR buffer, DWORD cch);
};

enum { STORES_UNSYNCHRONISED = 1, TEXT_STORES = 5 };

/* sharedmem first, then the sample's loop, then the others. */
extern const struct text_store text_stores[TEXT_STORES];

#endif
