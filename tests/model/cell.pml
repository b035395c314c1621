/* Writers and readers of one region: never torn, never lost, never stuck. See protocol.pml. */
#define CONTENT

#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef READERS /* that may take the lock */
#define READERS 0
#endif
#ifndef READ_ONLY /* readers that may not: they store nothing, so that nobody notices them */
#define READ_ONLY 0
#endif
#ifndef ROUNDS /* calls of each writer */
#define ROUNDS 2
#endif
#ifndef READS /* calls of each reader */
#define READS 2
#endif
#define THREADS (WRITERS + READERS + READ_ONLY)
#define MORTALS (WRITERS + READERS) /* of whom the killer may end one; the others do not matter */
#define WRITES (WRITERS * ROUNDS)

#include "protocol.pml"

/* latch.h: latch_unchanged */
#ifdef ACCEPT_ONE_MORE
#define is_unchanged(q) (sequence >= q && sequence - q <= N - 1)
#else
#define is_unchanged(q) (sequence >= q && sequence - q <= N - 2)
#endif

/* region.c: attempt_value, attempt_text, up to latch_unchanged */
inline attempt()
{
    q = sequence; /* latch_begin */
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

/* Ghost: judges what a reader was given, who asked when `floor` had been acknowledged. */
inline judge_reading()
{
    d_step {
        never(torn, first != last);
        never(misversioned, first != published[version_of(q)]);
        never(lost, version_of(q) < floor);
        never(back, version_of(q) < newest);
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
    byte first, last;
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
                 :: atomic { is_accepted -> present = version_of(q); q = 0; last = 0; break }
                 :: atomic { else -> forget_attempt() }
                 fi
              od;
              replace(first + 1, present) /* as a counter does */
           :: else -> break
           od
#else
           replace(self * ROUNDS + round, ANY)
#endif
       } unless { is_ended(self) };
       atomic {
#ifdef REPLACE
           forget_attempt();
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
/* region.c: read_whole and read_contended; one attempt without the lock stands for the 64. */
active [READERS] proctype reading()
{
    byte round, q, owner, first, last, floor, newest, present;
#if defined(CHECK_EARLY)
    bool unchanged;
#endif

    {
        do
        :: atomic { round < READS -> round++; floor = acknowledged };
           attempt();
           if
           :: atomic { is_accepted -> judge_reading() }
           :: atomic { else -> forget_attempt() };
#ifdef NO_FALL_BACK_LOCK
              attempt();
              judge_reading()
#else
              writer_lock_acquire();
              attempt();
              judge_reading();
              d_step { writer_lock_release() }
#endif
           fi
        :: else -> break
        od
    } unless { is_dead(self) };
    atomic {
        forget_attempt();
        round = 0;
        owner = 0;
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

/* When nobody can do anything any more. */
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
        never(misversioned, slot[sequence % N].first != published[version_of(sequence)]);
        never(torn, slot[sequence % N].first != slot[sequence % N].last);
#ifdef REPLACE
        never(update_lost, slot[sequence % N].first != increments);
        never(update_lost, successes > increments || increments > successes + deaths);
#endif
    }
}
