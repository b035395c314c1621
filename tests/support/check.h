/*
 * What every test program is made of: checks that also hold in release builds, and a closing line.
 */
#ifndef SHAREDMEM_TESTS_CHECK_H
#define SHAREDMEM_TESTS_CHECK_H

#include <stdbool.h>

#ifdef _MSC_VER
#define CHECK_NORETURN __declspec(noreturn)
#else
#define CHECK_NORETURN __attribute__((noreturn))
#endif

/* Ends the program, with a message and an exit code other than 0, unless the condition holds. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* The same for two numbers, which the message shows. */
#define CHECK_EQUAL(actual, expected)                                                              \
    check_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

#ifdef __cplusplus
extern "C" {
#endif

CHECK_NORETURN void check_failed(const char *file, int line, const char *what);
void check_equal(const char *file, int line, const char *what, long long actual,
                 long long expected);

/* Ends the program with a message when it has not passed by then. */
void check_deadline(unsigned seconds);

/* The last thing that main does: prints the closing line and returns the exit code of success. */
int check_passed(void);

#ifdef __cplusplus
}
#endif

#endif
