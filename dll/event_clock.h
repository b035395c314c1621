/*
 * A timer of the process's thread pool that looks at what needs it, as long as something does. It
 * keeps the DLL loaded meanwhile: without that, FreeLibrary would unmap the code that runs, or is
 * about to run, in a thread of the pool.
 *
 * The system's thread pool and loader have locks: what starts or stops the clock must not be called
 * by a thread that another one may end, nor by DllMain.
 */
#ifndef SHAREDMEM_EVENT_CLOCK_H
#define SHAREDMEM_EVENT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* Initialised with the first two fields. */
struct event_clock {
    DWORD (*look)(void);     /* returns milliseconds till it is to look again; INFINITE: never */
    bool (*is_needed)(void); /* by anything, also by what is not ready to be looked at */
    void *timer;
    void *module;
    uint64_t has_module; /* holds a reference to the DLL */
    LONG wakes;
};

/*
 * To be called once the clock is needed, before anything is looked at. Returns a Win32 error; after
 * one, and whenever something no longer needs the clock: event_clock_stop.
 */
DWORD event_clock_start(struct event_clock *clock);

/* Looks as soon as possible, in a thread of the pool, and then again as that look says. */
void event_clock_wake(struct event_clock *clock);

/*
 * Waits until no thread of the pool looks that began before. What is not to be looked at any more
 * must say so before. The clock has to be woken then, or stopped.
 */
void event_clock_wait(struct event_clock *clock);

/* Stops the clock, and lets go of the DLL, if nothing needs it; else wakes it. */
void event_clock_stop(struct event_clock *clock);

/* For DllMain: nothing needs the clock, or the DLL would not be unloaded. */
void event_clock_detach(struct event_clock *clock);

#endif
