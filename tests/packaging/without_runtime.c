/* A program without a C runtime, which is not to be had here in the form that MSVC links. */
#include "sharedmem.h"

int start(void);

int start(void)
{
    static char line[SHARED_MEM_TEXT_CCH];
    static WCHAR text[SHARED_MEM_TEXT_CCH];
    DWORD written;
    int length;

    SetSharedMem(L"without a C runtime\n");
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    for (length = 0; text[length] != 0; length++) {
        line[length] = (char)text[length];
    }
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, (DWORD)length, &written, NULL);
    ExitProcess(GetLastError());
}
