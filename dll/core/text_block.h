/*
 * UTF-16 text in blocks of 64 bytes, each at an address that is a multiple of its size: a block
 * never straddles two pages, so if one of its units can be read, all of them can.
 */
#ifndef SHAREDMEM_TEXT_BLOCK_H
#define SHAREDMEM_TEXT_BLOCK_H

#include "shared_copy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

/*
 * GCC and clang say so; with MSVC it is the baseline of x64, and of x86 unless that is turned down.
 */
#if defined(__SSE2__) ||                                                                           \
    (defined(_MSC_VER) && (defined(_M_X64) || (defined(_M_IX86_FP) && _M_IX86_FP >= 2)))
#if !defined(SHARED_COPY_RELAXED)
#define TEXT_SSE2 1
#include <emmintrin.h>
#endif
#endif

#define BLOCK_UNITS 32u
#define BLOCK_SIZE 64u

/* A block may begin before its text and end behind it, which AddressSanitizer would object to. */
#if defined(__GNUC__) || defined(__clang__)
#define READS_WHOLE_BLOCK __attribute__((no_sanitize("address")))
#else
#define READS_WHOLE_BLOCK
#endif

#if defined(TEXT_SSE2)

/*
 * Copies the block, unless it may have a NUL: a quick look does not tell for sure. Each byte of
 * `least` is the least of those at its place in the four parts.
 */
READS_WHOLE_BLOCK
static inline bool block_copy_quickly(void *to, const uint16_t *block)
{
    const __m128i *from = (const __m128i *)(const void *)block;
    __m128i *out = to;
    __m128i part0 = _mm_load_si128(from), part1 = _mm_load_si128(from + 1);
    __m128i part2 = _mm_load_si128(from + 2), part3 = _mm_load_si128(from + 3);
    __m128i least = _mm_min_epu8(_mm_min_epu8(part0, part1), _mm_min_epu8(part2, part3));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(least, _mm_setzero_si128())) != 0) {
        return false;
    }
    _mm_storeu_si128(out, part0);
    _mm_storeu_si128(out + 1, part1);
    _mm_storeu_si128(out + 2, part2);
    _mm_storeu_si128(out + 3, part3);
    return true;
}

/* A mask with bit i set where unit i of the block is NUL. */
READS_WHOLE_BLOCK
static inline uint32_t block_nuls(const uint16_t *block)
{
    const __m128i *part = (const __m128i *)(const void *)block;
    const __m128i zero = _mm_setzero_si128();
    __m128i nul0 = _mm_cmpeq_epi16(_mm_load_si128(part), zero);
    __m128i nul1 = _mm_cmpeq_epi16(_mm_load_si128(part + 1), zero);
    __m128i nul2 = _mm_cmpeq_epi16(_mm_load_si128(part + 2), zero);
    __m128i nul3 = _mm_cmpeq_epi16(_mm_load_si128(part + 3), zero);
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(nul0, nul1));
    uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(nul2, nul3));
    return low | high << 16;
}

#else

static inline bool block_copy_quickly(void *to, const uint16_t *block)
{
    (void)to;
    (void)block;
    return false;
}

READS_WHOLE_BLOCK
static inline uint32_t block_nuls(const uint16_t *block)
{
    uint32_t nuls = 0;
    for (uint32_t i = 0; i < BLOCK_UNITS; i++) {
        nuls |= (uint32_t)(shared_load_unit(block + i) == 0) << i;
    }
    return nuls;
}

#endif

/* Position of the lowest bit that is set; one must be. */
static inline size_t lowest_bit(uint32_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
    return (size_t)__builtin_ctz(bits);
#else
    unsigned long position;
    _BitScanForward(&position, bits);
    return position;
#endif
}

#endif
