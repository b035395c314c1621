/*
 * An event count across processes: threads of any process wait for a region to change, or for its
 * lock. Each takes one of the 64 entries of a table in a section, which has an event of its own,
 * arms its bit and sleeps; a writer, after publishing and releasing the lock, takes all armed bits
 * at once and sets their events. Where no thread waits, that is one load. The interface is that of
 * folly's EventCount and Concurrency Kit's ck_ec:
 *
 *     waiter:  loop: eventcount_prepare();
 *                    if the condition holds, leave the loop;
 *                    eventcount_wait();
 *              eventcount_cancel();
 *     writer:  make the condition true; a full barrier; eventcount_notify()
 *
 * No wake-up is lost: the waiter arms its bit, and then looks at the version; the writer publishes,
 * and then looks at the bits; each has a full barrier between the two steps, so at least one sees
 * the other. A signal for an earlier owner of an entry only makes its present one look again.
 *
 * A waiter that finds all 64 taken polls, and looks for one at each try: a free one; that of a
 * dead thread, for which it asks the system about one owner a try, in a circle; or one that a
 * quarter of a second has not seen armed, a hostile process's work, as a waiter's entry is armed
 * nearly always. A thread that loses its entry all the same, before it has armed it, shares the
 * event with the other: one of the two may wake late, after 250 milliseconds.
 *
 * A store before a later load is the one order that x86 does not keep by itself. There the locked
 * instruction is the barrier: xchg (cmpxchg8b on 32 bits) releases the lock, after the publication,
 * and lock or arms. On ARM64 they are swpal and ldsetal, or ldaxr and stlxr, and the dmb ish behind
 * each is the barrier: a plain load may overtake the store of stlxr. A waiter that leaves clears
 * its bit without any order (ldclr); the compare-exchange that frees the entry releases, and the
 * one that takes the entry acquires, so the next owner's arming of that bit comes later.
 *
 * A process that gives its callers events for loops of their own takes an entry for each, for as
 * long as that is open. Such an entry has another event, which is reset by the process before it
 * arms, and by nothing else: "reset, arm, look at the version, and set the event if that differs"
 * is the waiter's half. Of these entries, one that is not armed may be in use; if a waiter that
 * finds all 64 taken takes it, the event's process finds that when it arms, and polls.
 *
 * The model in tests/ is this protocol, and fails if one step moves.
 */
#ifndef SHAREDMEM_EVENTCOUNT_H
#define SHAREDMEM_EVENTCOUNT_H

#include "atomic.h"
#include "layout.h"
#include "pointer_once.h"

#include <stdbool.h>
#include <windows.h>

#define EVENTCOUNT_SUFFIX_CCH 10 /* of an event's name: ".waiter.63" */

/* How long a waiter, or an event of this process, goes without a look of its own at the version. */
enum {
    EVENTCOUNT_LOOK_MS = 250, /* the writer may have been killed before it woke the waiter */
    EVENTCOUNT_POLL_MS = 10,  /* no writer can wake it: looks at the next tick of the clock */
};

/* An entry's owner is one of these, and each kind has its own event, which its name ends with. */
enum eventcount_owner {
    EVENTCOUNT_THREAD,  /* auto-reset: ".waiter.00", or another suffix */
    EVENTCOUNT_PROCESS, /* manual-reset: ".event.00" */
    EVENTCOUNT_OWNERS
};

struct eventcount {
    void *table;         /* struct layout_waiters; NULL: no thread can wait here yet */
    HANDLE section;      /* with the table: the right to write there is that to the events */
    const WCHAR *name;   /* the region's; NULL: the events have no names */
    const WCHAR *suffix; /* of the threads' events; behind it the entry's number: ".waiter." */

    /* Each is made or opened when it is first needed. */
    HANDLE event[EVENTCOUNT_OWNERS][LAYOUT_MAX_WAITERS];
    uint64_t suspect; /* the entry about whose owner the system is asked next */
};

/* A thread that waits, or an event of this process. Initialised with the first three fields. */
struct eventcount_waiter {
    struct eventcount *eventcount;
    bool polls; /* for good: there is no table, or the events are of no use */
    enum eventcount_owner owner;
    bool has_entry;
    unsigned entry;
    unsigned false_alarms; /* sleeps that ended for no reason that the waiter can see */
    unsigned tries;        /* to get an entry */
    uint64_t seen_armed;   /* entries that were armed at one of them, one bit each */
};

/* Asks for a wake-up: a full barrier. Look at the condition after it. Changes the last error. */
void eventcount_prepare(struct eventcount_waiter *waiter);

/*
 * Sleeps until a writer notifies, or until it is time to prepare and look again: at most so many
 * milliseconds, or 250, or 16 where the waiter polls.
 */
void eventcount_wait(struct eventcount_waiter *waiter, DWORD milliseconds);

/* Ends the waiting, with or without a wake-up. */
void eventcount_cancel(struct eventcount_waiter *waiter);

/*
 * For an event of this process, which holds its entry until eventcount_cancel: takes a free one, or
 * one of a dead owner, and returns the manual-reset event, which belongs to the event count. NULL
 * if there is none.
 */
HANDLE eventcount_open_event(struct eventcount_waiter *waiter);

/*
 * Asks for that event to be set: a full barrier. Reset the event before, and look at the condition
 * after it. FALSE if the entry has been taken by another owner that still has it.
 */
bool eventcount_arm_event(struct eventcount_waiter *waiter);

/* Of an entry, in a word that has a bit for each. */
static inline uint64_t eventcount_bit(unsigned entry)
{
    return UINT64_C(1) << entry;
}

static inline struct layout_waiters *eventcount_table(const struct eventcount *eventcount)
{
    return pointer_load(&eventcount->table);
}

/* The entries that are armed, one bit each. */
static inline uint64_t eventcount_armed(const struct eventcount *eventcount)
{
    const struct layout_waiters *waiters = eventcount_table(eventcount);
    return waiters != NULL ? atomic_load_relaxed(&waiters->armed) : 0;
}

/*
 * Wakes the threads that are armed. To be called after a full barrier behind the publication. Like
 * eventcount_signal, leaves the last error alone.
 */
void eventcount_notify_all(struct eventcount *eventcount);
static inline void eventcount_notify(struct eventcount *eventcount)
{
    if (eventcount_armed(eventcount) != 0) {
        eventcount_notify_all(eventcount);
    }
}

/*
 * For one thread at a time: sets *entry to the next one after it, in a circle, whose bit is set and
 * that has an owner, and returns that; 0 if there is none.
 */
uint64_t eventcount_next(struct eventcount *eventcount, uint64_t bits, unsigned *entry);

/* Finds the entry of an owner; FALSE if it has none. */
bool eventcount_find(struct eventcount *eventcount, uint64_t owner, unsigned *entry);

void eventcount_disarm(struct eventcount *eventcount, unsigned entry);

/* An entry's event, which processes share by its name; NULL if it cannot be had. */
HANDLE eventcount_event(struct eventcount *eventcount, unsigned entry, enum eventcount_owner kind);
void eventcount_signal(struct eventcount *eventcount, unsigned entry, enum eventcount_owner kind);

/* Returns the number of threads that are armed. */
unsigned eventcount_waiters(const struct eventcount *eventcount);

void eventcount_close(struct eventcount *eventcount);

#endif
