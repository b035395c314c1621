/*
 * The writer lock and the threads that contend for it: no two own it, none sleeps beside a lock
 * that is free, an heir is passed by BOUND others at most, and with a fair scheduler each of two
 * gets the lock again and again. (Which one of several becomes the heir is left to chance.) See
 * protocol.pml for what a step is. Each thread has an entry of its own here: how one is found is in
 * waiting.pml.
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

#define self _pid
#define is_dead(thread) (!alive[thread])

/* struct layout_lock, the contenders' table and their events. */
byte owner, heir, turn;
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

/* The first process, so that no contender is 0. */
active proctype killer()
{
    do
    :: atomic { deaths < DEATHS && alive[1] -> alive[1] = false; deaths++ }
    :: atomic { deaths < DEATHS && alive[2] -> alive[2] = false; deaths++ }
    :: break
    od
}

inline own()
{
    owner = self;
    passed[self] = 0;
    count_as_passed(1);
    count_as_passed(2);
#if CONTENDERS > 2
    count_as_passed(3);
#endif
    got = true
}

inline count_as_passed(thread)
{
    passed[thread] = passed[thread] + (heir == thread && thread != self);
#if !defined(SLOW)
    never(starved, passed[thread] > BOUND)
#endif
}

/* robust_lock.c: try_once */
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
       :: atomic { seen == self && heir == self -> heir = 0 }
       :: atomic { else }
       fi
    :: atomic { else -> skip }
    fi;
    seen = 0
}

#ifdef NOT_PASSED_OVER
#define is_late(heir) false
#elif defined(SLOW)
#define is_late(heir) ((heir) != 0)
#else
#define is_late(heir) ((heir) != 0 && is_dead(heir))
#endif

/* robust_lock.c: doubt. An owner that is dead stays so, so asking and taking are one step. */
inline doubt()
{
    if
    :: atomic { owner != 0 && is_dead(owner) -> own() }
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
#if defined(SLOW) || defined(LOOKS)
    :: true
#else
    :: deaths > 0 && (can_be_had || !armed[self])
#endif
    fi
}

/* robust_lock.c: become_heir */
inline become_heir()
{
    if
#ifndef NO_HEIR
    :: atomic { heir == 0 -> heir = self }
#endif
    :: atomic { else }
    fi
}

inline acquire()
{
    try_once();
    if
    :: atomic { got }
    :: atomic { else };
       if /* whether the owner has had the lock for long */
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
          if
          :: atomic { got -> break }
          :: else
          fi;
          doubt();
          if
          :: atomic { got -> break }
          :: else
          fi;
end_sleeps: wait();
          become_heir()
       od;
       armed[self] = false; /* eventcount_cancel */
       if
       :: atomic { heir == self -> heir = 0 }
       :: else
       fi
    fi
}

#define after(steps) (1 + (turn + (steps)) % CONTENDERS)

/* eventcount.c: eventcount_next */
inline find_next()
{
    d_step {
        next = (armed[after(0)] -> after(0) :
               (armed[after(1)] -> after(1) :
               (armed[after(2)] -> after(2) : 0)))
    }
}

/* robust_lock.c: wake_next */
inline wake_next()
{
    seen = heir;
    if
    :: atomic { seen != 0 -> event[seen] = true }
    :: atomic { else };
       find_next();
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

/* robust_lock.c: robust_lock_release */
inline release()
{
    never(robbed, owner != self);
#ifdef LOOK_BEFORE_RELEASE
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
    bool got;

    {
        do
#if ROUNDS > 0
        :: atomic { round < ROUNDS -> round++ };
#else
        ::
#endif
           acquire();
           got = false;
           release()
#if ROUNDS > 0
        :: atomic { else -> break }
#endif
        od
    } unless { is_dead(self) };
    atomic {
        alive[self] = false;
        round = 0; seen = 0; next = 0; got = false
    }
}

/* When no thread can take a step. */
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

/* A scheduler is fair that lets every thread run that always could. */
#ifdef LOOKS
ltl fair { []<> (owner == 1) }
#endif
