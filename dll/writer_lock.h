/*
 * The lock of a region's writers, across processes. It survives its owner's death: who waits for it
 * finds out that the owner is gone and takes it over. It is one word of the section: 0 when free,
 * else the owner's identity.
 */
#ifndef SHAREDMEM_WRITER_LOCK_H
#define SHAREDMEM_WRITER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes the lock, within 5 seconds: FALSE if by then a living thread still has it. A thread that
 * has it already, because an earlier call was left by a jump, gets it. Changes the last error.
 */
bool writer_lock_acquire(uint64_t *lock);

/* Takes the lock if it becomes free in a short spin. Never sleeps. Changes the last error. */
bool writer_lock_try_acquire(uint64_t *lock);

/* Frees the lock: what its owner wrote comes before, for the next owner. A full barrier. */
void writer_lock_release(uint64_t *lock);

#endif
