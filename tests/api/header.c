/* The public header, alone and first, in the language that the compiler takes this file for. */
#include "sharedmem.h"

#include <stdio.h>

int main(void)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    const WCHAR *constant = L"a string that is only read";
    SetSharedMem(constant);
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    if (lstrcmpW(text, constant) != 0 || SharedMemVersion() == 0) {
        return 1;
    }
    puts("passed");
    return 0;
}
