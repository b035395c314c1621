/* What the exported functions have in common. */
#ifndef SHAREDMEM_API_H
#define SHAREDMEM_API_H

#include <stdint.h>
#include <windows.h>

/* Region functions leave the last error alone when they succeed. */
static inline BOOL result(DWORD error)
{
    if (error != ERROR_SUCCESS) {
        SetLastError(error);
    }
    return error == ERROR_SUCCESS;
}

/* For calls that may change the last error when they succeed, too: it was `before`. */
static inline BOOL result_keeping(DWORD before, DWORD error)
{
    SetLastError(error != ERROR_SUCCESS ? error : before);
    return error == ERROR_SUCCESS;
}

/* Makes `version`, which receives a version once all is done, fault before anything is. */
static inline void touch(uint64_t *version)
{
    *(volatile uint64_t *)version = *(volatile uint64_t *)version;
}

#endif
