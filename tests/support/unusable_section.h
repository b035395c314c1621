/* Named sections that are not plain memory of the paging file, and so must never be used. */
#ifndef SHAREDMEM_TESTS_UNUSABLE_SECTION_H
#define SHAREDMEM_TESTS_UNUSABLE_SECTION_H

#include <windows.h>

/* Of a file that is deleted with it; as large as a section can have to be for these tests. */
HANDLE unusable_section_file(const WCHAR *name, DWORD size);

/* Of the paging file, but not plain memory: SEC_NOCACHE | SEC_COMMIT, or SEC_RESERVE. */
HANDLE unusable_section_memory(const WCHAR *name, DWORD size, DWORD kind);

/* Of this program's own image, whose pages have protections of their own. */
HANDLE unusable_section_image(const WCHAR *name);

/* Of this program's file, which is open for reading only: no view can be written to. */
HANDLE unusable_section_read_only_file(const WCHAR *name);

#endif
