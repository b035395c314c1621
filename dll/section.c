#include "section.h"

#include <stdint.h>

#define PSAPI_VERSION 2 /* its functions are in kernel32.dll */
#include <psapi.h>

#define ACCESS_WRITE (FILE_MAP_READ | FILE_MAP_WRITE)

/* READ_CONTROL serves to give the region's events the same access control, if it is granted. */
static HANDLE open_mapping(const WCHAR *name, DWORD access)
{
    HANDLE mapping = OpenFileMappingW(access | READ_CONTROL, FALSE, name);
    if (mapping == NULL && GetLastError() == ERROR_ACCESS_DENIED) {
        mapping = OpenFileMappingW(access, FALSE, name);
    }
    return mapping;
}

/* A file may be cut short, or be on a disk that goes away. */
static bool is_of_file(void *view)
{
    WCHAR name[MAX_PATH];
    return GetMappedFileNameW(GetCurrentProcess(), view, name, MAX_PATH) > 0 ||
           GetLastError() != ERROR_FILE_INVALID; /* this one alone says that there is no file */
}

/*
 * Bytes from the view's start on that can be used, whatever the section's creator intended. None if
 * they are not plain memory with just the access that was asked for: a program's image has pages of
 * its own protection, and memory that is not cached has no atomic operations.
 */
static size_t usable_size(void *view, bool read_only)
{
    MEMORY_BASIC_INFORMATION run;
    if (VirtualQuery(view, &run, sizeof run) == 0 || run.State != MEM_COMMIT ||
        run.Type != MEM_MAPPED || run.Protect != (read_only ? PAGE_READONLY : PAGE_READWRITE)) {
        return 0;
    }
    return run.RegionSize;
}

/* Maps the whole section behind `mapping`, which it takes over, also when it fails. */
static DWORD map(struct section *section, HANDLE mapping, DWORD access, bool created)
{
    if (mapping == NULL) {
        return GetLastError();
    }
    section->view = MapViewOfFile(mapping, access, 0, 0, 0);
    if (section->view == NULL) {
        DWORD error = GetLastError();
        CloseHandle(mapping);
        /* Windows says so if the section was made for reading only. */
        return error == ERROR_INVALID_PARAMETER ? ERROR_INVALID_DATA : error;
    }
    section->mapping = mapping;
    section->read_only = (access & FILE_MAP_WRITE) == 0;
    section->created = created;
    section->size = usable_size(section->view, section->read_only);
    if (section->size == 0 || (!created && is_of_file(section->view))) {
        section_close(section);
        return ERROR_INVALID_DATA;
    }
    return ERROR_SUCCESS;
}

/* Creates the section, or opens it as it is. */
static DWORD create(struct section *section, const WCHAR *name, size_t size,
                    SECURITY_ATTRIBUTES *security)
{
    SetLastError(ERROR_SUCCESS);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, security, PAGE_READWRITE,
                                        (DWORD)((uint64_t)size >> 32), (DWORD)size, name);
    bool created = mapping != NULL && GetLastError() != ERROR_ALREADY_EXISTS;
    return map(section, mapping, ACCESS_WRITE, created);
}

DWORD section_open(struct section *section, const WCHAR *name, bool read_only)
{
    DWORD access = read_only ? FILE_MAP_READ : ACCESS_WRITE;
    return map(section, open_mapping(name, access), access, false);
}

/*
 * Opening comes first: creating would charge the whole size once more before it found the section,
 * and asks for more rights than mapping needs.
 */
DWORD section_create(struct section *section, const WCHAR *name, size_t size,
                     SECURITY_ATTRIBUTES *security)
{
    DWORD error = section_open(section, name, false);
    if (error != ERROR_FILE_NOT_FOUND) {
        return error;
    }
    DWORD why_not_created = create(section, name, size, security);
    if (why_not_created == ERROR_SUCCESS) {
        return ERROR_SUCCESS;
    }
    error = section_open(section, name, false); /* another process may have created it meanwhile */
    return error == ERROR_FILE_NOT_FOUND ? why_not_created : error;
}

void section_close(struct section *section)
{
    UnmapViewOfFile(section->view);
    CloseHandle(section->mapping);
    *section = (struct section){0};
}
