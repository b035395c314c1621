#include "event_security.h"
#include "handle_table.h"
#include "identity.h"
#include "region.h"
#include "sharedmem.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

/* LoadLibrary reports every failed attach as error 1114; a debugger is told the real one. */
static void explain_failure(DWORD error)
{
    WCHAR message[256];
    DWORD_PTR arguments[] = {
        (DWORD_PTR)SHARED_MEM_TEXT_NAME,
        error,
        (DWORD_PTR)(error == ERROR_INVALID_HANDLE ? L" (another kind of object has that name)"
                                                  : L""),
    };
    if (FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                       L"sharedmem.dll: cannot open the section %1: error %2!u!%3%n", 0, 0, message,
                       ARRAYSIZE(message), (va_list *)(void *)arguments) != 0) {
        OutputDebugStringW(message);
    }
}

static BOOL attach(HINSTANCE module)
{
#if defined(SHAREDMEM_NO_CRT) /* a C runtime inside the DLL would want to hear of threads */
    DisableThreadLibraryCalls(module);
#else
    (void)module;
#endif
    DWORD error = region_open_text();
    if (error != ERROR_SUCCESS) {
        explain_failure(error);
        return FALSE;
    }
    identity_attach();
    event_security_attach();
    return TRUE;
}

static void detach(void)
{
    handle_table_detach();
    identity_detach();
    region_close_text();
}

/* Runs under the loader lock: nothing here waits, loads, or needs more than KERNEL32.dll. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        return attach(module);
    case DLL_PROCESS_DETACH:
        if (reserved == NULL) { /* else the process is ending, and the system cleans up */
            detach();
        }
        break;
    }
    return TRUE;
}
