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
    make_event_name(waiters->name, entry, name);
    event = CreateEventExW(event_security_from_section(&security, waiters->section), name, 0,
                           SYNCHRONIZE | EVENT_MODIFY_STATE);
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

/* Entries that may be taken, from those that cost their owner nothing to the last resort. */
enum claim { FREE, OF_THE_DEAD, UNARMED, CLAIMS };

static bool may_be_taken(const struct waiters *waiters, unsigned entry, uint64_t owner,
                         enum claim claim)
{
    if (owner == 0 || owner == identity_own()) {
        return claim == FREE;
    }
    if (claim == OF_THE_DEAD) {
        return !identity_is_alive(owner);
    }
    return claim == UNARMED && (atomic_load_relaxed(&waiters->control->armed) & bit_of(entry)) == 0;
}

unsigned waiters_enter(struct waiters *waiters)
{
    for (enum claim claim = FREE; claim < CLAIMS; claim++) {
        for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
            uint64_t *owner = &waiters->control->waiter[entry];
            uint64_t seen = atomic_load_relaxed(owner);
            if (may_be_taken(waiters, entry, seen, claim) &&
                atomic_compare_exchange_acquire(owner, seen, identity_own())) {
                if (event_of(waiters, entry) != NULL) {
                    return entry;
                }
                waiters_leave(waiters, entry); /* another program has made its event unusable */
            }
        }
    }
    return WAITERS_NO_ENTRY;
}

void waiters_leave(struct waiters *waiters, unsigned entry)
{
    uint64_t *owner = &waiters->control->waiter[entry];
    if (atomic_load_relaxed(owner) == identity_own()) {
        atomic_clear_bits_relaxed(&waiters->control->armed, bit_of(entry));
        /* The bit goes before the entry does: it is not to be the next owner's that is cleared. */
        atomic_compare_exchange_release(owner, identity_own(), 0);
    }
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
