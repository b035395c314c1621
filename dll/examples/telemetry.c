/*
 * A simulator that publishes its position 60 times a second, and dashboards that show it.
 *
 *     telemetry write FRAMES     the simulator
 *     telemetry read FRAMES      a dashboard; any number of them, before, after or during the other
 */
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of fixed size, each at a multiple of its size: the same for every compiler. */
struct telemetry {
    ULONGLONG frame;
    double altitude; /* metres */
    float speed;     /* metres a second */
    DWORD gear;
};

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x00000002
#endif

/* A timer with steps of half a millisecond, or, before Windows 10 1803, with those of Sleep. */
static HANDLE create_timer(void)
{
    HANDLE timer = CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION,
                                          TIMER_MODIFY_STATE | SYNCHRONIZE);
    return timer != NULL ? timer : CreateWaitableTimerW(NULL, FALSE, NULL);
}

static int simulate(unsigned frames)
{
    HSHAREDMEM region = OpenSharedMem(L"telemetry", sizeof(struct telemetry), 0, NULL);
    HANDLE timer = create_timer();
    struct telemetry now = {.altitude = 1000, .speed = 80, .gear = 1};
    for (; region != NULL && timer != NULL && now.frame < frames; now.frame++) {
        LARGE_INTEGER next = {.QuadPart = -10000000 / 60}; /* from now, in units of 100 ns */
        SetWaitableTimer(timer, &next, 0, NULL, NULL, FALSE);
        now.altitude += 0.5;
        if (!WriteSharedMem(region, &now, sizeof now, NULL)) {
            break;
        }
        WaitForSingleObject(timer, INFINITE);
    }
    return now.frame < frames;
}

static int display(unsigned frames)
{
    HSHAREDMEM region = OpenSharedMem(L"telemetry", sizeof(struct telemetry), 0, NULL);
    ULONGLONG version = 0;
    while (region != NULL && frames > 0 && WaitSharedMem(region, version, 5000)) {
        struct telemetry now;
        SIZE_T size = sizeof now;
        if (!ReadSharedMem(region, &now, &size, &version) || size != sizeof now) {
            break; /* an error, or a writer with another struct */
        }
        printf("frame %llu: %.1f m, %.0f m/s, gear %lu\n", now.frame, now.altitude, now.speed,
               now.gear);
        frames--;
    }
    return frames > 0;
}

int main(int argc, char **argv)
{
    int result = 2;
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        result = simulate((unsigned)atoi(argv[2]));
    } else if (argc == 3 && strcmp(argv[1], "read") == 0) {
        result = display((unsigned)atoi(argv[2]));
    } else {
        printf("usage: telemetry write|read FRAMES\n");
    }
    if (result == 1) {
        printf("error %lu\n", GetLastError());
    }
    return result;
}
