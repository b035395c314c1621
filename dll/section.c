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

static bool is_beyond_address_space(const void *address)
{
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    return (uintptr_t)address > (uintptr_t)system.lpMaximumApplicationAddress;
}

static bool is_aligned(const void *address)
{
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    return (uintptr_t)address % system.dwAllocationGranularity == 0;
}

DWORD section_find_room(size_t size, void *address)
{
    if (!is_aligned(address)) {
        return ERROR_MAPPED_ALIGNMENT;
    }
    void *room = !is_beyond_address_space(address)
                     ? VirtualAlloc(address, size, MEM_RESERVE, PAGE_NOACCESS)
                     : NULL;
    if (room == NULL) {
        return address != NULL ? ERROR_INVALID_ADDRESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    VirtualFree(room, 0, MEM_RELEASE);
    return ERROR_SUCCESS;
}

/*
 * Windows reports one error for a view that would end beyond the address space, and for a section
 * that was made for reading only. The latter cannot be mapped elsewhere.
 */
static DWORD why_not_mapped(HANDLE mapping, DWORD access, const void *address)
{
    DWORD error = GetLastError();
    if (error != ERROR_INVALID_PARAMETER) {
        return error;
    }
    void *elsewhere = address != NULL ? MapViewOfFileEx(mapping, access, 0, 0, 0, NULL) : NULL;
    if (elsewhere == NULL) {
        return ERROR_INVALID_DATA;
    }
    UnmapViewOfFile(elsewhere);
    return ERROR_INVALID_ADDRESS;
}

/* Maps the whole section behind `mapping`, which it takes over, also when it fails. */
static DWORD map(struct section *section, HANDLE mapping, DWORD access, void *address, bool created)
{
    if (mapping == NULL) {
        return GetLastError();
    }
    if (address != NULL && is_beyond_address_space(address)) {
        CloseHandle(mapping);
        return ERROR_INVALID_ADDRESS;
    }
    section->view = MapViewOfFileEx(mapping, access, 0, 0, 0, address);
    if (section->view == NULL) {
        DWORD error = why_not_mapped(mapping, access, address);
        CloseHandle(mapping);
        return error;
    }
    section->mapping = mapping;
    section->file = NULL;
    section->read_only = (access & FILE_MAP_WRITE) == 0;
    section->read_view = section->read_only ? section->view : NULL;
    section->created = created;
    section->size = usable_size(section->view, section->read_only);
    return ERROR_SUCCESS;
}

/* The same for a section of the paging file. */
static DWORD map_memory(struct section *section, HANDLE mapping, DWORD access, void *address,
                        bool created)
{
    DWORD error = map(section, mapping, access, address, created);
    if (error == ERROR_SUCCESS && (section->size == 0 || (!created && is_of_file(section->view)))) {
        section_close(section);
        return ERROR_INVALID_DATA;
    }
    return error;
}

/* Creates the section, or opens it as it is unless it has to be new. */
static DWORD create(struct section *section, const WCHAR *name, size_t size,
                    SECURITY_ATTRIBUTES *security, void *address, bool has_to_be_new)
{
    SetLastError(ERROR_SUCCESS);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, security, PAGE_READWRITE,
                                        (DWORD)((uint64_t)size >> 32), (DWORD)size, name);
    bool created = mapping != NULL && GetLastError() != ERROR_ALREADY_EXISTS;
    if (has_to_be_new && mapping != NULL && !created) {
        CloseHandle(mapping);
        return ERROR_ALREADY_EXISTS;
    }
    return map_memory(section, mapping, ACCESS_WRITE, address, created);
}

DWORD section_open(struct section *section, const WCHAR *name, bool read_only, void *address)
{
    DWORD access = read_only ? FILE_MAP_READ : ACCESS_WRITE;
    return map_memory(section, open_mapping(name, access), access, address, false);
}

/*
 * Opening comes first: creating would charge the whole size once more before it found the section,
 * and asks for more rights than mapping needs.
 */
DWORD section_create(struct section *section, const WCHAR *name, size_t size,
                     SECURITY_ATTRIBUTES *security, void *address)
{
    DWORD error = section_open(section, name, false, address);
    if (error != ERROR_FILE_NOT_FOUND) {
        return error;
    }
    DWORD why_not_created = create(section, name, size, security, address, false);
    if (why_not_created == ERROR_SUCCESS) {
        return ERROR_SUCCESS;
    }
    /* Another process may have created it meanwhile. */
    error = section_open(section, name, false, address);
    return error == ERROR_FILE_NOT_FOUND ? why_not_created : error;
}

DWORD section_create_new(struct section *section, const WCHAR *name, size_t size,
                         SECURITY_ATTRIBUTES *security, void *address)
{
    HANDLE existing = OpenFileMappingW(FILE_MAP_READ, FALSE, name);
    if (existing != NULL) {
        CloseHandle(existing);
        return ERROR_ALREADY_EXISTS;
    }
    DWORD error = GetLastError();
    return error != ERROR_FILE_NOT_FOUND ? error
                                         : create(section, name, size, security, address, true);
}

DWORD section_map_file(struct section *section, HANDLE file, size_t size, bool read_only,
                       void *address)
{
    HANDLE mapping =
        CreateFileMappingW(file, NULL, read_only ? PAGE_READONLY : PAGE_READWRITE, 0, 0, NULL);
    DWORD error = map(section, mapping, read_only ? FILE_MAP_READ : ACCESS_WRITE, address, false);
    if (error == ERROR_SUCCESS && section->size != size) {
        section_close(section);
        return ERROR_FILE_CORRUPT;
    }
    section->file = file;
    return error;
}

const void *section_map_read_view(struct section *section)
{
    DWORD last_error = GetLastError();
    void *made = MapViewOfFileEx(section->mapping, FILE_MAP_READ, 0, 0, 0, NULL);
    if (made == NULL) {
        return NULL;
    }
    SetLastError(last_error);
    void *set = pointer_set_once(&section->read_view, made);
    if (set != made) {
        UnmapViewOfFile(made);
    }
    return set;
}

void section_close(struct section *section)
{
    if (section->read_view != NULL && section->read_view != section->view) {
        UnmapViewOfFile(section->read_view);
    }
    UnmapViewOfFile(section->view);
    CloseHandle(section->mapping);
    *section = (struct section){0};
}
