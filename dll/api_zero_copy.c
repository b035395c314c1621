#include "api.h"
#include "handle_table.h"
#include "region.h"
#include "sharedmem.h"

BOOL __cdecl BorrowSharedMem(HSHAREDMEM handle, LPCVOID *data, SIZE_T *size, ULONGLONG *version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    if (data == NULL || size == NULL || version == NULL) {
        return api_result(ERROR_INVALID_PARAMETER);
    }
    return api_result(region_borrow(region, data, size, version));
}

BOOL __cdecl ValidateSharedMem(HSHAREDMEM handle, ULONGLONG version)
{
    struct region *region = handle_table_find(handle);
    if (region == NULL) {
        return FALSE;
    }
    return api_result(region_validate(region, version));
}
