/*
 * Copies of any length, by the widest moves that the processor has: memcpy of the DLL's own, which
 * is as good for short ones, vectors of 32 bytes from 128 bytes on, and, from 16 KiB on, the
 * processor's own rep movsb, which need not read a cache line that it fills.
 *
 * As in shared_copy.h, the memory may change meanwhile.
 */
#ifndef SHAREDMEM_WIDE_COPY_H
#define SHAREDMEM_WIDE_COPY_H

#include "shared_copy.h"

#include <stddef.h>

/* Measured on Zen 5, see tests/bench; near it, it makes no difference. */
#define WIDE_COPY_LEAST 128u

void wide_copy_long(void *to, const void *from, size_t size); /* WIDE_COPY_LEAST bytes or more */

static inline void wide_copy(void *to, const void *from, size_t size)
{
    if (size < WIDE_COPY_LEAST) {
        shared_copy(to, from, size);
    } else {
        wide_copy_long(to, from, size);
    }
}

#endif
