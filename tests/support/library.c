#include "library.h"

#include "check.h"
#include "process.h"

#include <wchar.h>

typedef void (*function)(void);

static function need(HMODULE module, const char *name)
{
    function found = (function)GetProcAddress(module, name);
    CHECK(found != NULL);
    return found;
}

struct library library_load(const WCHAR *path)
{
    WCHAR beside[MAX_PATH];
    struct library library = {0};

    library.module = LoadLibraryW(path != NULL ? path : process_sibling(L"sharedmem.dll", beside));
    if (library.module != NULL) {
        library.set = (PFN_SetSharedMem)need(library.module, "SetSharedMem");
        library.get = (PFN_GetSharedMem)need(library.module, "GetSharedMem");
        library.open = (PFN_OpenSharedMem)need(library.module, "OpenSharedMem");
        library.read = (PFN_ReadSharedMem)need(library.module, "ReadSharedMem");
        library.write = (PFN_WriteSharedMem)need(library.module, "WriteSharedMem");
        library.replace = (PFN_ReplaceSharedMem)need(library.module, "ReplaceSharedMem");
        library.wait = (PFN_WaitSharedMem)need(library.module, "WaitSharedMem");
        library.query = (PFN_QuerySharedMem)need(library.module, "QuerySharedMem");
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
