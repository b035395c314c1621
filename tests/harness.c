/*
 * Programs that must not pass, each in its own way: the argument says which. With noise on the error
 * output, it passes; without an argument, too, if what tests count can be counted here.
 */
#include "check.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

/* What a leak is known by, which Wine does not always tell. */
static void leaks_would_be_seen(void)
{
    DWORD handles = process_open_handles();
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK_EQUAL(process_open_handles(), handles + 1);
    CloseHandle(event);
    CHECK_EQUAL(process_open_handles(), handles);

    unsigned ranges = process_used_ranges();
    void *range = VirtualAlloc(NULL, 65536, MEM_RESERVE, PAGE_NOACCESS);
    CHECK_EQUAL(process_used_ranges(), ranges + 1);
    VirtualFree(range, 0, MEM_RELEASE);
    CHECK_EQUAL(process_used_ranges(), ranges);
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    if (strcmp(way, "crash") == 0) {
        check_deadline(20);
        volatile int *volatile nowhere = (volatile int *)(ULONG_PTR)16;
        *nowhere = 1;
    } else if (strcmp(way, "crash-thread") == 0) { /* in a system call's callback, not in main */
        check_deadline(20);
        LPTHREAD_START_ROUTINE nowhere = (LPTHREAD_START_ROUTINE)(ULONG_PTR)16;
        HANDLE lost = CreateThread(NULL, 0, nowhere, NULL, 0, NULL);
        WaitForSingleObject(lost, INFINITE);
    } else if (strcmp(way, "check") == 0) {
        check_deadline(20);
        CHECK(argc == 0);
    } else if (strcmp(way, "exit-code") == 0) {
        puts("passed");
        return 3;
    } else if (strcmp(way, "silent") == 0) { /* ends well, but before it has shown anything */
        return 0;
    } else if (strcmp(way, "hang") == 0) {
        check_deadline(1);
        Sleep(INFINITE);
    } else if (strcmp(way, "child-fails") == 0) {
        check_deadline(20);
        process_check_role(L"check");
    } else if (strcmp(way, "noise") == 0) { /* passes, while Wine is complaining about something */
        fputs("wine client error:12c: ", stderr);
    } else {
        leaks_would_be_seen();
    }
    return check_passed();
}
