/*
 * The lock of a region's writers, across processes. It survives the death of its owner: a thread
 * that waits for it finds that the owner is dead and takes the lock over.
 *
 * A thread that does not get it in a short spin arms an entry of the contenders' event count and
 * sleeps; a release wakes the next such thread, in a circle. Others may be faster
 * meanwhile, which keeps the lock busy where threads are many. But a thread that was woken, and
 * does not get the lock all the same, or one that finds a single owner all the time while it spins,
 * becomes the heir, if there is none: no other thread takes the lock before the heir has had it. So
 * a writer that never pauses starves no other, whatever the clock's tick is. An heir that leaves a
 * free lock alone for 10 milliseconds, because it is dead or suspended, is passed over.
 *
 * Which of several becomes the heir is left to chance, up to a point: a thread that has waited for
 * 100 milliseconds, and cannot become the heir, claims the lock with a bit of its own. While there
 * is a claim, no thread makes itself the heir. Instead, each owner that finds none appoints the
 * next that claims, in a circle, before it releases. So a claim waits for those of the other 63
 * entries at most, and no thread that has an entry starves.
 *
 * No function here changes the last error.
 */
#ifndef SHAREDMEM_ROBUST_LOCK_H
#define SHAREDMEM_ROBUST_LOCK_H

#include "atomic.h"
#include "eventcount.h"
#include "owner_token.h"

#include <stdbool.h>

struct robust_lock {
    struct layout_lock *shared;
    struct eventcount contenders;
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
static inline bool robust_lock_try_once(struct robust_lock *lock, uint64_t self)
{
    struct layout_lock *shared = lock->shared;
    uint64_t heir = atomic_load_relaxed(&shared->heir);
    if ((heir != 0 && heir != self) || !atomic_compare_exchange_acquire(&shared->owner, 0, self)) {
        return false;
    }
    if (heir == self) {
        atomic_compare_exchange_release(&shared->heir, self, 0);
    }
    return true;
}

/*
 * Acquires the lock, which was not free at once, within 5 seconds: FALSE if by then a living thread
 * still owns it. A thread that owns it already, because a jump left an earlier call, gets it.
 */
bool robust_lock_contend(struct robust_lock *lock, uint64_t self);

/* Acquires the lock if it becomes free in a short spin. Never sleeps. */
bool robust_lock_try_acquire(struct robust_lock *lock);

/* What is seldom in a release: serves a claim; wakes the heir or the next contender. */
void robust_lock_appoint_heir(struct robust_lock *lock, uint64_t claims);
void robust_lock_wake_next(struct robust_lock *lock, uint64_t heir);

/* Wakes the heir or the next contender, if there is any. For what has released the lock. */
static inline void robust_lock_wake(struct robust_lock *lock)
{
    uint64_t heir = atomic_load_relaxed(&lock->shared->heir);
    if (heir != 0 || eventcount_armed(&lock->contenders) != 0) {
        robust_lock_wake_next(lock, heir);
    }
}

/*
 * Releases the lock. A release would do for that. A full barrier, because this thread then looks
 * for others that wait, for the lock or for a change: its publication and the free lock must be
 * visible before those loads, or both sides miss each other.
 */
static inline void robust_lock_release(struct robust_lock *lock)
{
    uint64_t claims = atomic_load_relaxed(&lock->shared->claims);
    if (claims != 0) {
        robust_lock_appoint_heir(lock, claims);
    }
    atomic_exchange_full_barrier(&lock->shared->owner, 0);
    robust_lock_wake(lock);
}

/*
 * Releases the lock for another thread, if that still owns it: where it is dead, a contender may
 * take it over at any time.
 */
static inline void robust_lock_release_for(struct robust_lock *lock, uint64_t owner)
{
    if (atomic_compare_exchange_release(&lock->shared->owner, owner, 0)) {
        atomic_fence_full();
        robust_lock_wake(lock);
    }
}

/* The owner's token; 0 if there is none. */
static inline uint64_t robust_lock_owner(const struct robust_lock *lock)
{
    return atomic_load_relaxed(&lock->shared->owner);
}

#endif
