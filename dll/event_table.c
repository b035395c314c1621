#include "event_table.h"

#include "growing_table.h"
#include "pointer_once.h"

static struct growing_table events = {.entry_size = sizeof(struct event)};

static struct event *event_at(uint64_t position)
{
    return (struct event *)pointer_load(&events.entries) + position;
}

struct event *event_table_next(const struct event *event)
{
    uint64_t position = event == NULL ? 0 : (uint64_t)(event - event_at(0)) + 1;
    return position < growing_table_count(&events) ? event_at(position) : NULL;
}

/* Links one more event to the region. */
static bool link_event(struct region *region)
{
    struct event *event = growing_table_take(&events, 0, EVENT_LINKED);
    if (event == NULL) {
        return false;
    }
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
    growing_table_detach(&events);
}
