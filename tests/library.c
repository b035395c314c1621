#include "library.h"

#include "check.h"
#include "process.h"

#include <wchar.h>

struct library library_load(const WCHAR *path)
{
    WCHAR beside[MAX_PATH];
    struct library library = {0};

    library.module = LoadLibraryW(path != NULL ? path : process_sibling(L"sharedmem.dll", beside));
    if (library.module != NULL) {
        FARPROC set = GetProcAddress(library.module, "SetSharedMem");
        FARPROC get = GetProcAddress(library.module, "GetSharedMem");
        FARPROC open = GetProcAddress(library.module, "OpenSharedMem");
        FARPROC wait = GetProcAddress(library.module, "WaitSharedMem");
        CHECK(set != NULL && get != NULL && open != NULL && wait != NULL);
        library.set = (void(__cdecl *)(LPCWSTR))(void (*)(void))set;
        library.get = (void(__cdecl *)(LPWSTR, DWORD))(void (*)(void))get;
        library.open = (HSHAREDMEM(__cdecl *)(LPCWSTR, SIZE_T, DWORD, LPSECURITY_ATTRIBUTES))(
            void (*)(void))open;
        library.wait = (BOOL(__cdecl *)(HSHAREDMEM, ULONGLONG, DWORD))(void (*)(void))wait;
    }
    return library;
}

struct library library_need(const WCHAR *path)
{
    struct library library = library_load(path);
    CHECK(library.module != NULL);
    return library;
}

void library_free(struct library *library)
{
    CHECK(FreeLibrary(library->module));
    *library = (struct library){0};
}

BOOL library_has_text(const struct library *library, const WCHAR *text)
{
    WCHAR present[SHARED_MEM_TEXT_CCH];
    library->get(present, SHARED_MEM_TEXT_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    return wcscmp(present, text) == 0;
}
