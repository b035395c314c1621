#include "handle_table.h"
#include "region.h"
#include "shared_copy.h"
#include "sharedmem.h"

/* Region functions leave the last error alone when they succeed. */
static BOOL result(DWORD error)
{
    if (error != ERROR_SUCCESS) {
        SetLastError(error);
    }
    return error == ERROR_SUCCESS;
}

void __cdecl SetSharedMem(LPCWSTR text)
{
    if (text == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return;
    }
    struct region *region = region_text();
    if (region != NULL) {
        SetLastError(region_write_text(region, text));
    }
}

void __cdecl GetSharedMem(LPWSTR buffer, DWORD cch)
{
    if (buffer == NULL || cch == 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return;
    }
    struct region *region = region_text();
    if (region == NULL) {
        *buffer = 0;
        return;
    }
    SetLastError(region_read_text(region, buffer, cch));
}

/* Copies a name, each unit once: the caller's memory may change. FALSE if it is too long. */
static BOOL copy_name(WCHAR copy[REGION_NAME_CCH], LPCWSTR name)
{
    for (size_t i = 0; i < REGION_NAME_CCH; i++) {
        copy[i] = shared_load_unit(name + i);
        if (copy[i] == 0) {
            return TRUE;
        }
    }
    return FALSE;
}

static const WCHAR *skip_prefix(const WCHAR *name, const WCHAR *prefix)
{
    size_t i = 0;
    while (prefix[i] != 0 && name[i] == prefix[i]) {
        i++;
    }
    return prefix[i] == 0 ? name + i : name;
}

/* A name has no backslash but the one of its prefix, and does not end there. */
static BOOL is_valid_name(const WCHAR *name)
{
    const WCHAR *rest = skip_prefix(name, L"Local\\");
    if (rest == name) {
        rest = skip_prefix(name, L"Global\\");
    }
    if (*rest == 0) {
        return FALSE;
    }
    while (*rest != 0 && *rest != L'\\') {
        rest++;
    }
    return *rest == 0;
}

static DWORD open_region(HSHAREDMEM *handle, LPCWSTR callers_name, SIZE_T capacity, DWORD flags,
                         LPSECURITY_ATTRIBUTES security)
{
    struct section section;
    WCHAR name[REGION_NAME_CCH];
    if (callers_name == NULL || (flags & ~SHARED_MEM_READ_ONLY) != 0) {
        return ERROR_INVALID_PARAMETER;
    }
    if (!copy_name(name, callers_name)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    if (!is_valid_name(name)) {
        return ERROR_INVALID_PARAMETER;
    }
    /* A bad pointer in `security` raises an exception here: there is nothing to release yet. */
    DWORD error = region_open_section(&section, name, capacity, (flags & SHARED_MEM_READ_ONLY) != 0,
                                      security);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    struct region *region = handle_table_reserve();
    if (region == NULL) {
        section_close(&section);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    error = region_attach(region, &section, name, capacity);
    if (error != ERROR_SUCCESS) {
        handle_table_release(region);
        return error;
    }
    *handle = handle_table_publish(region);
    return ERROR_SUCCESS;
}

HSHAREDMEM __cdecl OpenSharedMem(LPCWSTR name, SIZE_T capacity, DWORD flags,
                                 LPSECURITY_ATTRIBUTES security)
{
    HSHAREDMEM handle = NULL;
    DWORD last_error = GetLastError();
    DWORD error = open_region(&handle, name, capacity, flags, security);
    SetLastError(error != ERROR_SUCCESS ? error : last_error);
    return handle;
}

BOOL __cdecl CloseSharedMem(HSHAREDMEM handle)
{
    struct region *region = handle_table_withdraw(handle);
    if (region == NULL) {
        return FALSE;
    }
    DWORD last_error = GetLastError();
    region_close(region);
    handle_table_release(region);
    SetLastError(last_error);
    return TRUE;
}

BOOL __cdecl ReadSharedMem(HSHAREDMEM handle, LPVOID buffer, SIZE_T *size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored;
    if (region == NULL) {
        return FALSE;
    }
    if (size == NULL || (buffer == NULL && *size > 0)) {
        return result(ERROR_INVALID_PARAMETER);
    }
    return result(region_read(region, buffer, size, version != NULL ? version : &ignored));
}

/* Makes `version`, which receives a version once all is done, fault before anything is. */
static void touch(uint64_t *version)
{
    *(volatile uint64_t *)version = *(volatile uint64_t *)version;
}

BOOL __cdecl WriteSharedMem(HSHAREDMEM handle, LPCVOID data, SIZE_T size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored = 0;
    if (region == NULL) {
        return FALSE;
    }
    if (data == NULL && size > 0) {
        return result(ERROR_INVALID_PARAMETER);
    }
    uint64_t *made = version != NULL ? version : &ignored;
    touch(made);
    return result(region_write(region, data, size, NULL, made));
}

BOOL __cdecl ReplaceSharedMem(HSHAREDMEM handle, LPCVOID data, SIZE_T size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    if (version == NULL || (data == NULL && size > 0)) {
        return result(ERROR_INVALID_PARAMETER);
    }
    uint64_t expected = *version;
    touch(version);
    return result(region_write(region, data, size, &expected, version));
}

BOOL __cdecl WaitSharedMem(HSHAREDMEM handle, ULONGLONG version, DWORD milliseconds)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return result(region_wait(region, version, milliseconds));
}

BOOL __cdecl QuerySharedMem(HSHAREDMEM handle, SHARED_MEM_INFO *info)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    if (info == NULL || info->cbSize != sizeof *info) {
        return result(ERROR_INVALID_PARAMETER);
    }
    return result(region_query(region, info));
}

DWORD __cdecl SharedMemVersion(void)
{
    return SHAREDMEM_VERSION;
}
