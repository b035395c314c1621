#include "working_set.h"

#define PSAPI_VERSION 2 /* its functions are in kernel32.dll */
#include <psapi.h>

BOOL working_set_of_range(const void *start, SIZE_T size, struct working_set *set)
{
    enum { BATCH = 256 };
    PSAPI_WORKING_SET_EX_INFORMATION pages[BATCH];
    const char *page = start, *end = page + size;
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    *set = (struct working_set){.size = size};
    while (page < end) {
        DWORD count = 0;
        for (; count < BATCH && page < end; page += system.dwPageSize) {
            pages[count++].VirtualAddress = (PVOID)(ULONG_PTR)page;
        }
        if (!QueryWorkingSetEx(GetCurrentProcess(), pages, (DWORD)(count * sizeof *pages))) {
            return FALSE;
        }
        for (DWORD i = 0; i < count; i++) {
            if (pages[i].VirtualAttributes.Valid) { /* the other bits mean something */
                *(pages[i].VirtualAttributes.Shared ? &set->shared : &set->own) +=
                    system.dwPageSize;
            }
        }
    }
    return TRUE;
}

BOOL working_set_of_module(HMODULE module, struct working_set *set)
{
    MODULEINFO info;
    return GetModuleInformation(GetCurrentProcess(), module, &info, sizeof info) &&
           working_set_of_range(info.lpBaseOfDll, info.SizeOfImage, set);
}

/* Bytes of the section, by a view for a moment, none of whose pages is touched; 0: an error. */
static SIZE_T size_of_section(const WCHAR *name)
{
    MEMORY_BASIC_INFORMATION run = {0};
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, name);
    void *view = mapping != NULL ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
    if (view != NULL) {
        VirtualQuery(view, &run, sizeof run);
    }
    DWORD error = GetLastError();
    if (view != NULL) {
        UnmapViewOfFile(view);
    }
    if (mapping != NULL) {
        CloseHandle(mapping);
    }
    SetLastError(error);
    return run.RegionSize;
}

/* Whether it is a whole view of a section of the paging file. */
static BOOL is_view(const MEMORY_BASIC_INFORMATION *run)
{
    WCHAR file[MAX_PATH];
    return run->Type == MEM_MAPPED && run->State == MEM_COMMIT &&
           run->BaseAddress == run->AllocationBase &&
           GetMappedFileNameW(GetCurrentProcess(), run->BaseAddress, file, MAX_PATH) == 0 &&
           GetLastError() == ERROR_FILE_INVALID;
}

/* The only view that has this size and access; NULL: none, or several. */
static const void *find_view(SIZE_T size, DWORD protection)
{
    MEMORY_BASIC_INFORMATION run;
    const void *found = NULL;
    for (const char *at = NULL; VirtualQuery(at, &run, sizeof run) != 0;
         at = (const char *)run.BaseAddress + run.RegionSize) {
        if (run.RegionSize == size && run.Protect == protection && is_view(&run)) {
            if (found != NULL) {
                return NULL;
            }
            found = run.BaseAddress;
        }
    }
    return found;
}

BOOL working_set_of_section(const WCHAR *name, BOOL read_only, struct working_set *set)
{
    SIZE_T size = size_of_section(name);
    if (size == 0) {
        return FALSE;
    }
    const void *view = find_view(size, read_only ? PAGE_READONLY : PAGE_READWRITE);
    if (view == NULL) {
        SetLastError(ERROR_NOT_FOUND);
        return FALSE;
    }
    return working_set_of_range(view, size, set);
}
