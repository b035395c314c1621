/*
 * The protocol of a region, for the model checker SPIN: its threads, which may die between any two
 * steps, the writer lock and the latch. cell.pml adds readers to it, and waiting.pml waiters. Names
 * and order of the steps are those of dll/; the function is named at each place.
 *
 * A step is one access to shared memory or to the system. SPIN lets them happen in any order that
 * the program's order allows, but one after the other, and every thread sees each at once. That the
 * processor's and the compiler's freedom adds nothing to it is argued in dll/latch.h (slots),
 * writer_lock.c (lock) and waiters.h (waiting).
 *
 * What is called a ghost is no part of the protocol: it remembers what the properties speak of.
 * Macros that are not given a value here break the protocol, one step each, to show that the
 * properties can fail; CMakeLists.txt lists them with the property that each one breaks.
 */

/* Slots: 2 for the text region, 4 for a named region, as in layout.h. */
#ifndef N
#define N 2
#endif

/* region.c: version_of */
#if N == 2 && !defined(NOT_ROUNDED)
#define version_of(q) ((q) + (q) % 2)
#else
#define version_of(q) (q)
#endif

#define ANY 255              /* what a Write expects; a Replace expects a version */
#define self _pid            /* identity_own(): never 0, which is the killer */
#define is_dead(thread) (!alive[thread])
#ifdef NO_LIVENESS
#define may_be_taken(owner) true
#else
#define may_be_taken(owner) is_dead(owner) /* identity.c: identity_is_alive */
#endif

/* The control page. */
byte sequence;
byte writer; /* the lock: 0 or its owner's identity */

/* The slots. A value is a number, and as two halves it can be torn. */
#ifdef CONTENT
typedef slot_of_latch {
    byte first; /* text: all units but the last.  Named region: the bytes */
    byte last;  /* text: the rest, terminated.    Named region: the length */
};
slot_of_latch slot[N];
#define fill(half, value) half = value
#else
#define fill(half, value) skip
#endif

/* The system: who lives, and what has happened. */
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
#else
#define is_ended(thread) is_dead(thread)
#endif

/* Ghosts. */
byte published[2 * WRITES + 3]; /* the value that each version is */
byte acknowledged;              /* the newest version whose writer was told of its success */
#ifdef REPLACE
byte increments, successes;
#endif
#ifdef WAITING
bool owes[THREADS + 1]; /* has published, and has not yet woken all who are to be woken */
bool waker_died;
#endif

/* The properties: what must never be true. */
hidden byte torn;          /* a reader was given parts of two values */
hidden byte misversioned;  /* ... a value that is not the one of its version */
hidden byte lost;          /* ... a value older than one that was acknowledged before it asked */
hidden byte back;          /* ... an older version than it was given before */
hidden byte robbed;        /* the lock, or an entry, was taken from a living thread */
hidden byte stuck;         /* the lock is never to be had */
hidden byte update_lost;   /* a Replace replaced a value that it had not seen */
hidden byte mismatched;    /* a Replace failed, and its version was right */
hidden byte asleep;        /* a waiter sleeps for ever, and the version has changed */
hidden byte woken_early;   /* a wait was over, and the version had not changed */
hidden byte signalled;     /* an event was set that nobody had asked for */

#define never(property, condition) property = (condition); assert(!property)

/*
 * writer_lock.c: writer_lock_acquire, and acquire_contended without its time limit: who cannot have
 * the lock for ever is stuck. To go round in the loop and find nothing changed is to stand still.
 * To load the owner and to ask whether it lives are one step, since who is dead remains so.
 */
inline writer_lock_acquire()
{
#ifndef NO_LOCK
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

/* writer_lock.c: writer_lock_release */
inline writer_lock_release()
{
#ifndef NO_LOCK
    never(robbed, writer != self);
    writer = 0
#endif
}

/* latch.h: latch_publish */
inline latch_publish(value)
{
    d_step {
        sequence = q;
        /* Ghosts: who publishes a version first says what it is; who settles it agrees. */
        if
        :: published[version_of(q)] == 0 ->
           published[version_of(q)] = value;
#ifdef REPLACE
           increments++;
           never(update_lost, value != increments);
#endif
        :: else -> never(misversioned, published[version_of(q)] != value)
        fi;
#ifdef WAITING
        owes[self] = true;
#endif
        q = 0
    }
}

/* text_cell.c: publish; byte_cell.c: byte_cell_write */
inline publish(the_first, the_last, value)
{
    q = sequence + 1;
#ifdef SEQUENCE_FIRST
    d_step { present = q; latch_publish(value) };
    fill(slot[present % N].first, the_first);
    fill(slot[present % N].last, the_last)
#else
    fill(slot[q % N].first, the_first);
    fill(slot[q % N].last, the_last);
    latch_publish(value)
#endif
}

/* text_cell.c: text_cell_settle */
inline text_cell_settle()
{
#if N == 2 && !defined(NO_SETTLE)
    if
    :: sequence % 2 != 0 -> publish(slot[1].first, slot[1].last, published[version_of(q)])
    :: else
    fi
#endif
}

/* text_cell.c: text_cell_write; byte_cell.c: byte_cell_write */
inline cell_write(value)
{
#if N == 2 && defined(LATE_SEQUENCE)
    /* As if there were no fence behind the store of the sequence. */
    q = sequence + 1;
    fill(slot[q % N].first, value);
    fill(slot[q % N].last, value);
    fill(slot[(q + 1) % N].first, value);
    d_step { present = q; latch_publish(value); q = present + 1 };
    fill(slot[q % N].last, value);
    latch_publish(value)
#else
    publish(value, value, value);
#if N == 2
    publish(slot[1].first, slot[1].last, value)
#endif
#endif
}

/* region.c: replace. `present` is what *version receives, `success` whether the call succeeds. */
inline replace(value, expected)
{
#ifdef COMPARE_BEFORE_LOCK
    present = sequence;
    writer_lock_acquire();
    text_cell_settle();
#elif defined(COMPARE_BEFORE_SETTLE)
    writer_lock_acquire();
    present = sequence;
    text_cell_settle();
#else
    writer_lock_acquire();
    text_cell_settle();
    present = sequence;
#endif
    if
    :: expected != ANY && expected != present ->
       d_step { never(mismatched, expected == version_of(present)); writer_lock_release() }
    :: else ->
#ifdef WAKE_BEFORE_PUBLISH
       waiters_wake();
       cell_write(value);
#elif defined(LOOK_BEFORE_PUBLISH)
       /* As if there were no full barrier between the publication and the look at the bits. */
       waiters_look();
       cell_write(value);
#else
       cell_write(value);
#endif
#ifdef VERSION_AFTER_UNLOCK
       d_step { writer_lock_release() };
       present = sequence;
#else
       present = sequence;
       d_step { writer_lock_release() };
#endif
       d_step {
           success = true;
           never(misversioned, published[present] != value);
           acknowledged = (present > acknowledged -> present : acknowledged);
#ifdef REPLACE
           successes++;
#endif
           present = 0
       };
#ifdef LOOK_BEFORE_PUBLISH
       waiters_take_and_signal();
#elif defined(WAITING) && !defined(WAKE_BEFORE_PUBLISH)
       waiters_wake();
#endif
    fi
}

/* Ends one thread, or one thread's call, at any time, as often as it is allowed to, or less. */
#ifdef WAITING
#define mourn(thread) waker_died = waker_died || owes[thread]
#else
#define mourn(thread) skip
#endif
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
