#include "waiters.h"

#include "atomic.h"
#include "event_security.h"
#include "identity.h"

/* L"<region>.waiter.<nn>" */
static void make_event_name(const WCHAR *region, unsigned entry, WCHAR name[MAX_PATH])
{
    WCHAR number[] = {(WCHAR)(L'0' + entry / 10), (WCHAR)(L'0' + entry % 10), 0};
    lstrcpyW(name, region); /* is short enough for the rest, too: see REGION_NAME_CCH */
    lstrcatW(name, L".waiter.");
    lstrcatW(name, number);
}

/* The event of an entry, which processes have in common by its name; NULL if it cannot be had. */
static HANDLE event_of(struct waiters *waiters, unsigned entry)
{
    HANDLE *cached = &waiters->event[entry];
    HANDLE event = InterlockedCompareExchangePointer(cached, NULL, NULL);
    if (event != NULL) {
        return event;
    }

    WCHAR name[MAX_PATH];
    struct event_security security;
    if (waiters->name != NULL) {
        make_event_name(waiters->name, entry, name);
    }
    event =
        CreateEventExW(event_security_from_section(&security, waiters->section),
                       waiters->name != NULL ? name : NULL, 0, SYNCHRONIZE | EVENT_MODIFY_STATE);
    if (event == NULL) {
        return NULL;
    }
    HANDLE other = InterlockedCompareExchangePointer(cached, event, NULL);
    if (other != NULL) { /* another thread was faster */
        CloseHandle(event);
        return other;
    }
    return event;
}

static uint64_t bit_of(unsigned entry)
{
    return UINT64_C(1) << entry;
}

/* Takes an entry, from `first` on, that is nobody's, this thread's or, if wanted, a dead one's. */
static unsigned take_entry(struct waiters *waiters, unsigned first, bool from_the_dead)
{
    uint64_t self = identity_own();
    for (unsigned entry = first; entry < LAYOUT_MAX_WAITERS; entry++) {
        uint64_t *owner = &waiters->control->waiter[entry];
        uint64_t seen = atomic_load_relaxed(owner);
        bool is_free = seen == 0 || seen == self || (from_the_dead && !identity_is_alive(seen));
        if (is_free && atomic_compare_exchange_acquire(owner, seen, self)) {
            return entry;
        }
    }
    return WAITERS_NO_ENTRY;
}

/* The same, and passes over entries whose events somebody else has made unusable. */
static unsigned take_entry_with_event(struct waiters *waiters, bool from_the_dead)
{
    unsigned entry = take_entry(waiters, 0, from_the_dead);
    while (entry != WAITERS_NO_ENTRY && event_of(waiters, entry) == NULL) {
        waiters_leave(waiters, entry);
        entry = take_entry(waiters, entry + 1, from_the_dead);
    }
    return entry;
}

unsigned waiters_enter(struct waiters *waiters)
{
    unsigned entry = take_entry_with_event(waiters, false);
    return entry != WAITERS_NO_ENTRY ? entry : take_entry_with_event(waiters, true);
}

void waiters_leave(struct waiters *waiters, unsigned entry)
{
    atomic_clear_bits_relaxed(&waiters->control->armed, bit_of(entry));
    /* The bit goes before the entry does: it is not to be the next owner's that is cleared. */
    atomic_exchange_full_barrier(&waiters->control->waiter[entry], 0);
}

void waiters_arm(struct waiters *waiters, unsigned entry)
{
    atomic_fetch_or_full_barrier(&waiters->control->armed, bit_of(entry));
}

bool waiters_sleep(struct waiters *waiters, unsigned entry, DWORD milliseconds)
{
    return WaitForSingleObject(event_of(waiters, entry), milliseconds) != WAIT_TIMEOUT;
}

void waiters_wake(struct waiters *waiters)
{
    uint64_t *armed = &waiters->control->armed;
    if (atomic_load_relaxed(armed) == 0) {
        return;
    }
    uint64_t taken = atomic_exchange_full_barrier(armed, 0);
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        if (taken & bit_of(entry)) {
            HANDLE event = event_of(waiters, entry);
            if (event != NULL) {
                SetEvent(event);
            }
        }
    }
}

unsigned waiters_count(const struct waiters *waiters)
{
    unsigned count = 0;
    for (uint64_t armed = atomic_load_relaxed(&waiters->control->armed); armed != 0; count++) {
        armed &= armed - 1;
    }
    return count;
}

void waiters_close(struct waiters *waiters)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        if (waiters->event[entry] != NULL) {
            CloseHandle(waiters->event[entry]);
            waiters->event[entry] = NULL;
        }
    }
}
