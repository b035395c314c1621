#include "library.h"

#include "check.h"
#include "process.h"

#include <string.h>
#include <wchar.h>

static void need(HMODULE module, const char *name, void *function)
{
    FARPROC found = GetProcAddress(module, name);
    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

struct library library_load(const WCHAR *path)
{
    WCHAR beside[MAX_PATH];
    struct library library = {0};

    library.module = LoadLibraryW(path != NULL ? path : process_sibling(L"sharedmem.dll", beside));
    if (library.module != NULL) {
        need(library.module, "SetSharedMem", &library.set);
        need(library.module, "GetSharedMem", &library.get);
        need(library.module, "OpenSharedMem", &library.open);
        need(library.module, "ReadSharedMem", &library.read);
        need(library.module, "WriteSharedMem", &library.write);
        need(library.module, "ReplaceSharedMem", &library.replace);
        need(library.module, "WaitSharedMem", &library.wait);
        need(library.module, "QuerySharedMem", &library.query);
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
