/*
 * Copies out of and into memory that another process may be writing at the same time.
 *
 * What such a copy yields may be a mixture; the latch tells whether it is, and a mixture is thrown
 * away. The C language calls a plain access that meets a store a data race all the same. Compilers
 * give plain copies the meaning that we want, and ThreadSanitizer, rightly, reports them: under it,
 * and only there, every access is a relaxed atomic one, so that all it reports is a real mistake.
 */
#ifndef SHAREDMEM_SHARED_COPY_H
#define SHAREDMEM_SHARED_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_THREAD__)
#define SHARED_COPY_RELAXED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SHARED_COPY_RELAXED 1
#endif
#endif

static inline void shared_copy(void *to, const void *from, size_t size)
{
#if defined(SHARED_COPY_RELAXED)
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < size; i++) {
        __atomic_store_n(out + i, __atomic_load_n(in + i, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    }
#else
    memcpy(to, from, size);
#endif
}

/* The same for an even number of bytes up to 64, without a call. Moves may overlap each other. */
static inline void shared_copy_short(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (size >= 32) {
        shared_copy(out, in, 32);
        shared_copy(out + size - 32, in + size - 32, 32);
    } else if (size >= 16) {
        shared_copy(out, in, 16);
        shared_copy(out + size - 16, in + size - 16, 16);
    } else if (size >= 8) {
        shared_copy(out, in, 8);
        shared_copy(out + size - 8, in + size - 8, 8);
    } else if (size >= 4) {
        shared_copy(out, in, 4);
        shared_copy(out + size - 4, in + size - 4, 4);
    } else if (size == 2) {
        shared_copy(out, in, 2);
    }
}

/* One UTF-16 unit; it need not be aligned, callers' texts and buffers are where they are. */
static inline uint16_t shared_load_unit(const void *from)
{
    uint16_t unit;
    shared_copy(&unit, from, sizeof unit);
    return unit;
}

static inline void shared_store_unit(void *to, uint16_t unit)
{
    shared_copy(to, &unit, sizeof unit);
}

#endif
