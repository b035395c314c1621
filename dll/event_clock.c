#include "event_clock.h"

#include "atomic.h"
#include "pointer_once.h"

static PTP_TIMER timer_of(struct event_clock *clock)
{
    return pointer_load(&clock->timer);
}

static void set(PTP_TIMER timer, DWORD milliseconds)
{
    ULARGE_INTEGER from_now = {.QuadPart = (ULONGLONG)0 - milliseconds * (ULONGLONG)10000};
    FILETIME due = {from_now.LowPart, from_now.HighPart};
    SetThreadpoolTimer(timer, &due, 0, 0);
}

static void CALLBACK tick(PTP_CALLBACK_INSTANCE instance, void *argument, PTP_TIMER timer)
{
    struct event_clock *clock = argument;
    (void)instance;
    LONG wakes = InterlockedCompareExchange(&clock->wakes, 0, 0);
    DWORD milliseconds = clock->look();
    if (milliseconds != INFINITE) {
        set(timer, milliseconds);
        if (InterlockedCompareExchange(&clock->wakes, 0, 0) != wakes) {
            set(timer, 0); /* that one came first, and is overwritten */
        }
    }
}

/*
 * Each reference is dropped by the thread that changes has_module to false. Starting and stopping
 * at the same time: the one is needed, and then looks whether there is a reference; the other drops
 * it, and then looks whether it is needed; each with a full barrier in between.
 */
static DWORD hold_module(struct event_clock *clock)
{
    HMODULE module;
    atomic_complete_barrier();
    if (atomic_load_relaxed(&clock->has_module)) {
        return ERROR_SUCCESS;
    }
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)(void *)clock,
                            &module)) {
        return GetLastError();
    }
    InterlockedExchangePointer(&clock->module, module);
    if (!atomic_compare_exchange_release(&clock->has_module, false, true)) {
        FreeLibrary(module);
    }
    return ERROR_SUCCESS;
}

DWORD event_clock_start(struct event_clock *clock)
{
    if (timer_of(clock) == NULL) {
        PTP_TIMER made = CreateThreadpoolTimer(tick, clock, NULL);
        if (made == NULL) {
            return GetLastError();
        }
        if (pointer_set_once(&clock->timer, made) != made) {
            CloseThreadpoolTimer(made);
        }
    }
    return hold_module(clock);
}

void event_clock_wake(struct event_clock *clock)
{
    InterlockedIncrement(&clock->wakes);
    set(timer_of(clock), 0);
}

void event_clock_wait(struct event_clock *clock)
{
    if (timer_of(clock) != NULL) {
        WaitForThreadpoolTimerCallbacks(timer_of(clock), TRUE);
    }
}

/* No thread of the pool looks any more, nor will one by itself: what it looked at has waited. */
static void stop(struct event_clock *clock)
{
    SetThreadpoolTimer(timer_of(clock), NULL, 0, 0);
    event_clock_wait(clock);
    bool dropped = atomic_compare_exchange_release(&clock->has_module, true, false);
    atomic_complete_barrier();
    if (dropped &&
        !(clock->is_needed() && atomic_compare_exchange_release(&clock->has_module, false, true))) {
        FreeLibrary(clock->module); /* not the last reference: the caller has one, too */
    }
}

void event_clock_stop(struct event_clock *clock)
{
    bool is_needed = timer_of(clock) != NULL;
    while (is_needed) {
        if (clock->is_needed()) {
            event_clock_wake(clock);
            atomic_complete_barrier();
            if (clock->is_needed()) {
                return; /* by what will call this in its turn */
            }
        }
        stop(clock);
        is_needed = clock->is_needed();
    }
}

void event_clock_detach(struct event_clock *clock)
{
    if (clock->timer != NULL) {
        CloseThreadpoolTimer(clock->timer);
    }
}
