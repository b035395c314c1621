#include "event_clock.h"
#include "event_table.h"
#include "pointer_once.h"
#include "region.h"

/* For the clock: sets the events of which writers did not, or cannot. */
static DWORD look(void)
{
    DWORD next = INFINITE;
    struct event *event = NULL;
    while ((event = event_table_next(event)) != NULL) {
        if (event_has_state(event, EVENT_OPEN)) {
            DWORD pace =
                atomic_load_relaxed(&event->is_polled) ? EVENTCOUNT_POLL_MS : EVENTCOUNT_LOOK_MS;
            next = pace < next ? pace : next;
            if (atomic_load_acquire(&event->is_armed) &&
                region_has_changed(event->region, atomic_load_relaxed(&event->version))) {
                SetEvent(event->event);
            }
        }
    }
    return next;
}

static bool is_needed(void)
{
    struct event *event = NULL;
    do {
        event = event_table_next(event);
    } while (event != NULL && !event_has_state(event, EVENT_BUSY) &&
             !event_has_state(event, EVENT_OPEN));
    return event != NULL;
}

static struct event_clock event_clock = {.look = look, .is_needed = is_needed};

static DWORD open_event(struct event *event)
{
    struct region *region = event->region;
    DWORD error = event_clock_start(&event_clock);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    event->waiter = (struct eventcount_waiter){
        .eventcount = &region->waiters,
        .polls = !region_attach_waiters(region),
        .owner = EVENTCOUNT_PROCESS,
    };
    event->event = eventcount_open_event(&event->waiter);
    event->is_polled = event->event == NULL;
    if (event->event == NULL) {
        event->own =
            CreateEventExW(NULL, NULL, CREATE_EVENT_MANUAL_RESET, SYNCHRONIZE | EVENT_MODIFY_STATE);
        event->event = event->own;
    }
    if (event->event == NULL ||
        !DuplicateHandle(GetCurrentProcess(), event->event, GetCurrentProcess(), &event->callers,
                         SYNCHRONIZE, FALSE, 0)) {
        return GetLastError();
    }
    ResetEvent(event->event); /* it may be left from an earlier owner of the entry */
    return ERROR_SUCCESS;
}

/* Whichever thread is ended, no handle is closed twice. */
static void close_handle(HANDLE *handle)
{
    HANDLE closed = *handle;
    *handle = NULL;
    if (closed != NULL) {
        CloseHandle(closed);
    }
}

/* Undoes what there is of opening. The clock does not look at it. */
static void close_event(struct event *event, enum event_state state)
{
    eventcount_cancel(&event->waiter);
    close_handle(&event->callers);
    close_handle(&event->own);
    atomic_store_relaxed(&event->is_armed, false);
    atomic_store_release(&event->state, state);
}

DWORD region_open_event(struct region *region, HANDLE *handle)
{
    if (region->is_unsynchronised) {
        return ERROR_NOT_SUPPORTED;
    }
    struct event *event = event_table_reserve(region);
    if (event == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    DWORD error = open_event(event);
    if (error != ERROR_SUCCESS) {
        close_event(event, EVENT_LINKED);
        event_clock_stop(&event_clock);
        return error;
    }
    *handle = event->callers;
    atomic_store_release(&event->state, EVENT_OPEN);
    event_clock_wake(&event_clock);
    return ERROR_SUCCESS;
}

/* NULL if the region has no such event. */
static struct event *find(struct region *region, HANDLE handle)
{
    struct event *event = pointer_load(&region->events);
    while (event != NULL && (!event_has_state(event, EVENT_OPEN) || event->callers != handle)) {
        event = event->next;
    }
    return event;
}

static void arm(struct event *event, uint64_t version)
{
    ResetEvent(event->event);
    atomic_store_relaxed(&event->version, version);
    atomic_store_release(&event->is_armed, true);
    bool is_polled = !event->waiter.has_entry || !eventcount_arm_event(&event->waiter);
    if (is_polled != (bool)atomic_load_relaxed(&event->is_polled)) {
        atomic_store_relaxed(&event->is_polled, is_polled);
        event_clock_wake(&event_clock);
    }
}

DWORD region_arm_event(struct region *region, HANDLE handle, uint64_t version)
{
    struct event *event = find(region, handle);
    if (event == NULL) {
        return ERROR_INVALID_HANDLE;
    }
    DWORD last_error = GetLastError();
    if (!region_has_changed(region, version)) { /* else it need not be reset to be set */
        arm(event, version);
    }
    if (region_has_changed(region, version)) {
        SetEvent(event->event);
    }
    SetLastError(last_error);
    return ERROR_SUCCESS;
}

DWORD region_close_event(struct region *region, HANDLE handle)
{
    struct event *event = find(region, handle);
    if (event == NULL || !event_change_state(event, EVENT_OPEN, EVENT_BUSY)) {
        return ERROR_INVALID_HANDLE;
    }
    event_clock_wait(&event_clock);
    close_event(event, EVENT_LINKED);
    event_clock_stop(&event_clock);
    return ERROR_SUCCESS;
}

void region_close_events(struct region *region)
{
    struct event *event, *next;
    bool any = false;
    for (event = region->events; event != NULL; event = event->next) {
        any = event_change_state(event, EVENT_OPEN, EVENT_BUSY) || any;
    }
    if (any) { /* never in DllMain: the DLL stays loaded as long as one is open */
        event_clock_wait(&event_clock);
    }
    for (event = region->events; event != NULL; event = next) {
        next = event->next;
        close_event(event, EVENT_FREE);
    }
    region->events = NULL;
    if (any) {
        event_clock_stop(&event_clock);
    }
}

void region_event_detach(void)
{
    event_clock_detach(&event_clock);
    event_table_detach();
}
