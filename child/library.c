#include "library.h"

#include "console.h"

typedef void (*function)(void);

/* Sets *found to a function of the DLL; FALSE if it has none of that name. */
static BOOL find(HMODULE dll, const char *name, function *found)
{
    *found = (function)GetProcAddress(dll, name);
    if (*found == NULL) {
        WCHAR wide[64];
        MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, ARRAYSIZE(wide));
        console_complain_error(
            L"this sharedmem.dll is another or an older one, replace it; it has no ", wide);
    }
    return *found != NULL;
}

BOOL library_load(struct library *library, BOOL want_regions)
{
    enum { GET, OPEN, CLOSE, READ, READ_NEXT, WAIT, OPEN_EVENT, ARM_EVENT, QUERY, FUNCTIONS };
    static const char *const names[FUNCTIONS] = {
        [GET] = "GetSharedMem",
        [OPEN] = "OpenSharedMemEx",
        [CLOSE] = "CloseSharedMem",
        [READ] = "ReadSharedMem",
        [READ_NEXT] = "ReadNextSharedMem",
        [WAIT] = "WaitSharedMem",
        [OPEN_EVENT] = "OpenSharedMemEvent",
        [ARM_EVENT] = "ArmSharedMemEvent",
        [QUERY] = "QuerySharedMem",
    };
    function found[FUNCTIONS] = {0};

    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    if (dll == NULL) {
        console_complain_error(
            L"cannot load sharedmem.dll, which belongs in the folder of this program", L"");
        return FALSE;
    }
    for (int i = 0; i < (want_regions ? FUNCTIONS : GET + 1); i++) {
        if (!find(dll, names[i], &found[i])) {
            return FALSE;
        }
    }
    *library = (struct library){
        .module = dll,
        .get = (PFN_GetSharedMem)found[GET],
        .open = (PFN_OpenSharedMemEx)found[OPEN],
        .close = (PFN_CloseSharedMem)found[CLOSE],
        .read = (PFN_ReadSharedMem)found[READ],
        .read_next = (PFN_ReadNextSharedMem)found[READ_NEXT],
        .wait = (PFN_WaitSharedMem)found[WAIT],
        .open_event = (PFN_OpenSharedMemEvent)found[OPEN_EVENT],
        .arm_event = (PFN_ArmSharedMemEvent)found[ARM_EVENT],
        .query = (PFN_QuerySharedMem)found[QUERY],
    };
    return TRUE;
}
