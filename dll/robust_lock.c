#include "robust_lock.h"

#include "atomic.h"
#include "owner_token.h"
#include "unbiased_time.h"

#include <windows.h>

enum {
    SPINS = 32,        /* a write of a text takes well under a microsecond */
    DOUBT_ROUNDS = 4,  /* of spinning, between two checks whether the owner is alive */
    YIELD_DOUBTS = 10, /* before it sleeps between two checks */
    TIMEOUT_MS = 5000, /* never wait for ever */
};

/*
 * What an owner did happens before what the next one does, its loads included:
 *
 * Taken from an owner that released it. The exchange in robust_lock_release releases, and the
 * compare-exchange that finds 0 acquires. On x86 both are locked instructions; on ARM64 swpal and
 * casa, or stlxr and ldaxr. (There, an owner's first stores may be visible before its token in the
 * lock is. But it owns the lock by then: no other thread's compare-exchange can succeed.)
 *
 * Taken from a dead owner. The word still holds what it held before the owner's stores, so there is
 * no release to synchronize with. The system stands in for it: a thread counts as dead once it has
 * left its processor for good, all its stores done, and the kernel's own locks order that before
 * the answer of owner_token_is_alive. The compare-exchange depends on that answer; nothing behind
 * it happens earlier. It compares with the owner that was checked, so of two threads that check,
 * one gets the lock.
 *
 * Taken from itself: program order.
 */
static bool spin(uint64_t *lock, uint64_t self)
{
    for (unsigned i = 0; i < SPINS; i++) {
        if (atomic_load_relaxed(lock) == 0 && atomic_compare_exchange_acquire(lock, 0, self)) {
            return true;
        }
        atomic_pause();
    }
    return false;
}

static bool take_over(uint64_t *lock, uint64_t self)
{
    uint64_t owner = atomic_load_relaxed(lock);
    return owner == self || (owner != 0 && !owner_token_is_alive(owner) &&
                             atomic_compare_exchange_acquire(lock, owner, self));
}

static bool acquire_contended(uint64_t *lock, uint64_t self)
{
    uint64_t deadline = unbiased_time() + TIMEOUT_MS;
    for (unsigned doubts = 0; doubts < YIELD_DOUBTS; doubts++) {
        for (unsigned round = 0; round < DOUBT_ROUNDS; round++) {
            if (spin(lock, self)) {
                return true;
            }
            SwitchToThread();
        }
        if (take_over(lock, self)) {
            return true;
        }
    }
    while (!spin(lock, self) && !take_over(lock, self)) {
        if (unbiased_time() >= deadline) {
            return false;
        }
        Sleep(1);
    }
    return true;
}

bool robust_lock_acquire(uint64_t *lock)
{
    uint64_t self = owner_token_self();
    /* Acquire: synchronizes with the exchange in robust_lock_release. */
    return atomic_compare_exchange_acquire(lock, 0, self) || acquire_contended(lock, self);
}

bool robust_lock_try_acquire(uint64_t *lock)
{
    return spin(lock, owner_token_self());
}

void robust_lock_release(uint64_t *lock)
{
    /*
     * A release would do for the lock. A full barrier, because the writer then looks for waiters:
     * its publication must be visible before that load, or both sides miss each other.
     */
    atomic_exchange_full_barrier(lock, 0);
}
