/*
 * The writer lock and the threads that contend for it: no two own it, none sleeps beside a lock
 * that is free, an heir is passed by BOUND others at most, and with a fair scheduler each thread
 * gets the lock again and again. See protocol.pml for what a step is. Each thread has an entry of
 * its own here: how one is found is in waiting.pml.
 *
 * A contender claims when it has failed for the first or for the second time to become the heir: it
 * may have waited for long, or not.
 *
 * A contender looks by itself every 10 ms. Here it does so only after a death, to show that it is
 * not needed before; or, with LOOKS, at any time; or, with SLOW, as if threads could be arbitrarily
 * late, too. Then a living heir may be passed over, so SLOW is without a bound.
 */
#ifndef CONTENDERS
#define CONTENDERS 3
#endif
#ifndef ROUNDS /* calls of each; 0: without an end */
#define ROUNDS 0
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef BOUND /* others that had seen no heir */
#define BOUND (CONTENDERS - 1)
#endif

#if DEATHS > 0
#define self _pid
#define is_dead(thread) (!alive[thread])
#else
#define self (_pid + 1)
#define is_dead(thread) false
#endif

/* struct layout_lock, the contenders' table and their events. */
byte owner, heir, turn, claims, served;
bool armed[CONTENDERS + 1], event[CONTENDERS + 1];

/* The system. */
bool alive[CONTENDERS + 1] = true;
byte deaths;

/* Ghosts. */
byte passed[CONTENDERS + 1]; /* by so many others that got the lock while it was the heir */

/* What must never be true. */
hidden byte robbed;     /* the lock was taken from a living thread */
hidden byte asleep;     /* a thread sleeps for ever, and the lock is free */
hidden byte starved;    /* a thread was passed by too many */

#define never(property, condition) property = (condition); assert(!property)

#if DEATHS > 0
/* The first process, so that no contender is 0. */
active proctype killer()
{
    do
    :: atomic { deaths < DEATHS && alive[1] -> alive[1] = false; deaths++ }
    :: atomic { deaths < DEATHS && alive[2] -> alive[2] = false; deaths++ }
    :: break
    od
}
#endif

inline own()
{
    owner = self;
#ifndef LOOKS
    passed[self] = 0;
    count_as_passed(1);
    count_as_passed(2);
#if CONTENDERS > 2
    count_as_passed(3);
#endif
#endif
}

inline count_as_passed(thread)
{
    passed[thread] = passed[thread] + (heir == thread && thread != self);
#if !defined(SLOW)
    never(starved, passed[thread] > BOUND)
#endif
}

/* robust_lock.h: try_once. Goes on at owned, if it gets the lock, or behind it. */
inline try_once()
{
    seen = heir;
    if
#ifdef HEIR_IGNORED
    :: atomic { owner == 0 -> own() };
#else
    :: atomic { (seen == 0 || seen == self) && owner == 0 -> own() };
#endif
       if
       :: atomic { seen == self && heir == self -> heir = 0; seen = 0; goto owned }
       :: atomic { else -> seen = 0; goto owned }
       fi
    :: atomic { else -> seen = 0 }
    fi
}

#ifdef NOT_PASSED_OVER
#define is_late(heir) false
#elif defined(SLOW)
#define is_late(heir) ((heir) != 0)
#else
#define is_late(heir) ((heir) != 0 && is_dead(heir))
#endif

/* robust_lock.c: take_over, pass_over. A dead owner stays so: to ask and to take is one step. */
inline doubt()
{
    if
    :: atomic { owner != 0 && is_dead(owner) -> own(); goto owned }
    :: atomic { is_late(heir) -> heir = 0 };
       try_once()
    :: atomic { else -> skip }
#ifdef SLOW
    :: skip
#endif
    fi
}

/*
 * eventcount.c: eventcount_wait. To look and find nothing to do is to stand still. Without a death, no
 * thread needs to look.
 */
#define can_be_had ((owner == 0 && (heir == 0 || heir == self)) || \
                    (owner != 0 && is_dead(owner)) || is_late(heir))

inline wait()
{
    if
    :: atomic { event[self] -> event[self] = false }
#if defined(SLOW)
    :: true
#else
    :: deaths > 0 && (can_be_had || !armed[self])
#endif
    fi
}

#define bit_of(thread) (1 << (thread))

/* robust_lock.c: become_heir. After a claim was seen, or another heir, a thread may claim. */
inline become_heir()
{
#ifndef CLAIMS_IGNORED
    seen = claims;
#endif
    if
#ifndef NO_HEIR
    :: atomic { seen == 0 && heir == 0 -> heir = self }
#endif
#ifdef NO_CLAIMS
    :: atomic { else }
#else
    :: atomic { else };
       if
       :: atomic { !is_long -> is_long = true }
       :: atomic { claims = claims | bit_of(self) }
       fi
#endif
    fi;
    seen = 0
}

inline acquire()
{
    try_once();
#ifdef LOOKS /* armed or not, woken or not: it looks */
    if /* whether the owner has had the lock for long */
    :: become_heir()
    :: true
    fi;
    do
    :: try_once();
       become_heir()
    od;
#else
    if
    :: armed[self] = true;
       become_heir()
    :: true
    fi;
    do
    ::
#ifdef TRY_BEFORE_ARMING
       try_once();
       armed[self] = true;
#else
       armed[self] = true;
       try_once();
#endif
       doubt();
end_sleeps: wait();
       become_heir()
    od;
#endif
owned: /* the rest does nothing if it has not contended */
#ifndef NO_CLAIMS
    claims = claims & ~bit_of(self); /* withdraw_claim */
#endif
#ifndef LOOKS
    armed[self] = false; /* eventcount_cancel */
#endif
    if
    :: atomic { heir == self -> heir = 0 }
    :: else
    fi;
    is_long = false
}

#define after(last, steps) (1 + ((last) + (steps)) % CONTENDERS)

/* eventcount.c: eventcount_next */
#define next_of(condition, last) \
    (condition(after(last, 0)) -> after(last, 0) : \
    (condition(after(last, 1)) -> after(last, 1) : \
    (condition(after(last, 2)) -> after(last, 2) : 0)))

#define is_armed(thread) armed[thread]
#define has_claimed(thread) ((claims & bit_of(thread)) != 0)

/* robust_lock.c: appoint_heir */
inline appoint_heir()
{
    if
#ifdef SAME_FIRST
    :: atomic { claims != 0 -> next = next_of(has_claimed, 1) };
#else
    :: atomic { claims != 0 -> next = next_of(has_claimed, served) };
#endif
       if
       :: atomic { heir == 0 -> heir = next };
          atomic { claims = claims & ~bit_of(next); served = next; next = 0 }
       :: atomic { else -> next = 0 }
       fi
    :: atomic { else }
    fi
}

#ifndef LOOKS
/* robust_lock.c: wake_next */
inline wake_next()
{
    seen = heir;
    if
    :: atomic { seen != 0 -> event[seen] = true }
    :: atomic { else };
       next = next_of(is_armed, turn);
       if
       :: atomic { next != 0 -> turn = next };
          armed[next] = false;
          event[next] = true;
          next = 0
       :: atomic { else }
       fi
    fi;
    seen = 0
}
#endif

/* robust_lock.h: robust_lock_release */
inline release()
{
    never(robbed, owner != self);
#ifndef NO_CLAIMS
    appoint_heir();
#endif
#ifdef LOOKS
    owner = 0
#elif defined(LOOK_BEFORE_RELEASE)
    wake_next();
    owner = 0
#else
    owner = 0;
    wake_next()
#endif
}

active [CONTENDERS] proctype contending()
{
    byte round, seen, next;
    bool is_long;

    {
        do
#if ROUNDS > 0
        :: atomic { round < ROUNDS -> round++ };
#else
        ::
#endif
           acquire();
           release()
#if ROUNDS > 0
        :: atomic { else -> break }
#endif
        od
    }
#if DEATHS > 0
    unless { is_dead(self) }
#endif
    ;
    atomic {
        alive[self] = false;
        round = 0; seen = 0; next = 0; is_long = false
    }
}

/* When no thread can take a step. */
#ifndef LOOKS
active proctype judge()
{
    timeout;
    d_step {
        never(asleep, alive[1] || alive[2]);
#if CONTENDERS > 2
        never(asleep, alive[3])
#endif
    }
}

#else

/* A scheduler is fair that lets every thread run that always could. */
ltl fair { []<> (owner == 1) }
#endif
