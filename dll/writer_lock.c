#include "writer_lock.h"

#include "atomic.h"
#include "identity.h"

#include <windows.h>

enum {
    SPINS = 100,       /* a write of a text takes well under a microsecond */
    YIELDS = 10,       /* rounds of spinning until the owner's life is in doubt */
    TIMEOUT_MS = 5000, /* never for ever */
};

static bool acquire_contended(uint64_t *lock, uint64_t self)
{
    ULONGLONG deadline = GetTickCount64() + TIMEOUT_MS;

    for (unsigned round = 0;; round++) {
        uint64_t owner = 0;
        for (unsigned spin = 0; spin < SPINS; spin++) {
            owner = atomic_load_relaxed(lock);
            if (owner == self) {
                return true;
            }
            if (owner == 0 && atomic_compare_exchange_acquire(lock, 0, self)) {
                return true;
            }
            atomic_pause();
        }
        if (round < YIELDS) {
            SwitchToThread();
            continue;
        }
        /* Of the dead, every store was visible before the system told us of the death. */
        if (owner != 0 && !identity_is_alive(owner) &&
            atomic_compare_exchange_acquire(lock, owner, self)) {
            return true;
        }
        if (GetTickCount64() >= deadline) {
            return false;
        }
        Sleep(1);
    }
}

bool writer_lock_acquire(uint64_t *lock)
{
    uint64_t self = identity_own();
    /* Acquire, pairs with the release in writer_lock_release: the last owner's writes are seen. */
    return atomic_compare_exchange_acquire(lock, 0, self) || acquire_contended(lock, self);
}

void writer_lock_release(uint64_t *lock)
{
    /*
     * Release would do for the lock. A full barrier, because the writer then looks whether anybody
     * waits: its publication must be visible before that look, or both sides miss each other.
     */
    atomic_exchange_full_barrier(lock, 0);
}
