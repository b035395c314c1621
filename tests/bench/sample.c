#include "sample.h"

#define CHARACTERS 2048 /* 4096 of them, as the sample counts, would not fit into its section */

static HANDLE section, mutex;
static WCHAR *shared;

/* The loops do what the sample's do, and so does their code: one character after the other. */

void __cdecl SampleSet(LPCWSTR text)
{
    WCHAR *to = shared;
    DWORD count = 1;
    while (*text != 0 && count < CHARACTERS) {
        *to++ = *text++;
        count++;
    }
    *to = 0;
}

void __cdecl SampleGet(LPWSTR buffer, DWORD cch)
{
    const WCHAR *from = shared;
    while (*from != 0 && --cch != 0) {
        *buffer++ = *from++;
    }
    *buffer = 0;
}

void __cdecl SampleSetUnderMutex(LPCWSTR text)
{
    WaitForSingleObject(mutex, INFINITE);
    SampleSet(text);
    ReleaseMutex(mutex);
}

void __cdecl SampleGetUnderMutex(LPWSTR buffer, DWORD cch)
{
    WaitForSingleObject(mutex, INFINITE);
    SampleGet(buffer, cch);
    ReleaseMutex(mutex);
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                     CHARACTERS * sizeof(WCHAR), L"sharedmem-bench-sample");
        mutex = CreateMutexW(NULL, FALSE, L"sharedmem-bench-sample-mutex");
        shared = section != NULL ? MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) : NULL;
        return mutex != NULL && shared != NULL;
    }
    return TRUE;
}
