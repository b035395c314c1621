/*
 * The lock of a region's writers, across processes. It survives its owner's death: who waits for it
 * finds out that the owner is gone and takes it over.
 *
 * It is one word of the section: 0 when free, else the owner's thread id and, above it, the low
 * half of the thread's creation time, which tells the owner from a later thread that was given the
 * same id.
 */
#ifndef SHAREDMEM_WRITER_LOCK_H
#define SHAREDMEM_WRITER_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* For DllMain: make and give back what remembers each thread's identity. */
void writer_lock_attach(void);
void writer_lock_detach(void);

/*
 * Takes the lock, within 5 seconds: FALSE if by then a living thread still has it. A thread that
 * has it already, because an exception ended an earlier call, gets it. Changes the last error.
 */
bool writer_lock_acquire(uint64_t *lock);

/* Frees the lock: what its owner wrote comes before, for the next owner. A full barrier. */
void writer_lock_release(uint64_t *lock);

#endif
