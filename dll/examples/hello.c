/* The shortest use, with the import library. */
#include "sharedmem.h"
#include <stdio.h>

int main(void)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    SetSharedMem(L"hello");
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    printf("%ls, error %lu\n", text, GetLastError());
    return 0;
}
