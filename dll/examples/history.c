/*
 * A simulator that publishes 60 frames a second, and a recorder that looks 10 times a second and
 * plots every frame all the same.
 *
 *     history write FRAMES     the simulator
 *     history plot FRAMES      the recorder: an SVG picture on the standard output
 */
#include "sharedmem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frame {
    ULONGLONG number;
    double altitude; /* metres, 0 to 100 */
};

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x00000002
#endif

/* As in telemetry.c. */
static HANDLE create_timer(void)
{
    HANDLE timer = CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION,
                                          TIMER_MODIFY_STATE | SYNCHRONIZE);
    return timer != NULL ? timer : CreateWaitableTimerW(NULL, FALSE, NULL);
}

/* Keeps a second of frames: the recorder may be so late and loses none. */
static HSHAREDMEM open_flight(void)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = sizeof(struct frame), .depth = 60};
    return OpenSharedMemEx(L"flight", &options);
}

static int simulate(unsigned frames)
{
    HSHAREDMEM region = open_flight();
    HANDLE timer = create_timer();
    struct frame now = {0};
    for (; region != NULL && timer != NULL && now.number < frames; now.number++) {
        LARGE_INTEGER next = {.QuadPart = -10000000 / 60}; /* from now, in units of 100 ns */
        SetWaitableTimer(timer, &next, 0, NULL, NULL, FALSE);
        now.altitude = 50 + 40 * sin((double)now.number / 10);
        if (!WriteSharedMem(region, &now, sizeof now, NULL)) {
            break;
        }
        WaitForSingleObject(timer, INFINITE);
    }
    return now.number < frames;
}

/* Continues the line; behind frames that are lost, it begins anew. */
static void plot(const struct frame *frame, BOOL continues)
{
    printf("%s%llu,%.1f\n", continues ? "L" : "M", frame->number, 100 - frame->altitude);
}

static BOOL read_next(HSHAREDMEM region, struct frame *frame, ULONGLONG *version, ULONGLONG *missed)
{
    SIZE_T size = sizeof *frame;
    if (!ReadNextSharedMem(region, frame, &size, version, missed)) {
        return FALSE;
    }
    if (size != sizeof *frame) {
        SetLastError(ERROR_INVALID_DATA); /* a writer with another struct */
    }
    return size == sizeof *frame;
}

static int record(unsigned frames)
{
    HSHAREDMEM region = open_flight();
    ULONGLONG version = 0, missed, lost = 0;
    unsigned plotted = 0, looks = 0;
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u 100\">\n"
           "<path fill=\"none\" stroke=\"black\" d=\"\n",
           frames);
    while (region != NULL && plotted < frames && WaitSharedMem(region, version, 5000)) {
        struct frame now;
        while (plotted < frames && read_next(region, &now, &version, &missed)) {
            plot(&now, plotted > 0 && missed == 0);
            plotted++;
            lost += missed;
        }
        if (plotted < frames && GetLastError() != ERROR_NO_MORE_ITEMS) {
            break;
        }
        looks++;
        Sleep(100);
    }
    printf("\"/>\n</svg>\n");
    fprintf(stderr, "%u frames in %u looks, %llu lost\n", plotted, looks, lost);
    return plotted < frames;
}

int main(int argc, char **argv)
{
    int result = 2;
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        result = simulate((unsigned)atoi(argv[2]));
    } else if (argc == 3 && strcmp(argv[1], "plot") == 0) {
        result = record((unsigned)atoi(argv[2]));
    } else {
        fprintf(stderr, "usage: history write|plot FRAMES\n");
    }
    if (result == 1) {
        fprintf(stderr, "error %lu\n", GetLastError());
    }
    return result;
}
