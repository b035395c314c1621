#include "derived_security.h"
#include "eventcount.h"

/* L"<region>.waiter.<nn>"; NULL if the events have no names. */
static const WCHAR *event_name(const struct eventcount *eventcount, unsigned entry,
                               enum eventcount_owner kind, WCHAR name[MAX_PATH])
{
    WCHAR number[] = {(WCHAR)(L'0' + entry / 10), (WCHAR)(L'0' + entry % 10), 0};
    if (eventcount->name == NULL) {
        return NULL;
    }
    lstrcpyW(name, eventcount->name); /* leaves room for the rest: see REGION_NAME_CCH */
    lstrcatW(name, kind == EVENTCOUNT_PROCESS ? L".event." : eventcount->suffix);
    lstrcatW(name, number);
    return name;
}

/* Creates or opens it, for processes that may write to the section with the table. */
static HANDLE create_event(HANDLE section, const WCHAR *name, DWORD flags)
{
    const ACCESS_MASK write = FILE_MAP_WRITE | GENERIC_WRITE | GENERIC_ALL; /* of files, too */
    const ACCESS_MASK use = SYNCHRONIZE | EVENT_MODIFY_STATE;
    struct derived_security security;
    HANDLE event;
    derived_security_read(&security, section, write, use);
    do {
        event = CreateEventExW(&security.attributes, name, flags, use);
    } while (event == NULL && derived_security_remove_label(&security));
    derived_security_free(&security);
    return event;
}

HANDLE eventcount_event(struct eventcount *eventcount, unsigned entry, enum eventcount_owner kind)
{
    HANDLE *cached = &eventcount->event[kind][entry];
    HANDLE event = pointer_load(cached);
    if (event != NULL) {
        return event;
    }

    WCHAR name[MAX_PATH];
    event = create_event(eventcount->section, event_name(eventcount, entry, kind, name),
                         kind == EVENTCOUNT_PROCESS ? CREATE_EVENT_MANUAL_RESET : 0);
    if (event == NULL) {
        return NULL;
    }
    HANDLE set = pointer_set_once(cached, event);
    if (set != event) {
        CloseHandle(event);
    }
    return set;
}

void eventcount_signal(struct eventcount *eventcount, unsigned entry, enum eventcount_owner kind)
{
    DWORD last_error = GetLastError();
    HANDLE event = eventcount_event(eventcount, entry, kind);
    if (event != NULL) {
        SetEvent(event);
    }
    SetLastError(last_error);
}

void eventcount_close(struct eventcount *eventcount)
{
    HANDLE *event = eventcount->event[0];
    for (unsigned i = 0; i < EVENTCOUNT_OWNERS * LAYOUT_MAX_WAITERS; i++) {
        if (event[i] != NULL) {
            CloseHandle(event[i]);
            event[i] = NULL;
        }
    }
}
