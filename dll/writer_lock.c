#include "writer_lock.h"

#include "atomic.h"
#include "identity.h"

#include <windows.h>

enum {
    SPINS = 32,        /* in a round: a write of a text takes well under a microsecond */
    DOUBT_ROUNDS = 4,  /* between two questions whether the owner lives */
    YIELD_ROUNDS = 40, /* before it sleeps between rounds */
    TIMEOUT_MS = 5000, /* never for ever */
};

/*
 * What an owner did comes before what the next one does, also what it loaded:
 *
 * From an owner that frees the lock. Its exchange releases, the compare-exchange that finds the 0
 * acquires. On x86 both are locked instructions; on ARM64 swpal and casa, or stlxr and ldaxr.
 * (There an owner's first stores may be seen before its name in the lock is. But it has the lock by
 * then: nobody else's compare-exchange can succeed.)
 *
 * From a dead one. The word still holds what it held before the owner's stores, so that there is no
 * release to pair with. The system stands in for it: a thread counts as dead when it has left its
 * processor for good, all its stores done, and the kernel's own locks order that before the answer
 * of identity_is_alive. The compare-exchange depends on that answer; nothing behind it is done
 * earlier. It names the owner that was asked about, so that of two who ask, one gets the lock.
 *
 * From oneself: by the program's order.
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

static bool acquire_contended(uint64_t *lock, uint64_t self)
{
    ULONGLONG deadline = GetTickCount64() + TIMEOUT_MS;

    for (unsigned round = 0;; round++) {
        if (spin(lock, self)) {
            return true;
        }
        uint64_t owner = atomic_load_relaxed(lock);
        if (owner == self) {
            return true;
        }
        bool sleeps = round >= YIELD_ROUNDS;
        bool doubts = sleeps || round % DOUBT_ROUNDS == DOUBT_ROUNDS - 1;
        if (doubts && owner != 0 && !identity_is_alive(owner) &&
            atomic_compare_exchange_acquire(lock, owner, self)) {
            return true;
        }
        if (!sleeps) {
            SwitchToThread();
        } else if (GetTickCount64() < deadline) {
            Sleep(1);
        } else {
            return false;
        }
    }
}

bool writer_lock_acquire(uint64_t *lock)
{
    uint64_t self = identity_own();
    /* Acquire, pairs with the release in writer_lock_release: the last owner's writes are seen. */
    return atomic_compare_exchange_acquire(lock, 0, self) || acquire_contended(lock, self);
}

bool writer_lock_try_acquire(uint64_t *lock)
{
    return spin(lock, identity_own());
}

void writer_lock_release(uint64_t *lock)
{
    /*
     * Release would do for the lock. A full barrier, because the writer then looks whether anybody
     * waits: its publication must be visible before that look, or both sides miss each other.
     */
    atomic_exchange_full_barrier(lock, 0);
}
