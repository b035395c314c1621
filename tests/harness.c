/* Programs that must not pass, each in its own way: the argument says which. */
#include "check.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    if (strcmp(way, "crash") == 0) {
        check_deadline(20);
        volatile int *volatile nowhere = NULL;
        *nowhere = 1;
    } else if (strcmp(way, "crash-thread") == 0) { /* in a system call's callback, not in main */
        check_deadline(20);
        HANDLE lost =
            CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void (*)(void))16, NULL, 0, NULL);
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
    }
    return check_passed();
}
