/* The public header, alone and first, in the language that the compiler takes this file for. */
#include "sharedmem.h"

#include <stdio.h>

int main(void)
{
    /* The types for loading at run time are those of the functions: else this does not compile. */
    struct {
        PFN_SetSharedMem set;
        PFN_GetSharedMem get;
        PFN_OpenSharedMem open;
        PFN_CloseSharedMem close;
        PFN_ReadSharedMem read;
        PFN_WriteSharedMem write;
        PFN_ReplaceSharedMem replace;
        PFN_WaitSharedMem wait;
        PFN_QuerySharedMem query;
        PFN_SharedMemVersion version;
    } functions = {SetSharedMem,   GetSharedMem,    OpenSharedMem,    CloseSharedMem,
                   ReadSharedMem,  WriteSharedMem,  ReplaceSharedMem, WaitSharedMem,
                   QuerySharedMem, SharedMemVersion};
    WCHAR text[SHARED_MEM_TEXT_CCH];
    const WCHAR *constant = L"a string that is only read";
    SetSharedMem(constant);
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    if (lstrcmpW(text, constant) != 0 || functions.version() == 0) {
        return 1;
    }
    puts("passed");
    return 0;
}
