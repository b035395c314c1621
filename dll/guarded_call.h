/*
 * A call that an exception cannot cut short: what the caller has taken, it can give back before the
 * exception goes on its way. The DLL has no C runtime, which elsewhere implements try and except.
 */
#ifndef SHAREDMEM_GUARDED_CALL_H
#define SHAREDMEM_GUARDED_CALL_H

#include <stdbool.h>
#include <windows.h>

typedef void guarded_function(void *argument);

/*
 * Calls function(argument). Returns TRUE when the function returns, and FALSE when it raised an
 * exception that no vectored handler dealt with: the function has ended there, and *exception
 * describes it. Costs about a nanosecond where nothing is raised.
 */
bool guarded_call(guarded_function *function, void *argument, EXCEPTION_RECORD *exception);

/*
 * Raises the exception again, in the caller of this function. Returns only if a handler has removed
 * the cause and lets the program continue: then the call can be repeated.
 */
void guarded_call_raise(const EXCEPTION_RECORD *exception);

#endif
