#include "api.h"
#include "handle_table.h"
#include "region.h"
#include "region_guard.h"
#include "sharedmem.h"

#include <stddef.h>
#include <string.h>

/* What version 1.0 knows of the structure. */
#define INFO_SIZE_1_0 offsetof(SHARED_MEM_INFO, durable)

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
    uint64_t *its = version != NULL ? version : &ignored;
    return result(region_is_file(region) ? region_guard_read(region, buffer, size, its)
                                         : region_read(region, buffer, size, its));
}

BOOL __cdecl ReadNextSharedMem(HSHAREDMEM handle, LPVOID buffer, SIZE_T *size, ULONGLONG *version,
                               ULONGLONG *missed)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored;
    if (region == NULL) {
        return FALSE;
    }
    if (size == NULL || version == NULL || (buffer == NULL && *size > 0)) {
        return result(ERROR_INVALID_PARAMETER);
    }
    uint64_t *lost = missed != NULL ? missed : &ignored;
    return result(region_is_file(region)
                      ? region_guard_read_next(region, buffer, size, version, lost)
                      : region_read_next(region, buffer, size, version, lost));
}

static DWORD write(struct region *region, const void *data, size_t size, const uint64_t *expected,
                   uint64_t *version)
{
    return region_is_file(region) ? region_guard_write(region, data, size, expected, version)
                                  : region_write(region, data, size, expected, version);
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
    return result(write(region, data, size, NULL, made));
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
    return result(write(region, data, size, &expected, version));
}

BOOL __cdecl WaitSharedMem(HSHAREDMEM handle, ULONGLONG version, DWORD milliseconds)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return result(region_is_file(region) ? region_guard_wait(region, version, milliseconds)
                                         : region_wait(region, version, milliseconds));
}

HANDLE __cdecl OpenSharedMemEvent(HSHAREDMEM handle)
{
    struct region *region = handle_table_find(handle);
    HANDLE event = NULL;
    if (region == NULL) {
        return NULL;
    }
    DWORD last_error = GetLastError();
    result_keeping(last_error, region_open_event(region, &event));
    return event;
}

BOOL __cdecl ArmSharedMemEvent(HSHAREDMEM handle, HANDLE event, ULONGLONG version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return result(region_arm_event(region, event, version));
}

BOOL __cdecl CloseSharedMemEvent(HSHAREDMEM handle, HANDLE event)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    DWORD last_error = GetLastError();
    return result_keeping(last_error, region_close_event(region, event));
}

BOOL __cdecl QuerySharedMem(HSHAREDMEM handle, SHARED_MEM_INFO *info)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    DWORD size = info != NULL ? info->cbSize : 0;
    if (size != sizeof *info && size != INFO_SIZE_1_0) {
        return result(ERROR_INVALID_PARAMETER);
    }
    SHARED_MEM_INFO found = {.cbSize = size};
    DWORD error =
        region_is_file(region) ? region_guard_query(region, &found) : region_query(region, &found);
    if (error == ERROR_SUCCESS) {
        memcpy(info, &found, size);
    }
    return result(error);
}

BOOL __cdecl FlushSharedMem(HSHAREDMEM handle, ULONGLONG version, ULONGLONG *durable)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored = 0;
    if (region == NULL) {
        return FALSE;
    }
    if (!region_is_file(region)) {
        return result(ERROR_NOT_SUPPORTED);
    }
    uint64_t *made = durable != NULL ? durable : &ignored;
    touch(made);
    return result(region_guard_flush(region, version, made));
}

DWORD __cdecl SharedMemVersion(void)
{
    return SHAREDMEM_VERSION;
}
