/* Writers and readers of one region: never torn, never lost, never stuck. See protocol.pml. */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef READERS /* that may take the lock */
#define READERS 0
#endif
#ifndef READ_ONLY /* readers that may not: they store nothing, so that no thread notices them */
#define READ_ONLY 0
#endif
#ifndef READ_NEXT /* read-only readers of the history, which keeps as much as N slots allow */
#define READ_NEXT 0
#endif
#ifndef ROUNDS /* calls of each writer */
#define ROUNDS 2
#endif
#ifndef READS /* calls of each reader */
#define READS 2
#endif
#define THREADS (WRITERS + READERS + READ_ONLY + READ_NEXT)
#define MORTALS (WRITERS + READERS) /* of which the killer may end one; the others do not matter */
#define WRITES (WRITERS * ROUNDS)

#include "protocol.pml"

/* A value is a number, and as two halves it can be torn. */
typedef slot_of_latch {
    byte first; /* text: all units but the last; named region: the bytes */
    byte last;  /* text: the rest, terminated; named region: the length */
};
slot_of_latch slot[N];

/* Ghosts. */
byte published[2 * WRITES + 3]; /* the value that each version is */
byte acknowledged;              /* the newest version whose writer was told of its success */
#ifdef REPLACE
byte increments, successes;
#endif

#define ANY 255 /* what a Write expects; a Replace expects a version */

/* seqlatch.h: seqlatch_publish */
inline seqlatch_publish(value)
{
    d_step {
        sequence = q;
        /* Ghosts: the first publication of a version says what it is; a roll-forward agrees. */
        if
        :: published[version_of(q)] == 0 ->
           published[version_of(q)] = value;
#ifdef REPLACE
           increments++;
           never(update_lost, value != increments);
#endif
        :: else -> never(misversioned, published[version_of(q)] != value)
        fi;
        q = 0
    }
}

/* values.c: publish_text, values_write */
inline publish(the_first, the_last, value)
{
    q = sequence + 1;
#ifdef SEQUENCE_FIRST
    d_step { present = q; seqlatch_publish(value) };
    slot[present % N].first = the_first;
    slot[present % N].last = the_last
#else
    slot[q % N].first = the_first;
    slot[q % N].last = the_last;
    seqlatch_publish(value)
#endif
}

/* values.c: values_roll_forward; only a text needs it */
inline values_roll_forward()
{
    if
#if N == 2 && !defined(NO_ROLL_FORWARD)
    :: sequence % 2 != 0 -> publish(slot[1].first, slot[1].last, published[version_of(q)])
#endif
    :: else
    fi
}

/* values.c: values_write */
inline values_write(value)
{
#if N == 2 && defined(LATE_SEQUENCE)
    /* As if there were no fence behind the store of the sequence. */
    q = sequence + 1;
    slot[q % N].first = value;
    slot[q % N].last = value;
    slot[(q + 1) % N].first = value;
    d_step { present = q; seqlatch_publish(value); q = present + 1 };
    slot[q % N].last = value;
    seqlatch_publish(value)
#else
    publish(value, value, value);
#if N == 2
    publish(slot[1].first, slot[1].last, value)
#endif
#endif
}

/* region_write.c: replace, replace_locked. `present` is what *version receives, `success` whether the call succeeds. */
inline replace(value, expected)
{
#ifdef COMPARE_BEFORE_LOCK
    present = sequence;
    robust_lock_acquire();
    values_roll_forward();
#elif defined(COMPARE_BEFORE_ROLL_FORWARD)
    robust_lock_acquire();
    present = sequence;
    values_roll_forward();
#else
    robust_lock_acquire();
    values_roll_forward();
    present = sequence;
#endif
    if
    :: expected != ANY && expected != present ->
       d_step { never(mismatched, expected == version_of(present)); robust_lock_release() }
    :: else ->
       values_write(value);
#ifdef VERSION_AFTER_UNLOCK
       d_step { robust_lock_release() };
       present = sequence;
#else
       present = sequence;
       d_step { robust_lock_release() };
#endif
       d_step {
           success = true;
           never(misversioned, published[present] != value);
           acknowledged = (present > acknowledged -> present : acknowledged);
#ifdef REPLACE
           successes++;
#endif
           present = 0
       }
    fi
}

/* seqlatch.h: seqlatch_read_retry, negated */
#ifdef ACCEPT_ONE_MORE
#define is_unchanged(q) (sequence >= q && sequence - q <= N - 1)
#else
#define is_unchanged(q) (sequence >= q && sequence - q <= N - 2)
#endif

/* region_read.c: attempt_value, attempt_text, up to seqlatch_read_retry */
inline attempt()
{
#if defined(BEGIN_WHERE_LAST)
    q = newest;
#elif defined(BEGIN_BEFORE_LAST)
    q = (newest > 0 -> newest - 1 : sequence);
#else
    q = sequence; /* seqlatch_read_begin */
#endif
    first = slot[q % N].first;
#ifdef CHECK_EARLY
    unchanged = is_unchanged(q); /* as if there were no fence before that load */
#endif
    last = slot[q % N].last;
#ifdef VERSION_TOO_LATE
    present = q;
    q = sequence
#endif
}

#if defined(CHECK_EARLY)
#define is_accepted unchanged
#elif defined(VERSION_TOO_LATE)
#define is_accepted is_unchanged(present)
#else
#define is_accepted is_unchanged(q)
#endif

/* Ghost: judges what a reader was given that asked when `floor` had been acknowledged. */
inline judge_reading()
{
    d_step {
        never(torn, first != last);
        never(misversioned, first != published[version_of(q)]);
        never(back, version_of(q) < newest);
        never(lost, version_of(q) < floor);
        newest = version_of(q);
        forget_attempt();
        floor = 0
    }
}

inline forget_attempt()
{
    q = 0;
    first = 0;
    last = 0
}

/* Calls replace, each of which may be ended. */
active [WRITERS] proctype writing()
{
    byte round, q, owner, present;
    bool success;
#ifdef REPLACE
    byte first, last, seen;
#endif
#if defined(CHECK_EARLY)
    bool unchanged;
#endif

    do
    :: atomic { round < ROUNDS && alive[self] -> round++ };
       {
#ifdef REPLACE
           do
           :: !success ->
              do
              :: attempt();
                 if
                 :: atomic { is_accepted -> seen = version_of(q); q = 0; last = 0; break }
                 :: atomic { else -> forget_attempt() }
                 fi
              od;
              replace(first + 1, seen); /* as a counter does */
              d_step { first = 0; seen = 0 }
           :: else -> break
           od
#else
           replace(self * ROUNDS + round, ANY)
#endif
       } unless { is_ended(self) };
       atomic {
#ifdef REPLACE
           forget_attempt();
           seen = 0;
#endif
#ifdef CUTS
           cut[self] = false;
#endif
           q = 0;
           owner = 0;
           present = 0;
           success = false
       }
    :: else -> break
    od;
    atomic { round = 0; alive[self] = false }
}

#if READERS > 0
/*
 * region_read.c: read_whole and read_contended, read_locked; one attempt stands for the first 64. The
 * reader tries on without the lock while another thread has it.
 */
active [READERS] proctype reading()
{
    byte round, q, first, last, floor, newest, present;
#if defined(CHECK_EARLY)
    bool unchanged;
#endif

    {
        do
        :: atomic { round < READS -> round++; floor = acknowledged };
           do
           :: attempt();
              if
              :: atomic { is_accepted -> judge_reading(); break }
              :: atomic { else -> forget_attempt() }
              fi;
              if
#ifdef NO_FALL_BACK_LOCK
              :: true ->
#else
              :: atomic { writer == 0 -> writer = self };
#endif
                 attempt();
#ifndef NO_FALL_BACK_LOCK
                 never(overtaken, !is_accepted);
#endif
                 judge_reading();
#ifndef NO_FALL_BACK_LOCK
                 d_step { robust_lock_release() };
#endif
                 break
              :: writer != 0
              fi
           od
        :: else -> break
        od
    } unless { is_dead(self) };
    atomic {
        forget_attempt();
        round = 0;
        floor = 0;
        newest = 0;
        alive[self] = false
    }
}
#endif

#if READ_ONLY > 0
/* The same for a read-only view, which tries on. */
active [READ_ONLY] proctype reading_only()
{
    byte round, q, first, last, floor, newest, present;
#if defined(CHECK_EARLY)
    bool unchanged;
#endif

    do
    :: atomic { round < READS -> round++; floor = acknowledged };
       do
       :: attempt();
          if
          :: atomic { is_accepted -> judge_reading(); break }
          :: atomic { else -> forget_attempt() }
          fi
       od
    :: else -> break
    od;
    atomic { round = 0; newest = 0; alive[self] = false }
}
#endif

#if READ_NEXT > 0
#define DEPTH (N - 2) /* geometry.h: geometry_max_depth */

/* values.c: values_find_next, after seqlatch_read_begin */
#define is_kept(version) (version + DEPTH > begun)
#ifdef NEXT_IS_NEWEST
#define next_version begun
#else
#define next_version (is_kept(newest + 1) -> newest + 1 : begun - DEPTH + 1)
#endif

#ifdef CHECK_NEWEST
#define is_accepted_next is_unchanged(begun)
#else
#define is_accepted_next is_unchanged(q)
#endif

/* region_history.c: attempt_next */
active [READ_NEXT] proctype reading_next()
{
    byte round, begun, q, first, last, newest;

    do
    :: atomic { round < READS -> round++ };
       do
       :: begun = sequence; /* seqlatch_read_begin */
          if
          :: atomic { begun == newest -> begun = 0; break }
          :: atomic { else -> q = next_version }
          fi;
          first = slot[q % N].first;
          last = slot[q % N].last;
          if
          :: atomic {
                 is_accepted_next ->
                 never(torn, first != last);
                 never(misversioned, first != published[q]);
                 never(back, q <= newest);
                 never(passed_over, q > newest + 1 && is_kept(newest + 1));
                 newest = q;
                 begun = 0;
                 forget_attempt();
                 break
             }
          :: atomic { else -> begun = 0; forget_attempt() }
          fi
       od
    :: else -> break
    od;
    atomic { round = 0; newest = 0; alive[self] = false }
}
#endif

/* When no thread can take a step. */
active proctype judge()
{
    byte thread;

    timeout;
    d_step {
        thread = 1;
        do
        :: thread <= THREADS ->
           never(stuck, alive[thread]);
           thread++
        :: else -> break
        od;
        never(torn, slot[sequence % N].first != slot[sequence % N].last);
        never(misversioned, slot[sequence % N].first != published[version_of(sequence)]);
#ifdef REPLACE
        never(update_lost, slot[sequence % N].first != increments);
        never(update_lost, successes > increments || increments > successes + endings);
#endif
    }
}
