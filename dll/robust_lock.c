#include "robust_lock.h"

#include "atomic.h"
#include "compiler.h"
#include "owner_token.h"
#include "unbiased_time.h"

#include <windows.h>

enum {
    SPINS = 32,        /* a write of a text takes well under a microsecond */
    YIELDS = 10,       /* between so many spins, before it sleeps */
    DOUBT_MS = 10,     /* between two checks whether the owner, or the heir, is alive */
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
static bool try_once(struct robust_lock *lock, uint64_t self)
{
    struct layout_lock *shared = lock->shared;
    uint64_t heir = atomic_load_relaxed(&shared->heir);
    if ((heir != 0 && heir != self) || !atomic_compare_exchange_acquire(&shared->owner, 0, self)) {
        return false;
    }
    if (heir == self) {
        atomic_store_relaxed(&shared->heir, 0);
    }
    return true;
}

static bool spin(struct robust_lock *lock, uint64_t self)
{
    for (unsigned i = 0; i < SPINS; i++) {
        if (atomic_load_relaxed(&lock->shared->owner) == 0 && try_once(lock, self)) {
            return true;
        }
        atomic_pause();
    }
    return false;
}

static bool take_over(struct robust_lock *lock, uint64_t self)
{
    uint64_t owner = atomic_load_relaxed(&lock->shared->owner);
    return owner == self || (owner != 0 && !owner_token_is_alive(owner) &&
                             atomic_compare_exchange_acquire(&lock->shared->owner, owner, self));
}

/* A thread that contends for the lock. */
struct contender {
    struct eventcount_waiter waiter;
    uint64_t self;
    uint64_t doubted; /* when it last looked after owner and heir */
    uint64_t heir;    /* that it saw then, if the lock was free */
};

/* Takes the lock from a dead owner, and its place from an heir that does not come. */
static bool doubt(struct robust_lock *lock, struct contender *contender)
{
    uint64_t now = unbiased_time();
    if (now - contender->doubted < DOUBT_MS) {
        return false;
    }
    contender->doubted = now;
    if (take_over(lock, contender->self)) {
        return true;
    }
    struct layout_lock *shared = lock->shared;
    uint64_t heir = atomic_load_relaxed(&shared->heir);
    bool is_late = heir != 0 && heir == contender->heir;
    contender->heir = atomic_load_relaxed(&shared->owner) == 0 ? heir : 0;
    return is_late && atomic_compare_exchange_release(&shared->heir, heir, 0) &&
           try_once(lock, contender->self);
}

static bool sleep_until_it_is_free(struct robust_lock *lock, struct contender *contender)
{
    uint64_t deadline = unbiased_time() + TIMEOUT_MS;
    for (;;) {
        eventcount_prepare(&contender->waiter);
        if (try_once(lock, contender->self) || doubt(lock, contender)) {
            return true;
        }
        if (unbiased_time() >= deadline) {
            return false;
        }
        eventcount_wait(&contender->waiter, DOUBT_MS);
    }
}

static bool wait_for_it(struct robust_lock *lock, uint64_t self)
{
    for (unsigned i = 0; i < YIELDS; i++) {
        if (spin(lock, self)) {
            return true;
        }
        SwitchToThread();
    }
    struct contender contender = {.waiter = {.eventcount = &lock->contenders}, .self = self};
    bool acquired = doubt(lock, &contender) || sleep_until_it_is_free(lock, &contender);
    eventcount_cancel(&contender.waiter);
    if (atomic_load_relaxed(&lock->shared->heir) == self) { /* taken over, or too late */
        atomic_compare_exchange_release(&lock->shared->heir, self, 0);
    }
    return acquired;
}

static NOT_INLINE bool acquire_contended(struct robust_lock *lock, uint64_t self)
{
    DWORD last_error = GetLastError();
    bool acquired = wait_for_it(lock, self);
    SetLastError(last_error);
    return acquired;
}

bool robust_lock_acquire(struct robust_lock *lock)
{
    uint64_t self = owner_token_self();
    return try_once(lock, self) || acquire_contended(lock, self);
}

bool robust_lock_try_acquire(struct robust_lock *lock)
{
    return spin(lock, owner_token_self());
}

/* Names an heir, unless there is one, and sets *entry to the entry to be signalled. */
static NOT_INLINE bool bequeath(struct robust_lock *lock, unsigned *entry)
{
    struct layout_lock *shared = lock->shared;
    *entry = (unsigned)(atomic_load_relaxed(&shared->turn) % LAYOUT_MAX_WAITERS);
    if (atomic_load_relaxed(&shared->heir) != 0) {
        return true; /* another thread was faster, and the heir may have gone to sleep again */
    }
    uint64_t heir = eventcount_next(&lock->contenders, entry);
    if (heir == 0) {
        return false;
    }
    eventcount_disarm(&lock->contenders, *entry); /* one that does not come is heir once only */
    atomic_store_relaxed(&shared->turn, *entry);
    atomic_store_relaxed(&shared->heir, heir);
    return true;
}

void robust_lock_release(struct robust_lock *lock)
{
    unsigned entry = 0;
    bool is_wanted =
        atomic_load_relaxed(&lock->shared->heir) != 0 || eventcount_is_armed(&lock->contenders);
    bool has_heir = is_wanted && bequeath(lock, &entry);
    /*
     * A release would do for the lock. A full barrier, because the writer then looks for threads
     * that wait: its publication and the free lock must be visible before that load, or both sides
     * miss each other.
     */
    atomic_exchange_full_barrier(&lock->shared->owner, 0);
    if (has_heir || (eventcount_is_armed(&lock->contenders) &&
                     eventcount_next(&lock->contenders, &entry) != 0)) {
        eventcount_signal(&lock->contenders, entry);
    }
}

uint64_t robust_lock_owner(const struct robust_lock *lock)
{
    return atomic_load_relaxed(&lock->shared->owner);
}
