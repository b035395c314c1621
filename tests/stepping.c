#include "stepping.h"

#include "check.h"
#include "process.h"

#ifdef _MSC_VER
#include <intrin.h>
#else
#include <x86intrin.h>
#endif

#define TRAP_FLAG 0x100u

enum { TRIED = 3 }; /* exit code of a process that could step; 0 is what one has that could not */

static void (*volatile behind_each)(unsigned step); /* NULL: not stepping */
static unsigned steps;

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    if (behind_each != NULL) {
        pointers->ContextRecord->EFlags |= TRAP_FLAG;
        behind_each(++steps);
    } else {
        pointers->ContextRecord->EFlags &= ~TRAP_FLAG;
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

void stepping_begin(void (*each)(unsigned step))
{
    static void *handler;
    if (handler == NULL) {
        handler = AddVectoredExceptionHandler(TRUE, on_exception);
        CHECK(handler != NULL);
    }
    steps = 0;
    behind_each = each;
    __writeeflags(__readeflags() | TRAP_FLAG);
}

void stepping_end(void)
{
    behind_each = NULL;
}

static volatile unsigned seen;

static void see(unsigned step)
{
    seen = step;
}

int stepping_try(void)
{
    stepping_begin(see);
    Sleep(0);
    stepping_end();
    return seen > 10 ? TRIED : 0;
}

bool stepping_works(void)
{
    return process_finish(process_start_self(L"step")) == TRIED;
}
