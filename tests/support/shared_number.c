#include "shared_number.h"

#include "check.h"

HSHAREDMEM shared_number_open(const WCHAR *name)
{
    HSHAREDMEM region = OpenSharedMem(name, sizeof(ULONGLONG), 0, NULL);
    CHECK(region != NULL);
    return region;
}

ULONGLONG shared_number_read(HSHAREDMEM region, ULONGLONG *version)
{
    ULONGLONG number = 0;
    SIZE_T size = sizeof number;
    CHECK(ReadSharedMem(region, &number, &size, version));
    CHECK(size == 0 || size == sizeof number);
    return number;
}

void shared_number_write(HSHAREDMEM region, ULONGLONG number)
{
    CHECK(WriteSharedMem(region, &number, sizeof number, NULL));
}

void shared_number_increment(HSHAREDMEM region)
{
    ULONGLONG version;
    for (;;) {
        ULONGLONG number = shared_number_read(region, &version) + 1;
        if (ReplaceSharedMem(region, &number, sizeof number, &version)) {
            return;
        }
        CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
    }
}
