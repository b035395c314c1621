#include "robust_lock.h"

#include "atomic.h"
#include "compiler.h"
#include "owner_token.h"
#include "unbiased_time.h"

#include <windows.h>

enum {
    SPINS = 320,       /* some microseconds; a write of a text takes well under one */
    DOUBT_MS = 10,     /* between two checks whether the owner, or the heir, is alive */
    PATIENCE_MS = 100, /* before a thread claims the lock */
    TIMEOUT_MS = 5000, /* never wait for ever */
};

static bool spin(struct robust_lock *lock, uint64_t self)
{
    for (unsigned i = 0; i < SPINS; i++) {
        if (atomic_load_relaxed(&lock->shared->owner) == 0 && robust_lock_try_once(lock, self)) {
            return true;
        }
        atomic_pause();
    }
    return false;
}

/* A thread that contends for the lock. */
struct contender {
    struct eventcount_waiter waiter;
    uint64_t self;
    uint64_t came;  /* when it began to contend */
    uint64_t asked; /* when it last asked whether the owner lives; at first, when it came */
    uint64_t heir;  /* of the free lock, when it last looked */
    uint64_t since; /* when it saw that heir first */
};

/* Takes the lock from a dead owner, or from an earlier call of this thread. */
static bool take_over(struct robust_lock *lock, struct contender *contender)
{
    uint64_t owner = atomic_load_relaxed(&lock->shared->owner);
    if (owner == contender->self) {
        return true;
    }
    uint64_t now = unbiased_time();
    if (owner == 0 || now - contender->asked < DOUBT_MS) {
        return false;
    }
    contender->asked = now;
    return !owner_token_is_alive(owner) &&
           atomic_compare_exchange_acquire(&lock->shared->owner, owner, contender->self);
}

/* Takes the place of an heir that leaves a free lock alone. */
static bool pass_over(struct robust_lock *lock, struct contender *contender)
{
    struct layout_lock *shared = lock->shared;
    uint64_t heir =
        atomic_load_relaxed(&shared->owner) == 0 ? atomic_load_relaxed(&shared->heir) : 0;
    uint64_t now = unbiased_time();
    if (heir == 0 || heir != contender->heir) {
        contender->heir = heir;
        contender->since = now;
        return false;
    }
    return now - contender->since >= DOUBT_MS &&
           atomic_compare_exchange_release(&shared->heir, heir, 0) &&
           robust_lock_try_once(lock, contender->self);
}

/*
 * Others may have been faster once; now it is this thread's turn, unless another one is the heir or
 * claims the lock: then this one claims it, too, once it has waited for long. A thread without an
 * entry could not be woken, and would keep all others waiting.
 */
static void become_heir(struct robust_lock *lock, const struct contender *contender)
{
    struct layout_lock *shared = lock->shared;
    if (!contender->waiter.has_entry) {
        return;
    }
    if (atomic_load_relaxed(&shared->claims) == 0 && atomic_load_relaxed(&shared->heir) == 0) {
        atomic_compare_exchange_release(&shared->heir, 0, contender->self);
    } else if (unbiased_time() - contender->came >= PATIENCE_MS) {
        atomic_fetch_or_full_barrier(&shared->claims, eventcount_bit(contender->waiter.entry));
    }
}

static void withdraw_claim(struct robust_lock *lock, const struct contender *contender)
{
    uint64_t bit = eventcount_bit(contender->waiter.entry);
    if (contender->waiter.has_entry && (atomic_load_relaxed(&lock->shared->claims) & bit) != 0) {
        atomic_clear_bits_relaxed(&lock->shared->claims, bit);
    }
}

static bool sleep_until_it_is_free(struct robust_lock *lock, struct contender *contender)
{
    for (;;) {
        eventcount_prepare(&contender->waiter);
        if (spin(lock, contender->self) || take_over(lock, contender) ||
            pass_over(lock, contender)) {
            return true;
        }
        if (unbiased_time() - contender->came >= TIMEOUT_MS) {
            return false;
        }
        eventcount_wait(&contender->waiter, DOUBT_MS);
        become_heir(lock, contender);
    }
}

static bool wait_for_it(struct robust_lock *lock, uint64_t self)
{
    uint64_t owner = atomic_load_relaxed(&lock->shared->owner);
    if (spin(lock, self)) {
        return true;
    }
    bool is_long = owner != 0 && atomic_load_relaxed(&lock->shared->owner) == owner;
    uint64_t now = unbiased_time();
    struct contender contender = {
        .waiter = {.eventcount = &lock->contenders},
        .self = self,
        .came = now,
        .asked = now,
    };
    if (is_long) { /* waking takes less time than what the owner does, maybe in a loop */
        eventcount_prepare(&contender.waiter);
        become_heir(lock, &contender);
    }
    bool acquired = sleep_until_it_is_free(lock, &contender);
    withdraw_claim(lock, &contender);
    eventcount_cancel(&contender.waiter);
    if (atomic_load_relaxed(&lock->shared->heir) == self) { /* taken over, or too late */
        atomic_compare_exchange_release(&lock->shared->heir, self, 0);
    }
    return acquired;
}

bool robust_lock_contend(struct robust_lock *lock, uint64_t self)
{
    DWORD last_error = GetLastError();
    bool acquired = wait_for_it(lock, self);
    SetLastError(last_error);
    return acquired;
}

bool robust_lock_try_acquire(struct robust_lock *lock)
{
    return spin(lock, owner_token_self());
}

/* Appoints the next thread that claims, in a circle. A claim whose entry is free is dropped. */
void robust_lock_appoint_heir(struct robust_lock *lock, uint64_t claims)
{
    struct layout_lock *shared = lock->shared;
    if (atomic_load_relaxed(&shared->heir) != 0) {
        return;
    }
    unsigned entry = (unsigned)(atomic_load_relaxed(&shared->served) % LAYOUT_MAX_WAITERS);
    uint64_t heir = eventcount_next(&lock->contenders, claims, &entry);
    if (heir == 0) {
        atomic_clear_bits_relaxed(&shared->claims, claims);
    } else if (atomic_compare_exchange_release(&shared->heir, 0, heir)) {
        atomic_clear_bits_relaxed(&shared->claims, eventcount_bit(entry));
        atomic_store_relaxed(&shared->served, entry);
    }
}

/* Wakes the heir, or, if there is none, the next contender in a circle. */
void robust_lock_wake_next(struct robust_lock *lock, uint64_t heir)
{
    struct layout_lock *shared = lock->shared;
    unsigned entry = (unsigned)(atomic_load_relaxed(&shared->turn) % LAYOUT_MAX_WAITERS);
    if (heir != 0) {
        if (!eventcount_find(&lock->contenders, heir, &entry)) {
            return; /* it looks by itself */
        }
    } else {
        if (eventcount_next(&lock->contenders, eventcount_armed(&lock->contenders), &entry) == 0) {
            return;
        }
        atomic_store_relaxed(&shared->turn, entry);
        eventcount_disarm(&lock->contenders, entry);
    }
    eventcount_signal(&lock->contenders, entry, EVENTCOUNT_THREAD);
}
