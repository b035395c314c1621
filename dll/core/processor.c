#include "processor.h"

#include "compiler.h"

#include <stdint.h>

unsigned processor_features;

#if defined(PROCESSOR_X86)

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

enum { EAX, EBX, ECX, EDX };

/* "CPUID" in the processors' manuals. */
static void cpuid(uint32_t leaf, uint32_t registers[4])
{
#if defined(_MSC_VER)
    __cpuidex((int *)registers, (int)leaf, 0);
#else
    __cpuid_count(leaf, 0, registers[EAX], registers[EBX], registers[ECX], registers[EDX]);
#endif
}

static bool has_bit(uint32_t word, unsigned bit)
{
    return (word >> bit & 1) != 0;
}

/* "Detection of AVX instructions" in Intel's manual: the system has to keep the registers. */
static bool keeps_vectors(const uint32_t features[4])
{
    if (!has_bit(features[ECX], 27) || !has_bit(features[ECX], 28)) { /* OSXSAVE, AVX */
        return false;
    }
#if defined(_MSC_VER) && !defined(__clang__)
    uint64_t kept = _xgetbv(0);
#else
    uint32_t kept, high;
    __asm__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
#endif
    return (kept & 6) == 6; /* xmm, ymm */
}

/*
 * Zen 3 and Zen 4 announce fast strings, but are many times slower where the destination is not
 * aligned as the source is: glibc's bug 30994.
 */
static bool has_slow_strings(uint32_t vendor, uint32_t signature)
{
    const uint32_t amd = 0x68747541; /* "Auth", of AuthenticAMD */
    uint32_t family = (signature >> 8 & 0xF) + (signature >> 20 & 0xFF);
    return vendor == amd && family == 0x19;
}

unsigned processor_detect(void)
{
    uint32_t basic[4], features[4], extended[4];
    unsigned detected = 0;
    cpuid(0, basic);
    if (basic[EAX] < 7) {
        return 0;
    }
    cpuid(1, features);
    cpuid(7, extended);
    if (has_bit(extended[EBX], 5) && keeps_vectors(features)) {
        detected |= PROCESSOR_AVX2;
    }
    if (has_bit(extended[EBX], 9) && !has_slow_strings(basic[EBX], features[EAX])) { /* ERMS */
        detected |= PROCESSOR_FAST_STRINGS;
    }
    return detected;
}

#else

unsigned processor_detect(void)
{
    return 0;
}

#endif
