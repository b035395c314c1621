#include "stop.h"

static HANDLE stop;
static LONG requested;

static void request(void)
{
    InterlockedExchange(&requested, TRUE);
    SetEvent(stop);
}

static BOOL WINAPI handle_control(DWORD event)
{
    request();
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
        Sleep(INFINITE); /* the system ends the process when this returns */
    }
    return TRUE;
}

static DWORD WINAPI read_to_end(void *unused)
{
    char ignored[256];
    DWORD size;
    (void)unused;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), ignored, sizeof ignored, &size, NULL) &&
           size > 0) {
    }
    request();
    return 0;
}

HANDLE stop_event(BOOL at_end_of_input)
{
    stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (stop == NULL || !SetConsoleCtrlHandler(handle_control, TRUE)) {
        return NULL;
    }
    if (at_end_of_input) {
        HANDLE thread = CreateThread(NULL, 0, read_to_end, NULL, 0, NULL);
        if (thread == NULL) {
            return NULL;
        }
        CloseHandle(thread);
    }
    return stop;
}

BOOL stop_requested(void)
{
    return InterlockedOr(&requested, 0);
}
