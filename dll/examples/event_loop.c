/*
 * A message loop that shows changes of two regions, too, without another thread.
 *
 *     event_loop show COUNT            so many changes
 *     event_loop write NAME NUMBER     to one of the two: left or right
 */
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watched {
    const WCHAR *name;
    HSHAREDMEM region;
    ULONGLONG version; /* that was shown last */
};

/* Shows a new value, and has the event set by the next one. Returns whether there was one. */
static BOOL show(struct watched *watched, HANDLE event)
{
    DWORD number = 0;
    SIZE_T size = sizeof number;
    ULONGLONG version = watched->version;
    BOOL is_new =
        ReadSharedMem(watched->region, &number, &size, &version) && version != watched->version;
    if (is_new) {
        printf("%ls: %lu\n", watched->name, number);
    }
    watched->version = version;
    return ArmSharedMemEvent(watched->region, event, version) && is_new;
}

static int loop(int changes)
{
    struct watched watched[] = {{.name = L"left"}, {.name = L"right"}};
    enum { COUNT = ARRAYSIZE(watched) };
    HANDLE events[COUNT];
    DWORD woken = WAIT_OBJECT_0 + COUNT;
    for (int i = 0; i < COUNT; i++) {
        watched[i].region = OpenSharedMem(watched[i].name, sizeof(DWORD), 0, NULL);
        events[i] = OpenSharedMemEvent(watched[i].region);
        if (events[i] == NULL) {
            return 1;
        }
        changes -= show(&watched[i], events[i]);
    }
    while (changes > 0 && woken <= WAIT_OBJECT_0 + COUNT) {
        MSG message;
        woken = MsgWaitForMultipleObjects(COUNT, events, FALSE, INFINITE, QS_ALLINPUT);
        if (woken < WAIT_OBJECT_0 + COUNT) {
            DWORD i = woken - WAIT_OBJECT_0;
            changes -= show(&watched[i], events[i]);
        }
        while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) {
            if (message.message == WM_QUIT) {
                return 0;
            }
            TranslateMessage(&message);
            DispatchMessageW(&message);
        }
    }
    return changes > 0;
}

static int write(const char *name, DWORD number)
{
    const WCHAR *region_name = strcmp(name, "left") == 0 ? L"left" : L"right";
    HSHAREDMEM region = OpenSharedMem(region_name, sizeof number, 0, NULL);
    return region == NULL || !WriteSharedMem(region, &number, sizeof number, NULL);
}

int main(int argc, char **argv)
{
    int result = 2;
    if (argc == 3 && strcmp(argv[1], "show") == 0) {
        result = loop(atoi(argv[2]));
    } else if (argc == 4 && strcmp(argv[1], "write") == 0) {
        result = write(argv[2], (DWORD)atoi(argv[3]));
    } else {
        printf("usage: event_loop show COUNT | event_loop write left|right NUMBER\n");
    }
    if (result == 1) {
        printf("error %lu\n", GetLastError());
    }
    return result;
}
