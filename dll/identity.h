/*
 * Who a thread is, for other processes to see and for later: its id and, above it, the low half of
 * its creation time, which tells it from a later thread that was given the same id. Never 0.
 */
#ifndef SHAREDMEM_IDENTITY_H
#define SHAREDMEM_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* For DllMain: make and give back what remembers each thread's identity. */
void identity_attach(void);
void identity_detach(void);

/* The calling thread's identity. Changes the last error. */
uint64_t identity_own(void);

/*
 * Whether that thread still runs. Whoever may not be looked at counts as alive: nothing may be
 * taken from the living. (So if a dead thread's id goes to a thread that this process may not open,
 * the dead one seems to live until that one ends.) Takes some microseconds, and changes the last
 * error.
 */
bool identity_is_alive(uint64_t identity);

static inline DWORD identity_thread_id(uint64_t identity)
{
    return (DWORD)identity;
}

#endif
