/* The public header, alone and first, in the language that the compiler takes this file for. */
#include "sharedmem.h"

#include <stdio.h>
#include <string.h>

/* Calls every function through its type: if a type differs, this does not compile. */
int main(void)
{
    PFN_SetSharedMem set = SetSharedMem;
    PFN_GetSharedMem get = GetSharedMem;
    PFN_OpenSharedMem open_region = OpenSharedMem;
    PFN_OpenSharedMemEx open_with = OpenSharedMemEx;
    PFN_CloseSharedMem close_region = CloseSharedMem;
    PFN_ReadSharedMem read_region = ReadSharedMem;
    PFN_ReadNextSharedMem read_next = ReadNextSharedMem;
    PFN_WriteSharedMem write_region = WriteSharedMem;
    PFN_ReplaceSharedMem replace = ReplaceSharedMem;
    PFN_BorrowSharedMem borrow = BorrowSharedMem;
    PFN_ValidateSharedMem validate = ValidateSharedMem;
    PFN_ReserveSharedMem reserve = ReserveSharedMem;
    PFN_PublishSharedMem publish = PublishSharedMem;
    PFN_DiscardSharedMem discard = DiscardSharedMem;
    PFN_WaitSharedMem wait_for = WaitSharedMem;
    PFN_QuerySharedMem query = QuerySharedMem;
    PFN_OpenSharedMemEvent open_event = OpenSharedMemEvent;
    PFN_ArmSharedMemEvent arm = ArmSharedMemEvent;
    PFN_CloseSharedMemEvent close_event = CloseSharedMemEvent;
    PFN_SharedMemVersion version_of_dll = SharedMemVersion;

    WCHAR text[SHARED_MEM_TEXT_CCH];
    const WCHAR *constant = L"a string that is only read";
    set(constant);
    get(text, SHARED_MEM_TEXT_CCH);
    if (lstrcmpW(text, constant) != 0 || version_of_dll() == 0) {
        return 1;
    }

    char value[8];
    SIZE_T size = sizeof value;
    ULONGLONG version = 0;
    SHARED_MEM_INFO info;
    info.cbSize = sizeof info;
    HSHAREDMEM region = open_region(L"sharedmem-test-header", sizeof value, 0, NULL);
    if (region == NULL || !write_region(region, "a", 1, &version) ||
        !replace(region, "bc", 2, &version) || !wait_for(region, 0, 0) ||
        !read_region(region, value, &size, &version) || !query(region, &info) || size != 2 ||
        info.version != version) {
        return 1;
    }
    HANDLE event = open_event(region);
    if (event == NULL || !arm(region, event, version + 1) ||
        WaitForSingleObject(event, 0) != WAIT_OBJECT_0 || !close_event(region, event)) {
        return 1;
    }
    LPVOID place;
    LPCVOID lent;
    if (!reserve(region, &version, &place, &size) || !discard(region) ||
        !reserve(region, NULL, &place, &size) || size != sizeof value ||
        memcpy(place, "def", 3) == NULL || !publish(region, 3, &version) ||
        !borrow(region, &lent, &size, &version) || size != 3 || memcmp(lent, "def", 3) != 0 ||
        !validate(region, version) || !close_region(region)) {
        return 1;
    }
    SHARED_MEM_OPTIONS options;
    memset(&options, 0, sizeof options);
    options.cbSize = sizeof options;
    options.capacity = sizeof value;
    region = open_with(L"sharedmem-test-header", &options);
    ULONGLONG missed;
    version = 0;
    if (region == NULL || read_next(region, value, &size, &version, &missed) ||
        !close_region(region)) {
        return 1;
    }
    puts("passed");
    return 0;
}
