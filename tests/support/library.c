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

struct library library_of(HMODULE module)
{
    return (struct library){
        .module = module,
        .set = (PFN_SetSharedMem)need(module, "SetSharedMem"),
        .get = (PFN_GetSharedMem)need(module, "GetSharedMem"),
        .open = (PFN_OpenSharedMem)need(module, "OpenSharedMem"),
        .open_ex = (PFN_OpenSharedMemEx)need(module, "OpenSharedMemEx"),
        .close = (PFN_CloseSharedMem)need(module, "CloseSharedMem"),
        .read = (PFN_ReadSharedMem)need(module, "ReadSharedMem"),
        .read_next = (PFN_ReadNextSharedMem)need(module, "ReadNextSharedMem"),
        .write = (PFN_WriteSharedMem)need(module, "WriteSharedMem"),
        .replace = (PFN_ReplaceSharedMem)need(module, "ReplaceSharedMem"),
        .borrow = (PFN_BorrowSharedMem)need(module, "BorrowSharedMem"),
        .validate = (PFN_ValidateSharedMem)need(module, "ValidateSharedMem"),
        .reserve = (PFN_ReserveSharedMem)need(module, "ReserveSharedMem"),
        .publish = (PFN_PublishSharedMem)need(module, "PublishSharedMem"),
        .discard = (PFN_DiscardSharedMem)need(module, "DiscardSharedMem"),
        .flush = (PFN_FlushSharedMem)need(module, "FlushSharedMem"),
        .wait = (PFN_WaitSharedMem)need(module, "WaitSharedMem"),
        .query = (PFN_QuerySharedMem)need(module, "QuerySharedMem"),
        .open_event = (PFN_OpenSharedMemEvent)need(module, "OpenSharedMemEvent"),
        .arm_event = (PFN_ArmSharedMemEvent)need(module, "ArmSharedMemEvent"),
        .close_event = (PFN_CloseSharedMemEvent)need(module, "CloseSharedMemEvent"),
    };
}

struct library library_need(const WCHAR *path)
{
    WCHAR beside[MAX_PATH];
    HMODULE module = LoadLibraryW(path != NULL ? path : process_sibling(L"sharedmem.dll", beside));
    CHECK(module != NULL);
    return library_of(module);
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

void library_lacks_text(const struct library *library, DWORD error)
{
    WCHAR buffer[8] = L"before";
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 99;
    library->set(L"lost");
    CHECK_EQUAL(GetLastError(), error);
    library->get(buffer, ARRAYSIZE(buffer));
    CHECK_EQUAL(GetLastError(), error);
    CHECK_EQUAL(buffer[0], 0); /* also for a caller that does not ask for the error */
    CHECK(!library->read(SHARED_MEM_TEXT, buffer, &size, &version));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->write(SHARED_MEM_TEXT, L"lost", sizeof L"lost", &version));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->replace(SHARED_MEM_TEXT, L"lost", sizeof L"lost", &version));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->wait(SHARED_MEM_TEXT, 0, 0));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->query(SHARED_MEM_TEXT, &info));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(library->open_event(SHARED_MEM_TEXT) == NULL);
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->arm_event(SHARED_MEM_TEXT, NULL, 0));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(!library->close_event(SHARED_MEM_TEXT, NULL));
    CHECK_EQUAL(GetLastError(), error);
    CHECK(size == sizeof buffer && version == 99);
}
