/*
 * A thread that runs one instruction at a time, so that a test can do something behind each: the
 * processor's trap flag is kept set by an exception handler of this process.
 */
#ifndef SHAREDMEM_TESTS_STEPPING_H
#define SHAREDMEM_TESTS_STEPPING_H

#include <stdbool.h>

/*
 * From here on, `each` is called on this thread's stack behind every instruction of this thread,
 * with the number of instructions so far. One thread of a process at a time.
 */
void stepping_begin(void (*each)(unsigned step));
void stepping_end(void);

/*
 * Whether a process can do that here; it cannot where Wine runs 32-bit programs without 32-bit
 * libraries of the host. Where it cannot, trying ends the process: this starts another one, with
 * the argument "step", whose main must hand that on to stepping_try.
 */
bool stepping_works(void);
int stepping_try(void);

#endif
