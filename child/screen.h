/*
 * Pages of lines on the standard output: in a console, each where the one before was; elsewhere,
 * one after the other.
 */
#ifndef SHAREDMEM_CHILD_SCREEN_H
#define SHAREDMEM_CHILD_SCREEN_H

#include <windows.h>

struct screen {
    HANDLE console; /* NULL: one page after the other */
    COORD start;    /* where the window is */
    int width, height;
    int lines; /* of this page, those that did not fit included */
    BOOL used; /* there was a page before */
};

/* `live`: to be overwritten by later pages where that is possible. */
void screen_open(struct screen *screen, BOOL live);

/* These return FALSE, with the reason in GetLastError, if they cannot print. */
BOOL screen_begin(struct screen *screen);
BOOL screen_line(struct screen *screen, const WCHAR *line);
BOOL screen_end(struct screen *screen);

#endif
