/* What QuerySharedMem says of a region; it must succeed. */
#ifndef SHAREDMEM_TESTS_QUERY_H
#define SHAREDMEM_TESTS_QUERY_H

#include "sharedmem.h"

SHARED_MEM_INFO query(HSHAREDMEM region);

#endif
