/*
 * Writers and waiters of one region: no waiter sleeps while the version differs from the one that
 * it has. See protocol.pml. Without a death, no wake-up comes from the look every 250 ms: a waiter
 * may look by itself only if a writer was killed that had published and not yet woken all, or if two
 * waiters came to share an entry, which one of them took before the other had armed it. WATCHERS
 * are processes with an event each, which they arm again and again, and which only they reset.
 */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef WATCHERS
#define WATCHERS 0
#endif
#ifndef ENTRIES
#define ENTRIES 1
#endif
#ifndef ROUNDS /* calls of each writer */
#define ROUNDS 1
#endif
#ifndef WAITS /* calls of each waiter */
#define WAITS 1
#endif
#define THREADS (WRITERS + WAITERS + WATCHERS)
#define MORTALS THREADS
#define mourn(thread) waker_died = waker_died || owes[thread]

/* The notify section's table of waiters, and the events, which the system resets. */
byte armed;
byte waiter[ENTRIES];
bool event[ENTRIES];
#if WATCHERS > 0
bool manual[ENTRIES]; /* the same for an entry of a process, which resets it by itself */
#endif

#define bit_of(entry) (1 << (entry))
#define NO_ENTRY ENTRIES

/* Ghosts. */
byte asked[ENTRIES];       /* how often the entry was armed, less how often it was signalled */
bool waits[THREADS + 1];   /* is in region_wait */
byte version[THREADS + 1]; /* that a waiter has */
bool owes[THREADS + 1];    /* has published, and not yet woken all */
bool waker_died;           /* while it owed that */
bool shared;               /* two waiters have had one entry at the same time */

#include "protocol.pml"

/* seqlatch.h: seqlatch_publish. No thread looks at the slots here. */
inline publish()
{
    d_step { sequence++; owes[self] = true }
}

/* values.c: values_roll_forward, values_write */
inline roll_forward_and_write()
{
#if N == 2
    if
    :: sequence % 2 != 0 -> publish()
    :: else
    fi;
    publish();
#endif
    publish()
}

inline signal(which)
{
#ifndef TAKE_IN_TWO_STEPS /* which breaks this, too */
    never(signalled, asked[which] == 0);
#endif
    asked[which]--;
#if WATCHERS > 0
    if
    :: owner > WRITERS + WAITERS -> manual[which] = true
    :: else -> event[which] = true
    fi;
    owner = 0
#else
    event[which] = true
#endif
}

/* eventcount.c: eventcount_notify_all, which loads the entry's owner, and then sets its event */
#if WATCHERS > 0 && !defined(OWNER_FIRST)
#define load_owner(which) owner = waiter[which] }; atomic {
#else
#define load_owner(which)
#endif

/* eventcount.c: eventcount_notify, in two parts */
inline notify_look()
{
#ifdef OWNER_FIRST
    owner = waiter[0];
#endif
    looked = (armed != 0)
}

inline notify_take_and_signal()
{
    if
    :: atomic { !looked -> owes[self] = false }
    :: atomic {
           looked ->
           looked = false;
           taken = armed;
#ifdef TAKE_IN_TWO_STEPS
       };
       atomic {
#endif
#ifndef NOT_TAKEN
           armed = 0
#endif
       };
       do
       :: atomic { (taken & 1) != 0 -> taken = taken & ~1; load_owner(0) signal(0) }
#if ENTRIES > 1
       :: atomic { (taken & 3) == 2 -> taken = taken & ~2; load_owner(1) signal(1) }
#endif
       :: atomic { taken == 0 -> owes[self] = false; break }
#ifdef WAKE_ONE
       :: atomic { taken == 2 -> owes[self] = false; taken = 0; break }
#endif
       od
    fi
}

/* region_write.c: replace */
inline write()
{
    robust_lock_acquire();
#if defined(WAKE_BEFORE_PUBLISH)
    notify_look();
    notify_take_and_signal();
    roll_forward_and_write();
    d_step { robust_lock_release(); owes[self] = false }
#elif defined(LOOK_BEFORE_PUBLISH)
    notify_look(); /* as if there were no full barrier between the publication and the look */
    roll_forward_and_write();
    d_step { robust_lock_release() };
    notify_take_and_signal()
#else
    roll_forward_and_write();
    d_step { robust_lock_release() };
    notify_look();
    notify_take_and_signal()
#endif
}

active [WRITERS] proctype writing()
{
    byte round, owner, taken;
    bool looked;

    {
        do
        :: atomic { round < ROUNDS -> round++ };
           write()
        :: atomic { else -> break }
        od
    } unless { is_dead(self) };
    atomic {
        round = 0;
        owner = 0;
        taken = 0;
        looked = false;
        owes[self] = false;
        alive[self] = false
    }
}

/* region_wait.c: has_changed */
#define has_changed (version_of(sequence) != version[self])

#define is_armed(entry) ((armed & bit_of(entry)) != 0)

/* eventcount.c: look_for_entry; NO_ENTRY if it finds none */
inline look_for_entry()
{
    do
    :: atomic { entry < ENTRIES && waiter[entry] == 0 -> waiter[entry] = self; break }
    :: atomic { entry < ENTRIES && waiter[entry] != 0 -> entry++ }
    :: atomic {
           entry == NO_ENTRY ->
           if /* the suspect, which is where the circle has come to */
           :: entry = 0
#if ENTRIES > 1
           :: entry = 1
#endif
           fi
       };
       if
       :: atomic { waiter[entry] == 0 || !may_be_taken(waiter[entry]) -> entry = NO_ENTRY }
       :: atomic { waiter[entry] != 0 && may_be_taken(waiter[entry]) -> owner = waiter[entry] };
          if
          :: atomic { waiter[entry] == owner -> waiter[entry] = self; owner = 0; break }
          :: atomic { waiter[entry] != owner -> owner = 0; entry = NO_ENTRY }
          fi
       fi;
#ifdef TAKE_UNARMED
       if
       :: atomic { entry == NO_ENTRY -> entry = 0 };
          do
          :: atomic { entry < ENTRIES && is_armed(entry) -> entry++ }
          :: atomic { entry < ENTRIES && !is_armed(entry) -> owner = waiter[entry] };
             if
             :: atomic { waiter[entry] == owner && owner != 0 ->
                         shared = true; waiter[entry] = self; owner = 0; break }
             :: atomic { waiter[entry] != owner || owner == 0 -> owner = 0; entry++ }
             fi
          :: atomic { entry == NO_ENTRY -> break }
          od
       :: else
       fi;
#endif
       break
    od
}

/* eventcount.c: eventcount_prepare, the arming */
inline prepare()
{
    d_step {
        asked[entry] = asked[entry] + ((armed & bit_of(entry)) == 0);
        armed = armed | bit_of(entry)
    }
}

/* eventcount.c: eventcount_cancel, free_entry */
inline cancel()
{
#ifdef TAKE_UNARMED
    if
    :: waiter[entry] == self ->
       clear_bit();
       d_step { waiter[entry] = (waiter[entry] == self -> 0 : waiter[entry]) }
    :: waiter[entry] != self
    fi
#elif defined(ENTRY_FIRST)
    d_step { never(robbed, waiter[entry] != self); waiter[entry] = 0 };
    clear_bit()
#else
    clear_bit();
    d_step { never(robbed, waiter[entry] != self); waiter[entry] = 0 }
#endif
}

inline clear_bit()
{
    d_step {
        asked[entry] = asked[entry] - ((armed & bit_of(entry)) != 0);
        armed = armed & ~bit_of(entry)
    }
}

/*
 * eventcount.c: eventcount_wait. To look without a signal and find nothing changed is to stand still, except
 * that it arms the bit again.
 */
inline wait()
{
    if
    :: atomic { event[entry] -> event[entry] = false }
#ifndef NO_LOOK
    :: (waker_died || shared) && (has_changed || (armed & bit_of(entry)) == 0)
#endif
    fi
}

#if WAITERS > 0
/* region_wait.c: region_wait. There need not be another write: to sleep for ever is no fault. */
active [WAITERS] proctype waiting()
{
    byte round, entry, owner;

    {
        do
        :: atomic {
               round < WAITS ->
               round++;
               version[self] = version_of(sequence); /* from a read of its own */
               waits[self] = true
           };
           look_for_entry();
           if
           :: entry == NO_ENTRY ->
end_polls:    has_changed
           :: else ->
              do
              ::
#ifdef ARM_AFTER_LOOK
                 if
                 :: has_changed -> break
                 :: else
                 fi;
                 prepare();
#else
                 prepare();
                 if
                 :: has_changed -> break
                 :: else
                 fi;
#endif
end_sleeps:      wait();
#ifdef NO_LOOK_AGAIN
                 break
#endif
              od;
              cancel()
           fi;
           atomic {
               never(woken_early, !has_changed);
               waits[self] = false;
               entry = 0
           }
        :: else -> break
        od
    } unless { is_dead(self) };
    atomic {
        round = 0;
        entry = 0;
        owner = 0;
        waits[self] = false;
        version[self] = 0;
        alive[self] = false
    }
}

#endif

#if WATCHERS > 0
#define is_free(owner) ((owner) == 0 || may_be_taken(owner))

/* eventcount.c: eventcount_open_event, which asks about every owner; NO_ENTRY if all live */
inline take_entry()
{
    do
    :: atomic { entry < ENTRIES && !is_free(waiter[entry]) -> entry++ }
    :: atomic { entry < ENTRIES && is_free(waiter[entry]) -> owner = waiter[entry] };
       if
       :: atomic { waiter[entry] == owner -> waiter[entry] = self; owner = 0; break }
       :: atomic { waiter[entry] != owner -> owner = 0; entry++ }
       fi
    :: atomic { entry == NO_ENTRY -> break }
    od
}

/* eventcount.c: eventcount_arm_event; whether the entry is this one's. */
inline arm_event()
{
    if
    :: atomic { waiter[entry] == self || is_free(waiter[entry]) -> waiter[entry] = self; has_it = true }
    :: atomic { waiter[entry] != self && !is_free(waiter[entry]) -> has_it = false }
    fi;
    if
    :: has_it -> prepare()
    :: else
    fi
}

/* region_event.c: region_arm_event; an event without an entry, or that has lost it, is polled. */
inline arm()
{
    if
    :: !has_changed ->
#ifdef RESET_AFTER_ARMING
       arm_event();
       manual[entry] = false
#else
       manual[entry] = false;
       arm_event()
#endif
    :: has_changed
    fi;
#ifndef ARM_WITHOUT_LOOK
    if
    :: has_changed -> manual[entry] = true
    :: else
    fi
#endif
}

/*
 * A loop that reads a version, arms, and waits for the event. The clock sets the event of which a
 * writer that was killed did not.
 */
active [WATCHERS] proctype watching()
{
    byte round, entry, owner;
    bool has_it;

    {
        take_entry();
        if
        :: entry == NO_ENTRY
        :: else ->
           do
           :: atomic { round < WAITS -> round++; version[self] = version_of(sequence) };
              do
              :: waits[self] = true;
                 arm();
end_waits:       if
                 :: manual[entry]
                 :: (waker_died || shared || !has_it) && has_changed
                 fi;
                 atomic { waits[self] = false };
                 if
                 :: has_changed -> break
                 :: else /* a signal that was late: arm again */
                 fi
              od
           :: else -> break
           od;
           cancel()
        fi
    } unless { is_dead(self) };
    atomic {
        round = 0;
        entry = 0;
        owner = 0;
        has_it = false;
        waits[self] = false;
        version[self] = 0;
        alive[self] = false
    }
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
           never(stuck, alive[thread] && !waits[thread]);
           never(asleep, alive[thread] && waits[thread] &&
                         version_of(sequence) != version[thread]);
           thread++
        :: else -> break
        od
    }
}
