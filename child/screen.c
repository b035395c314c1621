#include "screen.h"

#include "console.h"

#include <wchar.h>

enum { WIDEST = 1024 };

void screen_open(struct screen *screen, BOOL live)
{
    DWORD mode;
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
    *screen = (struct screen){.console = live && GetConsoleMode(output, &mode) ? output : NULL};
}

BOOL screen_begin(struct screen *screen)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    BOOL first = !screen->used;
    screen->used = TRUE;
    screen->lines = 0;
    if (screen->console == NULL) {
        return first || console_print(STD_OUTPUT_HANDLE, L"\r\n", NULL);
    }
    if (!GetConsoleScreenBufferInfo(screen->console, &info)) {
        return FALSE;
    }
    screen->start = (COORD){info.srWindow.Left, info.srWindow.Top};
    screen->width = info.srWindow.Right - info.srWindow.Left; /* the last column would wrap */
    screen->height = info.srWindow.Bottom - info.srWindow.Top;
    screen->width = screen->width < WIDEST ? screen->width : WIDEST - 1;
    return TRUE;
}

/* Overwrites a whole line of the window. */
static BOOL put(struct screen *screen, int row, const WCHAR *line)
{
    WCHAR padded[WIDEST];
    COORD at = {screen->start.X, (SHORT)(screen->start.Y + row)};
    swprintf(padded, WIDEST, L"%-*.*ls", screen->width, screen->width, line);
    return SetConsoleCursorPosition(screen->console, at) &&
           console_print(STD_OUTPUT_HANDLE, padded, NULL);
}

BOOL screen_line(struct screen *screen, const WCHAR *line)
{
    int row = screen->lines++;
    if (screen->console == NULL) {
        return console_print(STD_OUTPUT_HANDLE, line, L"\r\n", NULL);
    }
    return row >= screen->height || put(screen, row, line);
}

/* Clears what is left of the window, and leaves the cursor below the page. */
BOOL screen_end(struct screen *screen)
{
    if (screen->console == NULL) {
        return TRUE;
    }
    int last = screen->lines < screen->height ? screen->lines : screen->height;
    WCHAR more[32] = L"";
    if (screen->lines > screen->height) {
        swprintf(more, ARRAYSIZE(more), L"... and %d more", screen->lines - screen->height);
    }
    for (int row = screen->height; row > last; row--) {
        if (!put(screen, row, L"")) {
            return FALSE;
        }
    }
    COORD at = {screen->start.X, (SHORT)(screen->start.Y + last)};
    return put(screen, last, more) && SetConsoleCursorPosition(screen->console, at);
}
