/*
 * Programs that must not pass, each in its own way: the argument says which. With noise on the
 * error output, it passes; without an argument, too, if what tests count can be counted here.
 */
#include "check.h"
#include "process.h"
#include "roles.h"

#include <stdio.h>

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

static int crash(char **arguments)
{
    volatile int *volatile nowhere = (volatile int *)(ULONG_PTR)16;
    (void)arguments;
    *nowhere = 1;
    return 0;
}

/* In a system call's callback, not in main. */
static int crash_thread(char **arguments)
{
    LPTHREAD_START_ROUTINE nowhere = (LPTHREAD_START_ROUTINE)(ULONG_PTR)16;
    HANDLE lost = CreateThread(NULL, 0, nowhere, NULL, 0, NULL);
    (void)arguments;
    WaitForSingleObject(lost, INFINITE);
    return check_passed();
}

static int fail_a_check(char **arguments)
{
    CHECK(arguments == NULL);
    return 0;
}

static int exit_with_3(char **arguments)
{
    (void)arguments;
    check_passed();
    return 3;
}

/* Ends well, but before it has shown anything. */
static int say_nothing(char **arguments)
{
    (void)arguments;
    return 0;
}

static int hang(char **arguments)
{
    (void)arguments;
    check_deadline(1);
    Sleep(INFINITE);
    return 0;
}

static int start_a_child_that_fails(char **arguments)
{
    (void)arguments;
    process_check_role(L"check");
    return check_passed();
}

/* Passes, while Wine is complaining about something. */
static int make_noise(char **arguments)
{
    (void)arguments;
    fputs("wine client error:12c: ", stderr);
    return check_passed();
}

static const struct role roles[] = {
    {"crash", crash},
    {"crash-thread", crash_thread},
    {"check", fail_a_check},
    {"exit-code", exit_with_3},
    {"silent", say_nothing},
    {"hang", hang},
    {"child-fails", start_a_child_that_fails},
    {"noise", make_noise},
};

int main(int argc, char **argv)
{
    check_deadline(20);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    leaks_would_be_seen();
    return check_passed();
}
