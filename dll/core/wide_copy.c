#include "wide_copy.h"

#include "compiler.h"
#include "processor.h"

#if defined(PROCESSOR_X86) && !defined(SHARED_COPY_RELAXED)

#include <immintrin.h>

#if defined(_MSC_VER)
#include <intrin.h>
#endif

enum { STRINGS_LEAST = 16384 }; /* measured like WIDE_COPY_LEAST */

#if defined(COMPILES_AVX2)

/* Four vectors at a time, to aligned addresses; moves at both ends overlap those in between. */
TARGET_AVX2
static void copy_vectors(unsigned char *out, const unsigned char *in, size_t size)
{
    const size_t last = size - WIDE_COPY_LEAST;
    size_t at = (0 - (size_t)out) % 32;
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_loadu_si256((const void *)in));
    for (; at < last; at += WIDE_COPY_LEAST) {
        const __m256i *from = (const void *)(in + at);
        __m256i *to = (void *)(out + at);
        __m256i part0 = _mm256_loadu_si256(from), part1 = _mm256_loadu_si256(from + 1);
        __m256i part2 = _mm256_loadu_si256(from + 2), part3 = _mm256_loadu_si256(from + 3);
        _mm256_store_si256(to, part0);
        _mm256_store_si256(to + 1, part1);
        _mm256_store_si256(to + 2, part2);
        _mm256_store_si256(to + 3, part3);
    }
    const __m256i *from = (const void *)(in + last);
    __m256i *to = (void *)(out + last);
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_si256(to + i, _mm256_loadu_si256(from + i));
    }
    _mm256_zeroupper();
}

#else

static void copy_vectors(unsigned char *out, const unsigned char *in, size_t size)
{
    shared_copy(out, in, size);
}

#endif

static void copy_string(unsigned char *out, const unsigned char *in, size_t size)
{
#if defined(_MSC_VER)
    __movsb(out, in, size);
#else
    __asm__ volatile("rep movsb" : "+D"(out), "+S"(in), "+c"(size) : : "memory");
#endif
}

void wide_copy_long(void *to, const void *from, size_t size)
{
    if (size >= STRINGS_LEAST && processor_has(PROCESSOR_FAST_STRINGS)) {
        copy_string(to, from, size);
    } else if (processor_has(PROCESSOR_AVX2)) {
        copy_vectors(to, from, size);
    } else {
        shared_copy(to, from, size);
    }
}

#else

void wide_copy_long(void *to, const void *from, size_t size)
{
    shared_copy(to, from, size);
}

#endif
