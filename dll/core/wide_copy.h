/*
 * Copies of any length, by the widest moves that the processor has: memcpy of the DLL's own, which
 * is as good for short ones, vectors of 32 bytes from 128 bytes on, and, from 16 KiB on, the
 * processor's own rep movsb, which need not read a cache line that it fills.
 *
 * As in shared_copy.h, the memory may change meanwhile.
 */
#ifndef SHAREDMEM_WIDE_COPY_H
#define SHAREDMEM_WIDE_COPY_H

#include <stddef.h>

void wide_copy(void *to, const void *from, size_t size);

#endif
