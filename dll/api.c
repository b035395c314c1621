#include "handle_table.h"
#include "region.h"
#include "sharedmem.h"
#include "text.h"

void __cdecl SetSharedMem(LPCWSTR text)
{
    SetLastError(text != NULL ? region_write_text(region_text(), text) : ERROR_INVALID_PARAMETER);
}

void __cdecl GetSharedMem(LPWSTR buffer, DWORD cch)
{
    SetLastError(buffer != NULL && cch > 0 ? region_read_text(region_text(), buffer, cch)
                                           : ERROR_INVALID_PARAMETER);
}

static BOOL fail(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* Ends a call that may have changed the last error, and leaves it as it was if all went well. */
static BOOL finish(DWORD error, DWORD last_error)
{
    SetLastError(error != ERROR_SUCCESS ? error : last_error);
    return error == ERROR_SUCCESS;
}

HSHAREDMEM __cdecl OpenSharedMem(LPCWSTR name, SIZE_T capacity, DWORD flags,
                                 LPSECURITY_ATTRIBUTES security)
{
    DWORD last_error = GetLastError();
    if (name == NULL || *name == 0 || (flags & ~SHARED_MEM_READ_ONLY) != 0) {
        fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (text_measure(name, REGION_NAME_CCH) == REGION_NAME_CCH) {
        fail(ERROR_FILENAME_EXCED_RANGE);
        return NULL;
    }
    /* A bad pointer in `security` raises an exception in here: there is nothing to give back yet. */
    struct section section;
    DWORD error = region_open_section(&section, name, capacity, (flags & SHARED_MEM_READ_ONLY) != 0,
                                      security);
    if (error != ERROR_SUCCESS) {
        fail(error);
        return NULL;
    }
    struct region *region = handle_table_reserve();
    if (region == NULL) {
        section_close(&section);
        fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    error = region_attach(region, &section, name, capacity);
    if (!finish(error, last_error)) {
        handle_table_release(region);
        return NULL;
    }
    return handle_table_publish(region);
}

BOOL __cdecl CloseSharedMem(HSHAREDMEM handle)
{
    DWORD last_error = GetLastError();
    struct region *region = handle_table_withdraw(handle);
    if (region == NULL) {
        return fail(ERROR_INVALID_HANDLE);
    }
    region_close(region);
    handle_table_release(region);
    return finish(ERROR_SUCCESS, last_error);
}

BOOL __cdecl ReadSharedMem(HSHAREDMEM handle, LPVOID buffer, SIZE_T *size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored;
    if (region == NULL) {
        return fail(ERROR_INVALID_HANDLE);
    }
    if (size == NULL || (buffer == NULL && *size > 0)) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    DWORD error = region_read(region, buffer, size, version != NULL ? version : &ignored);
    return error == ERROR_SUCCESS || fail(error);
}

/* `version`, which receives a version when everything is done, faults before anything is. */
static BOOL write(HSHAREDMEM handle, LPCVOID data, SIZE_T size, const uint64_t *expected,
                  uint64_t *version)
{
    DWORD last_error = GetLastError();
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return fail(ERROR_INVALID_HANDLE);
    }
    if (data == NULL && size > 0) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    *(volatile uint64_t *)version = *(volatile uint64_t *)version;
    const void *value = size > 0 ? data : ""; /* C wants an address even to copy nothing */
    return finish(region_write(region, value, size, expected, version), last_error);
}

BOOL __cdecl WriteSharedMem(HSHAREDMEM handle, LPCVOID data, SIZE_T size, ULONGLONG *version)
{
    uint64_t ignored;
    return write(handle, data, size, NULL, version != NULL ? version : &ignored);
}

BOOL __cdecl ReplaceSharedMem(HSHAREDMEM handle, LPCVOID data, SIZE_T size, ULONGLONG *version)
{
    if (version == NULL) {
        return fail(handle_table_find(handle) == NULL ? ERROR_INVALID_HANDLE
                                                      : ERROR_INVALID_PARAMETER);
    }
    uint64_t expected = *version;
    return write(handle, data, size, &expected, version);
}

BOOL __cdecl WaitSharedMem(HSHAREDMEM handle, ULONGLONG version, DWORD milliseconds)
{
    DWORD last_error = GetLastError();
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return fail(ERROR_INVALID_HANDLE);
    }
    return finish(region_wait(region, version, milliseconds), last_error);
}

BOOL __cdecl QuerySharedMem(HSHAREDMEM handle, SHARED_MEM_INFO *info)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return fail(ERROR_INVALID_HANDLE);
    }
    if (info == NULL || info->cbSize != sizeof *info) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    DWORD error = region_query(region, info);
    return error == ERROR_SUCCESS || fail(error);
}

DWORD __cdecl SharedMemVersion(void)
{
    return SHAREDMEM_VERSION;
}
