/*
 * The protocol of a region, for the model checker SPIN: here what its threads have in common, their
 * deaths between any two steps, and the writer lock. cell.pml adds the latch with its writers and
 * readers, waiting.pml the waiters with the writers that wake them. Names and order of the steps are those
 * of dll/; the function is named at each place.
 *
 * A step is one access to shared memory or to the system. SPIN lets them happen in any order that
 * the program's order allows, but one after the other, and every thread sees each at once. That the
 * processor's and the compiler's freedom adds nothing to it is argued in dll/core/seqlatch.h (slots),
 * robust_lock.c (lock) and eventcount.h (waiting).
 *
 * What is called a ghost is no part of the protocol: it remembers what the properties speak of.
 * Macros that are not given a value here break the protocol, one step each, to show that the
 * properties can fail; CMakeLists.txt lists them with the property that each one breaks.
 */

/* Slots: 2 for the text region, 4 for a named region, as in layout.h. */
#ifndef N
#define N 2
#endif

/* values.h: values_version */
#if N == 2 && !defined(NOT_ROUNDED)
#define version_of(q) ((q) + (q) % 2)
#else
#define version_of(q) (q)
#endif

#define self _pid /* owner_token_self(): never 0, which is the killer */
#define is_dead(thread) (!alive[thread])
#ifdef NO_LIVENESS
#define may_be_taken(owner) true
#else
#define may_be_taken(owner) is_dead(owner) /* owner_token.c: owner_token_is_alive */
#endif

/* The control page. */
byte sequence;
byte writer; /* the lock: 0 or its owner's token */

/* The system: which threads live, and what has happened. */
bool alive[THREADS + 1] = true;
byte deaths;
#ifndef DEATHS
#define DEATHS 1
#endif

/* A call that an exception ends, which leaves the lock behind with its thread alive. */
#ifdef CUTS
bool cut[THREADS + 1];
byte cuts;
#define is_ended(thread) (is_dead(thread) || cut[thread])
#define endings (deaths + cuts)
#else
#define endings deaths
#define is_ended(thread) is_dead(thread)
#endif

/* The properties: what must never be true. */
hidden byte torn;          /* a reader was given parts of two values */
hidden byte misversioned;  /* ... a value that is not the one of its version */
hidden byte lost;          /* ... a value older than one that was acknowledged before it asked */
hidden byte back;          /* ... an older version than it was given before */
hidden byte passed_over;   /* a reader of the history was not given a value that was kept */
hidden byte robbed;        /* the lock, or an entry, was taken from a living thread */
hidden byte overtaken;     /* a reader that had the lock was */
hidden byte stuck;         /* the lock is never to be had */
hidden byte update_lost;   /* a Replace replaced a value that it had not seen */
hidden byte mismatched;    /* a Replace failed, and its version was right */
hidden byte asleep;        /* a waiter sleeps for ever, and the version has changed */
hidden byte woken_early;   /* a wait was over, and the version had not changed */
hidden byte signalled;     /* an event was set that no thread had asked for */

#define never(property, condition) property = (condition); assert(!property)

/*
 * robust_lock.c: robust_lock_acquire, and acquire_contended without its time limit: a thread that cannot
 * have the lock for ever is stuck. To go round in the loop and find nothing changed is to stand still.
 * To load the owner and to ask whether it lives are one step, since the dead remain so.
 */
inline robust_lock_acquire()
{
#ifdef NO_LOCK
    skip
#else
    do
    :: atomic { writer == 0 -> writer = self; break }
#ifndef NOT_FROM_SELF
    :: atomic { writer == self -> break }
#endif
#ifndef NO_TAKE_OVER
    :: atomic { writer != 0 && writer != self && may_be_taken(writer) -> owner = writer };
#ifdef TAKE_BY_STORE
       atomic { owner = 0; writer = self; break }
#else
       atomic {
           if
           :: writer == owner -> owner = 0; writer = self; break
           :: else -> owner = 0
           fi
       }
#endif
#endif
    od
#endif
}

/* robust_lock.c: robust_lock_release */
inline robust_lock_release()
{
#ifdef NO_LOCK
    skip
#else
    never(robbed, writer != self);
    writer = 0
#endif
}

#ifndef mourn
#define mourn(thread) skip
#endif

/* Ends one thread, or one thread's call, at any time, as often as it is allowed to, or less. */
#define kill(thread) atomic { deaths < DEATHS && alive[thread] -> \
                              alive[thread] = false; deaths++; mourn(thread) }
#ifdef CUTS
#define end(thread) kill(thread) \
    :: atomic { cuts < CUTS && alive[thread] && !cut[thread] -> cut[thread] = true; cuts++ }
#else
#define end(thread) kill(thread)
#endif

active proctype killer()
{
    do
    :: end(1)
#if MORTALS > 1
    :: end(2)
#endif
#if MORTALS > 2
    :: end(3)
#endif
#if MORTALS > 3
    :: end(4)
#endif
    :: break
    od
}
