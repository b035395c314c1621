/* What compilers spell differently. */
#ifndef SHAREDMEM_COMPILER_H
#define SHAREDMEM_COMPILER_H

/* Keeps what a function seldom does from costing registers whenever it is called. */
#if defined(_MSC_VER)
#define NOT_INLINE __declspec(noinline)
#else
#define NOT_INLINE __attribute__((noinline))
#endif

/* x64 and x86; ARM64EC calls itself x64. */
#if defined(__x86_64__) || defined(__i386__) || defined(_M_IX86) ||                                \
    (defined(_M_X64) && !defined(_M_ARM64EC))
#define PROCESSOR_X86 1
#endif

/* In MSVC's mode, clang's headers have AVX2 only where it is the baseline. */
#if defined(PROCESSOR_X86) && (!defined(_MSC_VER) || !defined(__clang__) || defined(__AVX2__))
#define COMPILES_AVX2 1
#endif

/* For a function that is only called if processor.h says that there is AVX2. */
#if defined(__GNUC__) || defined(__clang__)
#define TARGET_AVX2 __attribute__((target("avx2")))
#else
#define TARGET_AVX2
#endif

#endif
