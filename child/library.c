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
        console_complain_error(L"this sharedmem.dll is another or an older one, it has no ", wide);
    }
    return *found != NULL;
}

BOOL library_load(struct library *library, BOOL want_regions)
{
    function get_text, open = NULL, read = NULL, wait = NULL, query = NULL;

    HMODULE dll = LoadLibraryW(L"sharedmem.dll");
    if (dll == NULL) {
        console_complain_error(
            L"cannot load sharedmem.dll, which belongs in the folder of this program", L"");
        return FALSE;
    }
    if (!find(dll, "GetSharedMem", &get_text)) {
        return FALSE;
    }
    if (want_regions &&
        (!find(dll, "OpenSharedMem", &open) || !find(dll, "ReadSharedMem", &read) ||
         !find(dll, "WaitSharedMem", &wait) || !find(dll, "QuerySharedMem", &query))) {
        return FALSE;
    }
    *library = (struct library){
        .get_text = (void(__cdecl *)(LPWSTR, DWORD))get_text,
        .open = (HSHAREDMEM(__cdecl *)(LPCWSTR, SIZE_T, DWORD, LPSECURITY_ATTRIBUTES))open,
        .read = (BOOL(__cdecl *)(HSHAREDMEM, LPVOID, SIZE_T *, ULONGLONG *))read,
        .wait = (BOOL(__cdecl *)(HSHAREDMEM, ULONGLONG, DWORD))wait,
        .query = (BOOL(__cdecl *)(HSHAREDMEM, SHARED_MEM_INFO *))query,
    };
    return TRUE;
}
