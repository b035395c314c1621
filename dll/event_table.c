#include "event_table.h"

#include "pointer_once.h"

#define MAX_EVENTS 4096u

static void *events; /* address space for all of them, memory for the first `count` */
static uint64_t count;

static struct event *event_at(uint64_t position)
{
    return (struct event *)pointer_load(&events) + position;
}

struct event *event_table_next(const struct event *event)
{
    uint64_t position = event == NULL ? 0 : (uint64_t)(event - event_at(0)) + 1;
    return position < atomic_load_acquire(&count) ? event_at(position) : NULL;
}

static bool make_table(void)
{
    if (pointer_load(&events) == NULL) {
        void *made =
            VirtualAlloc(NULL, MAX_EVENTS * sizeof(struct event), MEM_RESERVE, PAGE_NOACCESS);
        if (made == NULL) {
            return false;
        }
        if (pointer_set_once(&events, made) != made) {
            VirtualFree(made, 0, MEM_RELEASE);
        }
    }
    return true;
}

/* Commits memory, which comes zeroed, for one more event than `known`; FALSE if there is none. */
static bool grow(uint64_t known)
{
    if (known == MAX_EVENTS ||
        VirtualAlloc(event_at(known), sizeof(struct event), MEM_COMMIT, PAGE_READWRITE) == NULL) {
        return false;
    }
    atomic_compare_exchange_release(&count, known, known + 1);
    return true;
}

/* Links one more event to the region. */
static bool link_event(struct region *region)
{
    uint64_t position = 0;
    if (!make_table()) {
        return false;
    }
    do {
        if (position == atomic_load_acquire(&count) && !grow(position)) {
            return false;
        }
    } while (!event_change_state(event_at(position++), EVENT_FREE, EVENT_LINKED));
    struct event *event = event_at(position - 1);
    event->region = region;
    do {
        event->next = pointer_load(&region->events);
    } while (InterlockedCompareExchangePointer(&region->events, event, event->next) != event->next);
    return true;
}

struct event *event_table_reserve(struct region *region)
{
    do {
        for (struct event *event = pointer_load(&region->events); event != NULL;
             event = event->next) {
            if (event_change_state(event, EVENT_LINKED, EVENT_BUSY)) {
                return event;
            }
        }
    } while (link_event(region));
    return NULL;
}

void event_table_detach(void)
{
    if (events != NULL) {
        VirtualFree(events, 0, MEM_RELEASE);
    }
}
