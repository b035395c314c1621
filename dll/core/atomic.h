/*
 * Atomic operations on memory that processes share. The memory order is in each name.
 *
 * Every access is one access of its full width, on 32-bit x86 too. A load never writes, so it works
 * on a read-only view, where the compare-exchange that some libraries use to load would fault.
 */
#ifndef SHAREDMEM_ATOMIC_H
#define SHAREDMEM_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

/* ARM64EC code takes itself for x64 code, but its processor orders memory as ARM64 does. */
#if (defined(_M_IX86) || defined(_M_X64) || defined(__i386__) || defined(__x86_64__)) &&           \
    !defined(_M_ARM64EC) && !defined(__arm64ec__)
#define ATOMIC_X86_ORDER 1
#else
#define ATOMIC_X86_ORDER 0
#endif

#if defined(__GNUC__) || defined(__clang__)

#if defined(__i386__) && defined(__SSE2__)
#include <emmintrin.h>
#endif

static inline uint64_t atomic_load_relaxed(const uint64_t *from)
{
    return __atomic_load_n(from, __ATOMIC_RELAXED);
}

static inline uint64_t atomic_load_acquire(const uint64_t *from)
{
    return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_relaxed(uint64_t *to, uint64_t value)
{
#if defined(__i386__) && defined(__SSE2__)
    /* The compilers combine the halves in memory, from where a load of both cannot be forwarded. */
    __m128i low = _mm_cvtsi32_si128((int)(uint32_t)value);
    __m128i high = _mm_cvtsi32_si128((int)(uint32_t)(value >> 32));
    __asm__ volatile("movq %1, %0" : "=m"(*to) : "x"(_mm_unpacklo_epi32(low, high)));
#else
    __atomic_store_n(to, value, __ATOMIC_RELAXED);
#endif
}

static inline void atomic_store_release(uint64_t *to, uint64_t value)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
    atomic_store_relaxed(to, value);
}

/* Whether *at was `expected` and is now `desired`. */
static inline bool atomic_compare_exchange_acquire(uint64_t *at, uint64_t expected,
                                                   uint64_t desired)
{
    return __atomic_compare_exchange_n(at, &expected, desired, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static inline bool atomic_compare_exchange_release(uint64_t *at, uint64_t expected,
                                                   uint64_t desired)
{
    return __atomic_compare_exchange_n(at, &expected, desired, false, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}

/*
 * Full barriers: every access before them happens before any access after them. On x86 a locked
 * instruction is already a full barrier. On ARM64 a sequentially consistent exchange is not: a
 * plain load after it may happen before its store is visible.
 */
static inline void atomic_complete_barrier(void)
{
#if !ATOMIC_X86_ORDER
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline uint64_t atomic_exchange_full_barrier(uint64_t *at, uint64_t desired)
{
    uint64_t previous = __atomic_exchange_n(at, desired, __ATOMIC_SEQ_CST);
    atomic_complete_barrier();
    return previous;
}

static inline uint64_t atomic_fetch_or_full_barrier(uint64_t *at, uint64_t bits)
{
    uint64_t previous = __atomic_fetch_or(at, bits, __ATOMIC_SEQ_CST);
    atomic_complete_barrier();
    return previous;
}

static inline void atomic_clear_bits_relaxed(uint64_t *at, uint64_t bits)
{
    __atomic_fetch_and(at, ~bits, __ATOMIC_RELAXED);
}

static inline void atomic_fence_acquire(void)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void atomic_fence_release(void)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Orders non-temporal stores, too. */
static inline void atomic_fence_full(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Prefetches memory that will be read; never faults. Orders nothing. */
static inline void atomic_prefetch(const void *memory)
{
    __builtin_prefetch(memory);
}

/* Tells the processor that this is a spin loop. Orders nothing. */
static inline void atomic_pause(void)
{
#if ATOMIC_X86_ORDER
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm64ec__)
    __asm__ volatile("yield");
#endif
}

#elif defined(_MSC_VER)

#include <intrin.h>

/* x86 keeps loads in order and stores in order: there, fences only constrain the compiler. */
static inline void atomic_fence_acquire(void)
{
#if ATOMIC_X86_ORDER
    _ReadWriteBarrier();
#else
    __dmb(_ARM64_BARRIER_ISHLD);
#endif
}

static inline void atomic_fence_release(void)
{
#if ATOMIC_X86_ORDER
    _ReadWriteBarrier();
#else
    __dmb(_ARM64_BARRIER_ISH);
#endif
}

static inline void atomic_fence_full(void)
{
#if ATOMIC_X86_ORDER
    _mm_mfence();
#else
    __dmb(_ARM64_BARRIER_ISH);
#endif
}

static inline uint64_t atomic_load_relaxed(const uint64_t *from)
{
    return (uint64_t)__iso_volatile_load64((const volatile __int64 *)from);
}

static inline uint64_t atomic_load_acquire(const uint64_t *from)
{
    uint64_t value = atomic_load_relaxed(from);
    atomic_fence_acquire();
    return value;
}

static inline void atomic_store_relaxed(uint64_t *to, uint64_t value)
{
    __iso_volatile_store64((volatile __int64 *)to, (__int64)value);
}

static inline void atomic_store_release(uint64_t *to, uint64_t value)
{
    atomic_fence_release();
    atomic_store_relaxed(to, value);
}

static inline bool atomic_compare_exchange_acquire(uint64_t *at, uint64_t expected,
                                                   uint64_t desired)
{
    return (uint64_t)_InterlockedCompareExchange64((volatile __int64 *)at, (__int64)desired,
                                                   (__int64)expected) == expected;
}

static inline bool atomic_compare_exchange_release(uint64_t *at, uint64_t expected,
                                                   uint64_t desired)
{
    return atomic_compare_exchange_acquire(at, expected, desired); /* orders both ways */
}

/* Full barriers, as above: an interlocked function may order only as acquire and release do. */
static inline void atomic_complete_barrier(void)
{
#if !ATOMIC_X86_ORDER
    __dmb(_ARM64_BARRIER_ISH);
#endif
}

static inline uint64_t atomic_exchange_full_barrier(uint64_t *at, uint64_t desired)
{
    uint64_t seen = atomic_load_relaxed(at); /* 32-bit x86 has the compare-exchange only */
    while (!atomic_compare_exchange_acquire(at, seen, desired)) {
        seen = atomic_load_relaxed(at);
    }
    atomic_complete_barrier();
    return seen;
}

static inline uint64_t atomic_fetch_or_full_barrier(uint64_t *at, uint64_t bits)
{
    uint64_t seen = atomic_load_relaxed(at);
    while (!atomic_compare_exchange_acquire(at, seen, seen | bits)) {
        seen = atomic_load_relaxed(at);
    }
    atomic_complete_barrier();
    return seen;
}

static inline void atomic_clear_bits_relaxed(uint64_t *at, uint64_t bits)
{
    uint64_t seen = atomic_load_relaxed(at);
    while (!atomic_compare_exchange_acquire(at, seen, seen & ~bits)) {
        seen = atomic_load_relaxed(at);
    }
}

static inline void atomic_prefetch(const void *memory)
{
#if ATOMIC_X86_ORDER
    _mm_prefetch(memory, _MM_HINT_T0);
#else
    (void)memory; /* can be done without */
#endif
}

static inline void atomic_pause(void)
{
#if ATOMIC_X86_ORDER
    _mm_pause();
#else
    __yield();
#endif
}

#else
#error "sharedmem: no atomic operations for this compiler"
#endif

#endif
