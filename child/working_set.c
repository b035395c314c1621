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

BOOL working_set_of_view(const void *view, struct working_set *set)
{
    MEMORY_BASIC_INFORMATION run;
    return VirtualQuery(view, &run, sizeof run) != 0 &&
           working_set_of_range(run.BaseAddress, run.RegionSize, set);
}
