/*
 * The events that this process has open for its callers' loops. No lock: a thread may be ended at
 * any instruction, which costs the process an entry of the table at most.
 */
#ifndef SHAREDMEM_EVENT_TABLE_H
#define SHAREDMEM_EVENT_TABLE_H

#include "region.h"

enum event_state {
    EVENT_FREE,
    EVENT_LINKED, /* to a region, until that is closed */
    EVENT_BUSY,   /* being opened or closed */
    EVENT_OPEN,
};

/* The thread that changes the state to EVENT_BUSY has the rest to itself. */
struct event {
    uint64_t state;
    void *next; /* of the same region; NULL at the end */
    struct region *region;
    HANDLE callers; /* the handle that the caller has */
    HANDLE event;   /* the same event, to be set and reset */
    HANDLE own;     /* the same again, unless it is one of the event count's */
    struct eventcount_waiter waiter;
    uint64_t is_polled; /* no writer can set it */
    uint64_t is_armed;
    uint64_t version; /* for a change of which it is armed */
};

static inline bool event_has_state(const struct event *event, enum event_state state)
{
    return atomic_load_acquire(&event->state) == state;
}

static inline bool event_change_state(struct event *event, enum event_state from,
                                      enum event_state to)
{
    return atomic_load_relaxed(&event->state) == from &&
           atomic_compare_exchange_acquire(&event->state, from, to);
}

/* The next event of the process behind this one, or the first; NULL if there is none. */
struct event *event_table_next(const struct event *event);

/* Returns an event of the region that is EVENT_BUSY now; NULL if there are too many. */
struct event *event_table_reserve(struct region *region);

/* For DllMain. */
void event_table_detach(void);

#endif
