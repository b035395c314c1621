#include "text.h"

#include "shared_copy.h"

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

/*
 * A block is 32 units at an address that is a multiple of its size: it never straddles two pages.
 */
#define BLOCK_UNITS 32u
#define BLOCK_SIZE 64u

/* A block may begin before its text and end behind it, which AddressSanitizer would object to. */
#if defined(__GNUC__) || defined(__clang__)
#define READS_WHOLE_BLOCK __attribute__((no_sanitize("address")))
#else
#define READS_WHOLE_BLOCK
#endif

/* A mask with bit i set where unit i of the block is NUL. */
READS_WHOLE_BLOCK
static inline uint32_t block_nuls(const uint16_t *block)
{
#if defined(TEXT_SSE2)
    const __m128i *part = (const __m128i *)(const void *)block;
    const __m128i zero = _mm_setzero_si128();
    __m128i nul0 = _mm_cmpeq_epi16(_mm_load_si128(part), zero);
    __m128i nul1 = _mm_cmpeq_epi16(_mm_load_si128(part + 1), zero);
    __m128i nul2 = _mm_cmpeq_epi16(_mm_load_si128(part + 2), zero);
    __m128i nul3 = _mm_cmpeq_epi16(_mm_load_si128(part + 3), zero);
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(nul0, nul1));
    uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(nul2, nul3));
    return low | high << 16;
#else
    uint32_t nuls = 0;
    for (uint32_t i = 0; i < BLOCK_UNITS; i++) {
        nuls |= (uint32_t)(shared_load_unit(block + i) == 0) << i;
    }
    return nuls;
#endif
}

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

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_measure(const uint16_t *text, size_t limit)
{
    uintptr_t address = (uintptr_t)text;
    if (address % sizeof *text != 0) { /* the units lie across the blocks' units */
        size_t cch = 0;
        while (cch < limit && shared_load_unit(text + cch) != 0) {
            cch++;
        }
        return cch;
    }
    if (limit == 0) {
        return 0;
    }

    size_t before = address % BLOCK_SIZE / sizeof *text; /* units of the first block to ignore */
    const uint16_t *block = (const uint16_t *)(address - address % BLOCK_SIZE);
    uint32_t nuls = block_nuls(block) >> before;
    if (nuls != 0) {
        return smaller(lowest_bit(nuls), limit);
    }
    for (size_t cch = BLOCK_UNITS - before; cch < limit; cch += BLOCK_UNITS) {
        block += BLOCK_UNITS;
        nuls = block_nuls(block);
        if (nuls != 0) {
            return smaller(cch + lowest_bit(nuls), limit);
        }
    }
    return limit;
}

/* `at`, or the unit before it where a cut at `at` would part a surrogate pair. */
static size_t cut_between_characters(const uint16_t *text, size_t at)
{
    if (at > 0 && (shared_load_unit(text + at - 1) & 0xFC00) == 0xD800 &&
        (shared_load_unit(text + at) & 0xFC00) == 0xDC00) {
        return at - 1;
    }
    return at;
}

size_t text_fit(const uint16_t *text, size_t room, bool *whole)
{
    size_t cch = text_measure(text, room);
    *whole = cch < room;
    return *whole ? cch : cut_between_characters(text, room - 1);
}
