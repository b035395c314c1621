/*
 * The functions of region.h, for a region that a file backs. Each access to it may fault: the disk
 * fails, or a program cuts the file. (Windows raises EXCEPTION_IN_PAGE_ERROR then, and Wine an
 * access violation.) Here that becomes an error, ERROR_READ_FAULT or ERROR_WRITE_FAULT, with no
 * lock left behind. Exceptions for other reasons go on their way.
 *
 * Writes also flush, once in two billion versions: see DURABLE_LEAD.
 */
#ifndef SHAREDMEM_REGION_GUARD_H
#define SHAREDMEM_REGION_GUARD_H

#include "region.h"

DWORD region_guard_open(struct region *region, DWORD (*attach)(struct region *region));

DWORD region_guard_read(struct region *region, void *buffer, SIZE_T *size, uint64_t *version);
DWORD region_guard_read_next(struct region *region, void *buffer, SIZE_T *size, uint64_t *version,
                             uint64_t *missed);
DWORD region_guard_borrow(struct region *region, const void **data, SIZE_T *size,
                          uint64_t *version);
DWORD region_guard_validate(struct region *region, uint64_t version);
DWORD region_guard_query(struct region *region, SHARED_MEM_INFO *info);
DWORD region_guard_write(struct region *region, const void *data, size_t size,
                         const uint64_t *expected, uint64_t *version);
DWORD region_guard_reserve(struct region *region, const uint64_t *expected, void **data,
                           SIZE_T *room);
DWORD region_guard_publish(struct region *region, size_t size, uint64_t *version);
DWORD region_guard_discard(struct region *region);
DWORD region_guard_wait(struct region *region, uint64_t version, DWORD milliseconds);
DWORD region_guard_flush(struct region *region, uint64_t version, uint64_t *durable);

#endif
