#include "api.h"
#include "handle_table.h"
#include "region.h"
#include "region_guard.h"
#include "sharedmem.h"

BOOL __cdecl BorrowSharedMem(HSHAREDMEM handle, LPCVOID *data, SIZE_T *size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    if (data == NULL || size == NULL || version == NULL) {
        return result(ERROR_INVALID_PARAMETER);
    }
    return result(region_is_file(region) ? region_guard_borrow(region, data, size, version)
                                         : region_borrow(region, data, size, version));
}

BOOL __cdecl ValidateSharedMem(HSHAREDMEM handle, ULONGLONG version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return result(region_is_file(region) ? region_guard_validate(region, version)
                                         : region_validate(region, version));
}

BOOL __cdecl ReserveSharedMem(HSHAREDMEM handle, const ULONGLONG *expected, LPVOID *data,
                              SIZE_T *room)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    if (data == NULL || room == NULL) {
        return result(ERROR_INVALID_PARAMETER);
    }
    uint64_t wanted = expected != NULL ? *expected : 0;
    expected = expected != NULL ? &wanted : NULL;
    return result(region_is_file(region) ? region_guard_reserve(region, expected, data, room)
                                         : region_reserve(region, expected, data, room));
}

BOOL __cdecl PublishSharedMem(HSHAREDMEM handle, SIZE_T size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    uint64_t ignored = 0;
    if (region == NULL) {
        return FALSE;
    }
    uint64_t *made = version != NULL ? version : &ignored;
    touch(made);
    return result(region_is_file(region) ? region_guard_publish(region, size, made)
                                         : region_publish(region, size, made));
}

BOOL __cdecl DiscardSharedMem(HSHAREDMEM handle)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return result(region_is_file(region) ? region_guard_discard(region) : region_discard(region));
}
