/* Regions that hold one number. */
#ifndef SHAREDMEM_TESTS_SHARED_NUMBER_H
#define SHAREDMEM_TESTS_SHARED_NUMBER_H

#include "sharedmem.h"

HSHAREDMEM shared_number_open(const WCHAR *name);

/* 0 before the first write. The version may be NULL. */
ULONGLONG shared_number_read(HSHAREDMEM region, ULONGLONG *version);

void shared_number_write(HSHAREDMEM region, ULONGLONG number);

/* Adds 1, while other threads do so at the same time. */
void shared_number_increment(HSHAREDMEM region);

#endif
