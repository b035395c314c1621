/* The same for a program that also runs without the DLL. */
#include <stdio.h>
#include <windows.h>

typedef void(__cdecl *get_shared_mem)(LPWSTR buffer, DWORD cch);

int main(void)
{
    WCHAR text[2048];
    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    FARPROC found = dll != NULL ? GetProcAddress(dll, "GetSharedMem") : NULL;
    if (found == NULL) {
        printf("no shared memory here, error %lu\n", GetLastError());
        return 1;
    }
    ((get_shared_mem)(void (*)(void))found)(text, 2048);
    printf("%ls, error %lu\n", text, GetLastError());
    return 0;
}
