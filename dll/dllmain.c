#include "event_security.h"
#include "handle_table.h"
#include "owner_token.h"
#include "region.h"
#include "sharedmem.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

/* LoadLibrary reports every failed attach as error 1114; the debugger gets the real one. */
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
#if defined(SHAREDMEM_NO_CRT) /* a C runtime in the DLL needs these calls */
    DisableThreadLibraryCalls(module);
#else
    (void)module;
#endif
    DWORD error = region_open_text();
    if (error != ERROR_SUCCESS) {
        explain_failure(error);
        return FALSE;
    }
    owner_token_attach();
    event_security_attach();
    return TRUE;
}

static void detach(void)
{
    handle_table_detach();
    owner_token_detach();
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
