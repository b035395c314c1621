/* Regions that hold one number. */
#ifndef SHAREDMEM_TESTS_SHARED_NUMBER_H
#define SHAREDMEM_TESTS_SHARED_NUMBER_H

#include "sharedmem.h"

HSHAREDMEM shared_number_open(const WCHAR *name);

/* 0 where nobody has written yet. The version may be NULL. */
ULONGLONG shared_number_read(HSHAREDMEM region, ULONGLONG *version);

void shared_number_write(HSHAREDMEM region, ULONGLONG number);

/* Adds 1, among others who do so at the same time. */
void shared_number_increment(HSHAREDMEM region);

#endif
