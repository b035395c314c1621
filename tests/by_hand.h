/* The section of a region, mapped without the DLL. */
#ifndef SHAREDMEM_TESTS_BY_HAND_H
#define SHAREDMEM_TESTS_BY_HAND_H

#include <windows.h>

struct layout_control;

struct by_hand {
    HANDLE mapping;
    WCHAR *text; /* offset 0 */
    size_t size; /* bytes */
};

/* Opens a region's section, which must be there, with FILE_MAP_READ or FILE_MAP_WRITE. */
struct by_hand by_hand_open(const WCHAR *name, DWORD access);

/*
 * Creates the text's, as a program does that comes before any with the DLL; it must not be there.
 * `access_control` is a security descriptor string, NULL for the default one.
 */
struct by_hand by_hand_create(DWORD size, const WCHAR *access_control);

void by_hand_close(struct by_hand *section);

/* The control page of a section that the DLL made. */
struct layout_control *by_hand_control(const struct by_hand *section);

#endif
