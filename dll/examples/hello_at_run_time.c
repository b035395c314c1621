/* The same for a program that also runs without the DLL. */
#include "sharedmem.h"
#include <stdio.h>

int main(void)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    PFN_GetSharedMem get = NULL;
    if (dll != NULL) {
        get = (PFN_GetSharedMem)(void (*)(void))GetProcAddress(dll, "GetSharedMem");
    }
    if (get == NULL) {
        printf("no shared memory here, error %lu\n", GetLastError());
        return 1;
    }
    get(text, SHARED_MEM_TEXT_CCH);
    printf("%ls, error %lu\n", text, GetLastError());
    return 0;
}
