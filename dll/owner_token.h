/*
 * A thread's or process's token, for other processes to see and for later: its id and, above it,
 * the low half of its creation time, which tells it from a later one that is given the same id. The
 * lowest bit of that half says which of the two it is: 1 for a process. Never 0.
 */
#ifndef SHAREDMEM_OWNER_TOKEN_H
#define SHAREDMEM_OWNER_TOKEN_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* For DllMain: allocate and free what caches each thread's token. */
void owner_token_attach(void);
void owner_token_detach(void);

/* The calling thread's token. */
uint64_t owner_token_self(void);

/* That of its process. */
uint64_t owner_token_process(void);

/*
 * Whether that thread still runs. A thread that this process may not query counts as alive: nothing
 * may be taken from a living thread. (So if a dead thread's id goes to a thread that cannot be
 * queried, the dead one seems alive until that one ends.) Takes some microseconds, and changes the
 * last error.
 */
bool owner_token_is_alive(uint64_t token);

/* The same for a process's token. */
bool owner_token_process_is_alive(uint64_t token);

static inline bool owner_token_is_process(uint64_t token)
{
    return (token >> 32 & 1) != 0;
}

static inline DWORD owner_token_thread_id(uint64_t token)
{
    return (DWORD)token;
}

#endif
