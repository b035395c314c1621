/*
 * UTF-16 text in blocks of 64 bytes, each at an address that is a multiple of its size: a block
 * never straddles two pages, so if one of its units can be read, all of them can.
 */
#ifndef SHAREDMEM_TEXT_BLOCK_H
#define SHAREDMEM_TEXT_BLOCK_H

#include "compiler.h"
#include "processor.h"
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
#include <immintrin.h>
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

/*
 * blocks_copy copies blocks until it meets one with a NUL, `count` at most, and returns the units
 * that it copied.
 */

#if defined(TEXT_SSE2)

#if defined(COMPILES_AVX2)

TARGET_AVX2
READS_WHOLE_BLOCK
static inline size_t blocks_copy_avx2(uint16_t *to, const uint16_t *from, size_t count)
{
    const __m256i zero = _mm256_setzero_si256();
    size_t cch = 0;
    for (; cch < count * BLOCK_UNITS; cch += BLOCK_UNITS) {
        const __m256i *block = (const __m256i *)(const void *)(from + cch);
        __m256i *out = (__m256i *)(void *)(to + cch);
        __m256i low = _mm256_load_si256(block), high = _mm256_load_si256(block + 1);
        __m256i nuls = _mm256_cmpeq_epi16(_mm256_min_epu16(low, high), zero);
        if (_mm256_movemask_epi8(nuls) != 0) {
            break;
        }
        _mm256_storeu_si256(out, low);
        _mm256_storeu_si256(out + 1, high);
    }
    _mm256_zeroupper();
    return cch;
}

#endif

/*
 * A quick look does not tell for sure: each byte of `least` is the least of those at its place in
 * the four parts.
 */
READS_WHOLE_BLOCK
static inline size_t blocks_copy_sse2(uint16_t *to, const uint16_t *from, size_t count)
{
    size_t cch = 0;
    for (; cch < count * BLOCK_UNITS; cch += BLOCK_UNITS) {
        const __m128i *block = (const __m128i *)(const void *)(from + cch);
        __m128i *out = (__m128i *)(void *)(to + cch);
        __m128i part0 = _mm_load_si128(block), part1 = _mm_load_si128(block + 1);
        __m128i part2 = _mm_load_si128(block + 2), part3 = _mm_load_si128(block + 3);
        __m128i least = _mm_min_epu8(_mm_min_epu8(part0, part1), _mm_min_epu8(part2, part3));
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(least, _mm_setzero_si128())) != 0 &&
            block_nuls(from + cch) != 0) {
            break;
        }
        _mm_storeu_si128(out, part0);
        _mm_storeu_si128(out + 1, part1);
        _mm_storeu_si128(out + 2, part2);
        _mm_storeu_si128(out + 3, part3);
    }
    return cch;
}

static inline size_t blocks_copy(uint16_t *to, const uint16_t *from, size_t count)
{
#if defined(COMPILES_AVX2)
    if (processor_has(PROCESSOR_AVX2)) {
        return blocks_copy_avx2(to, from, count);
    }
#endif
    return blocks_copy_sse2(to, from, count);
}

#else

static inline size_t blocks_copy(uint16_t *to, const uint16_t *from, size_t count)
{
    size_t cch = 0;
    for (; cch < count * BLOCK_UNITS && block_nuls(from + cch) == 0; cch += BLOCK_UNITS) {
        shared_copy(to + cch, from + cch, BLOCK_SIZE);
    }
    return cch;
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
