#include "derived_security.h"
#include "file.h"
#include "handle_table.h"
#include "owner_token.h"
#include "processor.h"
#include "region.h"
#include "sharedmem.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

static void attach(HINSTANCE module)
{
#if defined(SHAREDMEM_NO_CRT) /* a C runtime in the DLL needs these calls */
    DisableThreadLibraryCalls(module);
#else
    (void)module;
#endif
    processor_features = processor_detect();
    owner_token_attach();
    derived_security_attach();
    file_attach();
    region_text(); /* if it cannot be had now, each call that needs it tries again */
}

static void detach(void)
{
    handle_table_detach();
    owner_token_detach();
    region_text_close();
    region_event_detach();
}

/* Runs under the loader lock: nothing here waits, loads, or needs more than KERNEL32.dll. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        attach(module);
        break;
    case DLL_PROCESS_DETACH:
        if (reserved == NULL) { /* else the process is ending, and the system cleans up */
            detach();
        }
        break;
    }
    return TRUE;
}
