/* A DLL with nothing in it: what loading one takes in any case. */
#include <windows.h>

/* Where a DLL begins, which a C runtime would bring. */
BOOL WINAPI DllMainCRTStartup(HINSTANCE module, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMainCRTStartup(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reason;
    (void)reserved;
    return TRUE;
}
