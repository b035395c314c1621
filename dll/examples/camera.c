/*
 * A camera that renders its frames where they are shared, and viewers that look at them there:
 * nothing is copied.
 *
 *     camera render FRAMES     the camera
 *     camera view FRAMES       a viewer; any number of them
 */
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY ((SIZE_T)1 << 20)

/* Fields of fixed size, each at a multiple of its size. */
struct frame {
    ULONGLONG number;
    DWORD width, height;
    BYTE pixels[]; /* width times height */
};

/* Each pixel of a frame has the frame's number as its grey. */
static BOOL render(HSHAREDMEM region, ULONGLONG number, DWORD width, DWORD height)
{
    LPVOID place;
    SIZE_T room, size = sizeof(struct frame) + (SIZE_T)width * height;
    if (!ReserveSharedMem(region, NULL, &place, &room)) {
        return FALSE;
    }
    if (size > room) {
        DiscardSharedMem(region);
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    struct frame *frame = place;
    frame->number = number;
    frame->width = width;
    frame->height = height;
    memset(frame->pixels, (int)(number % 256), (SIZE_T)width * height);
    return PublishSharedMem(region, size, NULL);
}

/* What a viewer makes of a frame. */
struct view {
    ULONGLONG number;
    DWORD width, height;
    double grey; /* mean */
};

/*
 * Looks at a frame where it is. Its bytes may change at any time, and be any: width and height are
 * copied once, by way of a pointer to volatile, and the copies are checked before they are used.
 */
static BOOL look(const volatile struct frame *frame, SIZE_T size, struct view *view)
{
    if (size < sizeof *frame) {
        return FALSE;
    }
    view->number = frame->number;
    view->width = frame->width;
    view->height = frame->height;
    ULONGLONG pixels = (ULONGLONG)view->width * view->height, sum = 0;
    if (pixels == 0 || pixels > size - sizeof *frame) {
        return FALSE;
    }
    for (SIZE_T i = 0; i < pixels; i++) {
        sum += frame->pixels[i];
    }
    view->grey = (double)sum / (double)pixels;
    return TRUE;
}

/* The present frame, and its version; looks again if the camera has overtaken it. */
static BOOL look_at_present(HSHAREDMEM region, struct view *view, ULONGLONG *version)
{
    LPCVOID data;
    SIZE_T size;
    BOOL understood;
    do {
        if (!BorrowSharedMem(region, &data, &size, version)) {
            return FALSE;
        }
        understood = look(data, size, view);
    } while (!ValidateSharedMem(region, *version)); /* before anything is made of it */
    if (!understood) {
        SetLastError(ERROR_INVALID_DATA);
    }
    return understood;
}

static int render_all(HSHAREDMEM region, ULONGLONG frames)
{
    for (ULONGLONG number = 0; number < frames; number++) {
        if (!render(region, number, 640 + (DWORD)number % 100, 480)) {
            return 1;
        }
        Sleep(16);
    }
    return 0;
}

static int view_all(HSHAREDMEM region, ULONGLONG frames)
{
    ULONGLONG version = 0;
    for (; frames > 0; frames--) {
        struct view view;
        if (!WaitSharedMem(region, version, 5000) || !look_at_present(region, &view, &version)) {
            return 1;
        }
        printf("frame %llu: %lu x %lu, grey %.1f\n", view.number, view.width, view.height,
               view.grey);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        printf("usage: camera render|view FRAMES\n");
        return 2;
    }
    HSHAREDMEM region = OpenSharedMem(L"camera", CAPACITY, 0, NULL);
    ULONGLONG frames = strtoull(argv[2], NULL, 10);
    int result = 1;
    if (region != NULL) {
        result = (strcmp(argv[1], "render") == 0 ? render_all : view_all)(region, frames);
    }
    if (result != 0) {
        printf("error %lu\n", GetLastError());
    }
    return result;
}
