#include "eventcount.h"

#include "derived_security.h"
#include "owner_token.h"

enum {
    LOOK_MS = 250,    /* a waiter looks by itself: the writer may have been killed */
    POLL_MS = 10,     /* a waiter that no writer can wake looks at the next tick of the clock */
    PATIENCE = 25,    /* tries, POLL_MS apart, before an entry that is not armed is taken */
    FALSE_ALARMS = 8, /* more make a waiter poll */
};

static uint64_t bit_of(unsigned entry)
{
    return UINT64_C(1) << entry;
}

static uint64_t *armed_of(struct eventcount *eventcount)
{
    return &eventcount_table(eventcount)->armed;
}

static uint64_t *owner_of(struct eventcount *eventcount, unsigned entry)
{
    return &eventcount_table(eventcount)->owner[entry];
}

/* Events. */

/* L"<region>.waiter.<nn>"; NULL if the events have no names. */
static const WCHAR *event_name(const struct eventcount *eventcount, unsigned entry,
                               WCHAR name[MAX_PATH])
{
    WCHAR number[] = {(WCHAR)(L'0' + entry / 10), (WCHAR)(L'0' + entry % 10), 0};
    if (eventcount->name == NULL) {
        return NULL;
    }
    lstrcpyW(name, eventcount->name); /* leaves room for the rest: see REGION_NAME_CCH */
    lstrcatW(name, eventcount->suffix);
    lstrcatW(name, number);
    return name;
}

/* Creates or opens it, for those who may write to the section with the table. */
static HANDLE create_event(HANDLE section, const WCHAR *name)
{
    const ACCESS_MASK write = FILE_MAP_WRITE | GENERIC_WRITE | GENERIC_ALL;
    const ACCESS_MASK use = SYNCHRONIZE | EVENT_MODIFY_STATE;
    struct derived_security security;
    HANDLE event;
    derived_security_read(&security, section, write, use);
    do {
        event = CreateEventExW(&security.attributes, name, 0, use);
    } while (event == NULL && derived_security_remove_label(&security));
    derived_security_free(&security);
    return event;
}

/* The event of an entry, which processes share by its name; NULL if it cannot be had. */
static HANDLE event_of(struct eventcount *eventcount, unsigned entry)
{
    HANDLE *cached = &eventcount->event[entry];
    HANDLE event = pointer_load(cached);
    if (event != NULL) {
        return event;
    }

    WCHAR name[MAX_PATH];
    event = create_event(eventcount->section, event_name(eventcount, entry, name));
    if (event == NULL) {
        return NULL;
    }
    HANDLE set = pointer_set_once(cached, event);
    if (set != event) {
        CloseHandle(event);
    }
    return set;
}

/* Entries. */

/* Frees the entry, unless another thread has taken it. */
static void free_entry(struct eventcount *eventcount, unsigned entry)
{
    uint64_t *owner = owner_of(eventcount, entry);
    if (atomic_load_relaxed(owner) == owner_token_self()) {
        atomic_clear_bits_relaxed(armed_of(eventcount), bit_of(entry));
        /* In this order: the bit is not to be the next owner's. */
        atomic_compare_exchange_release(owner, owner_token_self(), 0);
    }
}

/* Takes the entry from this owner, or from none; polls if its event cannot be had. */
static void take_entry(struct eventcount_waiter *waiter, unsigned entry, uint64_t owner)
{
    struct eventcount *eventcount = waiter->eventcount;
    if (atomic_compare_exchange_acquire(owner_of(eventcount, entry), owner, owner_token_self())) {
        waiter->entry = entry;
        waiter->has_entry = event_of(eventcount, entry) != NULL;
        waiter->polls = !waiter->has_entry;
        if (waiter->polls) { /* another program has made this event unusable */
            free_entry(eventcount, entry);
        }
    }
}

static void take_free_entry(struct eventcount_waiter *waiter)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS && !waiter->has_entry; entry++) {
        uint64_t owner = atomic_load_relaxed(owner_of(waiter->eventcount, entry));
        if (owner == 0 || owner == owner_token_self()) {
            take_entry(waiter, entry, owner);
        }
    }
}

/* Asks the system about one owner, the next in a circle: 64 questions a try would be a burden. */
static void take_entry_of_the_dead(struct eventcount_waiter *waiter)
{
    uint64_t *suspect = &waiter->eventcount->suspect;
    unsigned entry = (unsigned)(atomic_load_relaxed(suspect) % LAYOUT_MAX_WAITERS);
    uint64_t owner = atomic_load_relaxed(owner_of(waiter->eventcount, entry));
    atomic_store_relaxed(suspect, entry + 1);
    if (owner != 0 && !owner_token_is_alive(owner)) {
        take_entry(waiter, entry, owner);
    }
}

static void take_unarmed_entry(struct eventcount_waiter *waiter)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS && !waiter->has_entry; entry++) {
        if ((waiter->seen_armed & bit_of(entry)) == 0) {
            take_entry(waiter, entry, atomic_load_relaxed(owner_of(waiter->eventcount, entry)));
        }
    }
}

static void look_for_entry(struct eventcount_waiter *waiter)
{
    waiter->seen_armed |= atomic_load_relaxed(armed_of(waiter->eventcount));
    take_free_entry(waiter);
    if (!waiter->has_entry) {
        take_entry_of_the_dead(waiter);
    }
    if (!waiter->has_entry && waiter->tries >= PATIENCE) {
        take_unarmed_entry(waiter);
    }
    waiter->tries++;
}

/* Waiting. */

static DWORD smaller(DWORD a, DWORD b)
{
    return a < b ? a : b;
}

void eventcount_prepare(struct eventcount_waiter *waiter)
{
    if (!waiter->polls && !waiter->has_entry) {
        look_for_entry(waiter);
    }
    if (waiter->has_entry) {
        atomic_fetch_or_full_barrier(armed_of(waiter->eventcount), bit_of(waiter->entry));
    }
}

void eventcount_wait(struct eventcount_waiter *waiter, DWORD milliseconds)
{
    if (!waiter->has_entry) {
        Sleep(smaller(milliseconds, POLL_MS));
        return;
    }
    HANDLE event = event_of(waiter->eventcount, waiter->entry);
    bool ended = WaitForSingleObject(event, smaller(milliseconds, LOOK_MS)) != WAIT_TIMEOUT;
    if (ended && ++waiter->false_alarms > FALSE_ALARMS) {
        /* A signal for an earlier owner comes once. Another program keeps setting this event. */
        eventcount_cancel(waiter);
        waiter->polls = true;
    }
}

void eventcount_cancel(struct eventcount_waiter *waiter)
{
    if (waiter->has_entry) {
        free_entry(waiter->eventcount, waiter->entry);
        waiter->has_entry = false;
    }
}

void eventcount_signal(struct eventcount *eventcount, unsigned entry)
{
    DWORD last_error = GetLastError();
    HANDLE event = event_of(eventcount, entry);
    if (event != NULL) {
        SetEvent(event);
    }
    SetLastError(last_error);
}

void eventcount_notify_all(struct eventcount *eventcount)
{
    uint64_t taken = atomic_exchange_full_barrier(armed_of(eventcount), 0);
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        if (taken & bit_of(entry)) {
            eventcount_signal(eventcount, entry);
        }
    }
}

uint64_t eventcount_next(struct eventcount *eventcount, unsigned *entry)
{
    uint64_t armed = atomic_load_relaxed(armed_of(eventcount));
    for (unsigned i = 1; armed != 0 && i <= LAYOUT_MAX_WAITERS; i++) {
        unsigned next = (*entry + i) % LAYOUT_MAX_WAITERS;
        uint64_t owner = atomic_load_relaxed(owner_of(eventcount, next));
        if ((armed & bit_of(next)) != 0 && owner != 0) {
            *entry = next;
            return owner;
        }
    }
    return 0;
}

bool eventcount_find(struct eventcount *eventcount, uint64_t owner, unsigned *entry)
{
    for (unsigned i = 0; i < LAYOUT_MAX_WAITERS; i++) {
        if (atomic_load_relaxed(owner_of(eventcount, i)) == owner) {
            *entry = i;
            return true;
        }
    }
    return false;
}

void eventcount_disarm(struct eventcount *eventcount, unsigned entry)
{
    atomic_clear_bits_relaxed(armed_of(eventcount), bit_of(entry));
}

unsigned eventcount_waiters(const struct eventcount *eventcount)
{
    const struct layout_waiters *waiters = eventcount_table(eventcount);
    unsigned count = 0;
    for (uint64_t armed = waiters != NULL ? atomic_load_relaxed(&waiters->armed) : 0; armed != 0;
         count++) {
        armed &= armed - 1;
    }
    return count;
}

void eventcount_close(struct eventcount *eventcount)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        if (eventcount->event[entry] != NULL) {
            CloseHandle(eventcount->event[entry]);
            eventcount->event[entry] = NULL;
        }
    }
}
