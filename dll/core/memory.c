/*
 * The functions of <string.h> that GCC and clang generate calls of. The DLL has no C runtime to
 * provide them: it imports from KERNEL32.dll only, so that programs with any runtime, or none, can
 * load it.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

typedef uint16_t unaligned2 __attribute__((may_alias, aligned(1)));
typedef uint32_t unaligned4 __attribute__((may_alias, aligned(1)));
typedef uint64_t unaligned8 __attribute__((may_alias, aligned(1)));
typedef uint64_t aligned16 __attribute__((vector_size(16)));
typedef aligned16 unaligned16 __attribute__((may_alias, aligned(1)));

/* Moves one `type`, `at` bytes into both buffers. Where a size is no multiple, moves overlap. */
#define MOVE(type, at) (*(type *)(out + (at)) = *(const type *)(in + (at)))

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *restrict out = to;
    const unsigned char *restrict in = from;

    if (size > 64) {
        size_t last = size - 64;
        for (size_t at = 0; at < last; at += 64) {
            MOVE(unaligned16, at);
            MOVE(unaligned16, at + 16);
            MOVE(unaligned16, at + 32);
            MOVE(unaligned16, at + 48);
        }
        MOVE(unaligned16, last);
        MOVE(unaligned16, last + 16);
        MOVE(unaligned16, last + 32);
        MOVE(unaligned16, last + 48);
    } else if (size > 32) {
        MOVE(unaligned16, 0);
        MOVE(unaligned16, 16);
        MOVE(unaligned16, size - 32);
        MOVE(unaligned16, size - 16);
    } else if (size >= 16) {
        MOVE(unaligned16, 0);
        MOVE(unaligned16, size - 16);
    } else if (size >= 8) {
        MOVE(unaligned8, 0);
        MOVE(unaligned8, size - 8);
    } else if (size >= 4) {
        MOVE(unaligned4, 0);
        MOVE(unaligned4, size - 4);
    } else if (size >= 2) {
        MOVE(unaligned2, 0);
        MOVE(unaligned2, size - 2);
    } else if (size == 1) {
        out[0] = in[0];
    }
    return to;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *out = to;
    while (size > 0) {
        out[--size] = (unsigned char)value;
    }
    return to;
}
