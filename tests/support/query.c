#include "query.h"

#include "check.h"

SHARED_MEM_INFO query(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    return info;
}
