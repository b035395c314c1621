/* More events than a process can have, and what is left when they have been closed. */
#include "check.h"
#include "process.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdio.h>

#define NAME L"sharedmem-test-event-limit"

enum { MOST = 4096, SOON_MS = 10000 };

static HANDLE events[MOST];

static void open_all(HSHAREDMEM region, DWORD count)
{
    for (DWORD i = 0; i < count; i++) {
        events[i] = OpenSharedMemEvent(region);
        CHECK(events[i] != NULL);
    }
}

int main(void)
{
    check_deadline(80);
    HSHAREDMEM region = OpenSharedMem(NAME, 8, 0, NULL), other = OpenSharedMem(NAME, 8, 0, NULL);
    CHECK(region != NULL && other != NULL);
    open_all(other, 100); /* and what the system keeps then, too */
    CHECK(CloseSharedMem(other));
    DWORD handles = process_open_handles();

    LONGLONG start = stopwatch_start();
    open_all(region, MOST);
    printf("%.1f us for each of %u\n", stopwatch_milliseconds(start) * 1000 / MOST, (unsigned)MOST);
    CHECK(OpenSharedMemEvent(region) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK(ArmSharedMemEvent(region, events[0], 0) &&
          ArmSharedMemEvent(region, events[MOST - 1], 0));
    CHECK(WriteSharedMem(region, "w", 1, NULL));
    CHECK_EQUAL(WaitForSingleObject(events[0], SOON_MS), WAIT_OBJECT_0);
    CHECK_EQUAL(WaitForSingleObject(events[MOST - 1], SOON_MS), WAIT_OBJECT_0);

    CHECK(CloseSharedMemEvent(region, events[1]));
    events[1] = OpenSharedMemEvent(region);
    CHECK(events[1] != NULL && OpenSharedMemEvent(region) == NULL);
    CHECK(CloseSharedMem(region));
    CHECK(process_open_handles() < handles + 20);

    region = OpenSharedMem(NAME, 8, 0, NULL);
    CHECK(region != NULL);
    open_all(region, MOST);
    CHECK(CloseSharedMem(region));
    return check_passed();
}
