/* The operations of atomic.h as functions, for `instructions` to look at what they have become. */
#include "atomic.h"

uint64_t load_relaxed(const uint64_t *from);
uint64_t load_acquire(const uint64_t *from);
void store_relaxed(uint64_t *to, uint64_t value);
bool compare_exchange_acquire(uint64_t *at, uint64_t expected, uint64_t desired);
bool compare_exchange_release(uint64_t *at, uint64_t expected, uint64_t desired);
uint64_t exchange_full_barrier(uint64_t *at, uint64_t desired);
uint64_t fetch_or_full_barrier(uint64_t *at, uint64_t bits);
void clear_bits_relaxed(uint64_t *at, uint64_t bits);
void fence_acquire(void);
void fence_release(void);
void fence_full(void);
void pause_processor(void);

uint64_t load_relaxed(const uint64_t *from)
{
    return atomic_load_relaxed(from);
}

uint64_t load_acquire(const uint64_t *from)
{
    return atomic_load_acquire(from);
}

void store_relaxed(uint64_t *to, uint64_t value)
{
    atomic_store_relaxed(to, value);
}

bool compare_exchange_acquire(uint64_t *at, uint64_t expected, uint64_t desired)
{
    return atomic_compare_exchange_acquire(at, expected, desired);
}

bool compare_exchange_release(uint64_t *at, uint64_t expected, uint64_t desired)
{
    return atomic_compare_exchange_release(at, expected, desired);
}

uint64_t exchange_full_barrier(uint64_t *at, uint64_t desired)
{
    return atomic_exchange_full_barrier(at, desired);
}

uint64_t fetch_or_full_barrier(uint64_t *at, uint64_t bits)
{
    return atomic_fetch_or_full_barrier(at, bits);
}

void clear_bits_relaxed(uint64_t *at, uint64_t bits)
{
    atomic_clear_bits_relaxed(at, bits);
}

void fence_acquire(void)
{
    atomic_fence_acquire();
}

void fence_release(void)
{
    atomic_fence_release();
}

void fence_full(void)
{
    atomic_fence_full();
}

void pause_processor(void)
{
    atomic_pause();
}
