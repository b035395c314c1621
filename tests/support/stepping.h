/*
 * Threads that run one instruction at a time, so that a test can do something behind each: the
 * processor's trap flag is kept set by an exception handler of this process.
 */
#ifndef SHAREDMEM_TESTS_STEPPING_H
#define SHAREDMEM_TESTS_STEPPING_H

#include <stdbool.h>
#include <stdint.h>

typedef void stepping_callback(void *argument, unsigned step);

/*
 * From here on, `each` is called, on this thread's stack, behind every instruction of this thread,
 * with the number of instructions so far; until stepping_end, which `each` may call, too, and must
 * before it ends the thread.
 */
void stepping_begin(stepping_callback *each, void *argument);
void stepping_end(void);

/* The same, but only before each of the DLL's own instructions, which are the ones it counts. */
void stepping_begin_in_dll(stepping_callback *each, void *argument);

/* For `each`: the address of the instruction that comes next. */
uintptr_t stepping_address(void);

/*
 * For the start of main, before there are other threads: whether a process can do that here. Where
 * Wine runs 32-bit programs without the host's 32-bit libraries it cannot, and trying ends the
 * process: this has another one try.
 */
bool stepping_works(int argc, char **argv);

/* Says that it does not, and is what main returns then. */
int stepping_skip(void);

#endif
