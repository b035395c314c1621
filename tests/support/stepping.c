#include "stepping.h"

#include "check.h"
#include "process.h"
#include "roles.h"

#include <stdio.h>

#if defined(_M_ARM64) || defined(__aarch64__)

/* There, a process cannot have itself stopped after each instruction. */
static void trap_from_here(void)
{
}
static void trap_behind(CONTEXT *context, bool on)
{
    (void)context;
    (void)on;
}

#else

#ifdef _MSC_VER
#include <intrin.h>
#else
#include <x86intrin.h>
#endif

#define TRAP_FLAG 0x100u

static void trap_from_here(void)
{
    __writeeflags(__readeflags() | TRAP_FLAG);
}

/* Behind the instruction that is next in this context. */
static void trap_behind(CONTEXT *context, bool on)
{
    context->EFlags = on ? context->EFlags | TRAP_FLAG : context->EFlags & ~TRAP_FLAG;
}

#endif

enum {
    MOST_THREADS = 8,
    TRYING_MS = 30000, /* at most */
    TRIED = 3, /* exit code of a process that could step; 0 is what one has that could not */
};

static struct stepped {
    stepping_callback *each;
    void *argument;
    volatile LONG thread_id; /* 0: free */
    unsigned steps;
    uintptr_t from, to; /* the addresses of the instructions that it counts */
    uintptr_t address;  /* of the next one */
} threads[MOST_THREADS];

/* What belongs to a thread, or is free if the id is 0; NULL if there is none. */
static struct stepped *find(DWORD thread_id)
{
    for (int i = 0; i < MOST_THREADS; i++) {
        if (threads[i].thread_id == (LONG)thread_id) {
            return &threads[i];
        }
    }
    return NULL;
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    struct stepped *self = find(GetCurrentThreadId());
    uintptr_t address = (uintptr_t)pointers->ExceptionRecord->ExceptionAddress;
    if (self != NULL && address >= self->from && address < self->to) {
        self->address = address;
        self->each(self->argument, ++self->steps);
    }
    trap_behind(pointers->ContextRecord, find(GetCurrentThreadId()) != NULL);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void begin(stepping_callback *each, void *argument, uintptr_t from, uintptr_t to)
{
    static SRWLOCK lock = SRWLOCK_INIT;
    static void *handler;
    AcquireSRWLockExclusive(&lock);
    if (handler == NULL) {
        handler = AddVectoredExceptionHandler(TRUE, on_exception);
        CHECK(handler != NULL);
    }
    struct stepped *self = find(0);
    CHECK(self != NULL);
    self->each = each;
    self->argument = argument;
    self->steps = 0;
    self->from = from;
    self->to = to;
    self->thread_id = (LONG)GetCurrentThreadId();
    ReleaseSRWLockExclusive(&lock);
    trap_from_here();
}

void stepping_begin(stepping_callback *each, void *argument)
{
    begin(each, argument, 0, UINTPTR_MAX);
}

void stepping_begin_in_dll(stepping_callback *each, void *argument)
{
    const IMAGE_DOS_HEADER *image = (const void *)GetModuleHandleW(L"sharedmem.dll");
    CHECK(image != NULL);
    const IMAGE_NT_HEADERS *headers = (const void *)((const char *)image + image->e_lfanew);
    uintptr_t from = (uintptr_t)image;
    begin(each, argument, from, from + headers->OptionalHeader.SizeOfImage);
}

void stepping_end(void)
{
    struct stepped *self = find(GetCurrentThreadId());
    if (self != NULL) {
        self->thread_id = 0;
    }
}

uintptr_t stepping_address(void)
{
    const struct stepped *self = find(GetCurrentThreadId());
    CHECK(self != NULL);
    return self->address;
}

static void count(void *steps, unsigned step)
{
    *(unsigned *)steps = step;
}

static int try_to_step(char **arguments)
{
    static unsigned steps;
    (void)arguments;
    stepping_begin(count, &steps);
    Sleep(0);
    stepping_end();
    return steps > 10 ? TRIED : 0;
}

static const struct role roles[] = {{"step", try_to_step}};

bool stepping_works(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    HANDLE trying = process_start_self(L"step");
    CHECK(WaitForSingleObject(trying, TRYING_MS) == WAIT_OBJECT_0);
    return process_finish(trying) == TRIED;
}

int stepping_skip(void)
{
    puts("skipped: a process cannot step through itself here");
    return 77;
}
