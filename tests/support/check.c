#include "check.h"

#include "thread.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN32
#include <windows.h>
#endif

static unsigned deadline_seconds;

static CHECK_NORETURN void give_up(void)
{
    fflush(stdout);
#ifdef _WIN32
    TerminateProcess(GetCurrentProcess(), 1); /* at once, whatever the other threads hold */
#endif
    _Exit(1);
}

void check_failed(const char *file, int line, const char *what)
{
#ifdef _WIN32
    unsigned long error = GetLastError();
    printf("%s:%d: failed: %s (last error %lu)\n", file, line, what, error);
#else
    printf("%s:%d: failed: %s\n", file, line, what);
#endif
    give_up();
}

void check_equal(const char *file, int line, const char *what, long long actual, long long expected)
{
    if (actual != expected) {
        printf("%s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
        give_up();
    }
}

static void wait_for_deadline(void *unused)
{
    (void)unused;
    thread_sleep(deadline_seconds * 1000);
    printf("not done after %u seconds\n", deadline_seconds);
    give_up();
}

void check_deadline(unsigned seconds)
{
    deadline_seconds = seconds;
    thread_start(wait_for_deadline, NULL);
}

int check_passed(void)
{
    puts("passed");
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
