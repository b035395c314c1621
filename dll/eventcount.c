#include "eventcount.h"

#include "owner_token.h"

enum {
    PATIENCE = 25,    /* tries, EVENTCOUNT_POLL_MS apart, before an unarmed entry is taken */
    FALSE_ALARMS = 8, /* more make a waiter poll */
};

static uint64_t *armed_of(struct eventcount *eventcount)
{
    return &eventcount_table(eventcount)->armed;
}

static uint64_t *owner_of(struct eventcount *eventcount, unsigned entry)
{
    return &eventcount_table(eventcount)->owner[entry];
}

/* Entries. */

static uint64_t token_of(const struct eventcount_waiter *waiter)
{
    return waiter->owner == EVENTCOUNT_PROCESS ? owner_token_process() : owner_token_self();
}

static bool is_dead(uint64_t owner)
{
    if (owner == owner_token_process()) {
        return false; /* without asking for each event of this process */
    }
    return !(owner_token_is_process(owner) ? owner_token_process_is_alive(owner)
                                           : owner_token_is_alive(owner));
}

/* Frees the entry, unless another owner has taken it. */
static void free_entry(const struct eventcount_waiter *waiter)
{
    uint64_t *owner = owner_of(waiter->eventcount, waiter->entry);
    uint64_t self = token_of(waiter);
    if (atomic_load_relaxed(owner) == self) {
        atomic_clear_bits_relaxed(armed_of(waiter->eventcount), eventcount_bit(waiter->entry));
        /* In this order: the bit is not to be the next owner's. */
        atomic_compare_exchange_release(owner, self, 0);
    }
}

/* Takes the entry from this owner, or from none; polls if its event cannot be had. */
static void take_entry(struct eventcount_waiter *waiter, unsigned entry, uint64_t owner)
{
    struct eventcount *eventcount = waiter->eventcount;
    if (atomic_compare_exchange_acquire(owner_of(eventcount, entry), owner, token_of(waiter))) {
        waiter->entry = entry;
        waiter->has_entry = eventcount_event(eventcount, entry, waiter->owner) != NULL;
        waiter->polls = !waiter->has_entry;
        if (waiter->polls) { /* another program has made this event unusable */
            free_entry(waiter);
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
    if (owner != 0 && is_dead(owner)) {
        take_entry(waiter, entry, owner);
    }
}

static void take_unarmed_entry(struct eventcount_waiter *waiter)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS && !waiter->has_entry; entry++) {
        if ((waiter->seen_armed & eventcount_bit(entry)) == 0) {
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
        atomic_fetch_or_full_barrier(armed_of(waiter->eventcount), eventcount_bit(waiter->entry));
    }
}

void eventcount_wait(struct eventcount_waiter *waiter, DWORD milliseconds)
{
    if (!waiter->has_entry) {
        Sleep(smaller(milliseconds, EVENTCOUNT_POLL_MS));
        return;
    }
    HANDLE event = eventcount_event(waiter->eventcount, waiter->entry, EVENTCOUNT_THREAD);
    bool ended =
        WaitForSingleObject(event, smaller(milliseconds, EVENTCOUNT_LOOK_MS)) != WAIT_TIMEOUT;
    if (ended && ++waiter->false_alarms > FALSE_ALARMS) {
        /* A signal for an earlier owner comes once. Another program keeps setting this event. */
        eventcount_cancel(waiter);
        waiter->polls = true;
    }
}

void eventcount_cancel(struct eventcount_waiter *waiter)
{
    if (waiter->has_entry) {
        free_entry(waiter);
        waiter->has_entry = false;
    }
}

HANDLE eventcount_open_event(struct eventcount_waiter *waiter)
{
    if (!waiter->polls) {
        take_free_entry(waiter);
    }
    for (unsigned i = 0; i < LAYOUT_MAX_WAITERS && !waiter->polls && !waiter->has_entry; i++) {
        take_entry_of_the_dead(waiter); /* it is now that the event is chosen, for good */
    }
    return waiter->has_entry ? eventcount_event(waiter->eventcount, waiter->entry, waiter->owner)
                             : NULL;
}

bool eventcount_arm_event(struct eventcount_waiter *waiter)
{
    uint64_t *owner = owner_of(waiter->eventcount, waiter->entry);
    uint64_t seen = atomic_load_relaxed(owner), self = token_of(waiter);
    if (seen != self &&
        !((seen == 0 || is_dead(seen)) && atomic_compare_exchange_acquire(owner, seen, self))) {
        return false;
    }
    atomic_fetch_or_full_barrier(armed_of(waiter->eventcount), eventcount_bit(waiter->entry));
    return true;
}

/*
 * What takes the bits synchronizes with the arming: the owner that is loaded then is the one that
 * armed, or a later one, whose predecessor no longer waits.
 */
void eventcount_notify_all(struct eventcount *eventcount)
{
    uint64_t taken = atomic_exchange_full_barrier(armed_of(eventcount), 0);
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        if (taken & eventcount_bit(entry)) {
            uint64_t owner = atomic_load_relaxed(owner_of(eventcount, entry));
            enum eventcount_owner kind =
                owner_token_is_process(owner) ? EVENTCOUNT_PROCESS : EVENTCOUNT_THREAD;
            eventcount_signal(eventcount, entry, kind);
        }
    }
}

uint64_t eventcount_next(struct eventcount *eventcount, uint64_t bits, unsigned *entry)
{
    for (unsigned i = 1; bits != 0 && i <= LAYOUT_MAX_WAITERS; i++) {
        unsigned next = (*entry + i) % LAYOUT_MAX_WAITERS;
        uint64_t owner = atomic_load_relaxed(owner_of(eventcount, next));
        if ((bits & eventcount_bit(next)) != 0 && owner != 0) {
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
    atomic_clear_bits_relaxed(armed_of(eventcount), eventcount_bit(entry));
}

unsigned eventcount_waiters(const struct eventcount *eventcount)
{
    unsigned count = 0;
    for (uint64_t armed = eventcount_armed(eventcount); armed != 0; count++) {
        armed &= armed - 1;
    }
    return count;
}
