/*
 * The lock of a region's writers, across processes. It survives the death of its owner: a thread
 * that waits for it finds that the owner is dead and takes the lock over.
 *
 * A thread that does not get it in a short spin arms an entry of the contenders' event count and
 * sleeps; whoever releases the lock wakes the next such thread, in a circle. Others may be faster
 * meanwhile, which keeps the lock busy where threads are many. But a thread that was woken, and
 * does not get the lock all the same, or one that finds a single owner all the time while it spins,
 * becomes the heir, if there is none: no other thread takes the lock before the heir has had it. So
 * a writer that never pauses starves no other, whatever the clock's tick is. An heir that leaves a
 * free lock alone for 10 milliseconds, because it is dead or suspended, is passed over.
 *
 * No function here changes the last error.
 */
#ifndef SHAREDMEM_ROBUST_LOCK_H
#define SHAREDMEM_ROBUST_LOCK_H

#include "eventcount.h"

#include <stdbool.h>

struct robust_lock {
    struct layout_lock *shared;
    struct eventcount contenders;
};

/*
 * Acquires the lock, within 5 seconds: FALSE if by then a living thread still owns it. A thread
 * that owns it already, because a jump left an earlier call, gets it.
 */
bool robust_lock_acquire(struct robust_lock *lock);

/* Acquires the lock if it becomes free in a short spin. Never sleeps. */
bool robust_lock_try_acquire(struct robust_lock *lock);

/* Releases the lock: a full barrier. */
void robust_lock_release(struct robust_lock *lock);

/* The owner's token; 0 if there is none. */
uint64_t robust_lock_owner(const struct robust_lock *lock);

#endif
