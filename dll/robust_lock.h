/*
 * The lock of a region's writers, across processes. It survives the death of its owner: a thread
 * that waits for it finds that the owner is dead and takes the lock over. The lock is one word of
 * the section: 0 when free, else the owner's token.
 */
#ifndef SHAREDMEM_ROBUST_LOCK_H
#define SHAREDMEM_ROBUST_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Acquires the lock, within 5 seconds: FALSE if by then a living thread still owns it. A thread
 * that owns it already, because a jump left an earlier call, gets it. Changes the last error.
 */
bool robust_lock_acquire(uint64_t *lock);

/* Acquires the lock if it becomes free in a short spin. Never sleeps. Changes the last error. */
bool robust_lock_try_acquire(uint64_t *lock);

/* Releases the lock: a full barrier. */
void robust_lock_release(uint64_t *lock);

#endif
