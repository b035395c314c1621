#include "region.h"
#include "sharedmem.h"

void __cdecl SetSharedMem(LPCWSTR text)
{
    SetLastError(text != NULL ? region_write_text(&text_region, text) : ERROR_INVALID_PARAMETER);
}

void __cdecl GetSharedMem(LPWSTR buffer, DWORD cch)
{
    SetLastError(buffer != NULL && cch > 0 ? region_read_text(&text_region, buffer, cch)
                                           : ERROR_INVALID_PARAMETER);
}

DWORD __cdecl SharedMemVersion(void)
{
    return SHAREDMEM_VERSION;
}
