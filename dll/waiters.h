/*
 * Threads of any process that wait for a region to change. Each takes one of the 64 entries of the
 * control page, which has an event of its own, arms its bit and sleeps; a writer, who has published
 * and freed the lock, takes all armed bits at once and sets their events. Where nobody waits, that
 * is one load.
 *
 * No wake-up is lost: the waiter arms its bit, and then looks at the version; the writer publishes,
 * and then looks at the bits; between the two steps each has a full barrier, so that at least one
 * sees the other. A signal for an earlier owner of an entry only makes its present one look again.
 *
 * A waiter's entry is armed nearly always, so that 64 entries of living threads that are not are a
 * hostile process's work, as a rule. A thread whose entry is taken all the same, before it has
 * armed it, shares the event with the other: one of the two may be woken late, after 250 ms.
 *
 * Of all orders, that of a store before a later load is the one that x86 does not keep by itself.
 * There the locked instruction is the barrier: xchg (cmpxchg8b on 32 bits) frees the lock, behind
 * the publication, and lock or arms. On ARM64 they are swpal and ldsetal, or ldaxr and stlxr, and
 * the dmb ish behind each is the barrier: a plain load may overtake the store of stlxr. A waiter
 * that leaves clears its bit without any order (ldclr); the exchange that frees the entry releases,
 * and who takes the entry acquires, so that its own arming of that bit comes later.
 *
 * tests/model is this protocol for a model checker, which breaks it if one step moves.
 */
#ifndef SHAREDMEM_WAITERS_H
#define SHAREDMEM_WAITERS_H

#include "layout.h"

#include <stdbool.h>
#include <windows.h>

#define WAITERS_NO_ENTRY LAYOUT_MAX_WAITERS
#define WAITERS_SUFFIX_CCH 10 /* of an event's name: ".waiter.63" */

struct waiters {
    struct layout_control *control;
    HANDLE section;    /* its access control is the events', too */
    const WCHAR *name; /* the region's */
    HANDLE event[LAYOUT_MAX_WAITERS]; /* each made or opened when it is first needed */
};

/*
 * Takes an entry whose event can be had for the calling thread: a free one; else one of a thread
 * that has ended; else one that is not armed. WAITERS_NO_ENTRY if there is none. Changes the last
 * error.
 */
unsigned waiters_enter(struct waiters *waiters);

/* Frees the entry, unless another thread has taken it meanwhile. */
void waiters_leave(struct waiters *waiters, unsigned entry);

/* Asks for a wake-up. A full barrier: look at the version after it, and sleep only then. */
void waiters_arm(struct waiters *waiters, unsigned entry);

/* Whether there was a wake-up, or whatever else ended the sleep before the time was over. */
bool waiters_sleep(struct waiters *waiters, unsigned entry, DWORD milliseconds);

/* For a writer: wakes who is armed, after a full barrier behind its publication. */
void waiters_wake(struct waiters *waiters);

/* How many are armed. */
unsigned waiters_count(const struct waiters *waiters);

void waiters_close(struct waiters *waiters);

#endif
