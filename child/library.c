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
    function get, open = NULL, read = NULL, wait = NULL, query = NULL;

    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    if (dll == NULL) {
        console_complain_error(
            L"cannot load sharedmem.dll, which belongs in the folder of this program", L"");
        return FALSE;
    }
    if (!find(dll, "GetSharedMem", &get)) {
        return FALSE;
    }
    if (want_regions &&
        (!find(dll, "OpenSharedMemEx", &open) || !find(dll, "ReadSharedMem", &read) ||
         !find(dll, "WaitSharedMem", &wait) || !find(dll, "QuerySharedMem", &query))) {
        return FALSE;
    }
    *library = (struct library){
        .module = dll,
        .get = (PFN_GetSharedMem)get,
        .open = (PFN_OpenSharedMemEx)open,
        .read = (PFN_ReadSharedMem)read,
        .wait = (PFN_WaitSharedMem)wait,
        .query = (PFN_QuerySharedMem)query,
    };
    return TRUE;
}
