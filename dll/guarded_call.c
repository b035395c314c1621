#include "guarded_call.h"

void guarded_call_raise(const EXCEPTION_RECORD *exception)
{
    RaiseException(exception->ExceptionCode, exception->ExceptionFlags & EXCEPTION_NONCONTINUABLE,
                   exception->NumberParameters, exception->ExceptionInformation);
}

#if defined(_MSC_VER)

#if defined(__clang__) /* outside clang-cl */
#pragma clang diagnostic ignored "-Wlanguage-extension-token"
#endif

static int describe(const EXCEPTION_POINTERS *raised, EXCEPTION_RECORD *exception)
{
    *exception = *raised->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

bool guarded_call(guarded_function *function, void *argument, EXCEPTION_RECORD *exception)
{
    __try {
        function(argument);
        return true;
    } __except (describe(GetExceptionInformation(), exception)) {
        return false;
    }
}

#elif defined(__x86_64__) || defined(__aarch64__) || defined(__i386__)

/*
 * GCC has no __try, and on ARM64, clang's calls a function that KERNEL32.dll does not export. The
 * assembly below registers this handler for the frame of guarded_call.
 */
EXCEPTION_DISPOSITION guarded_call_handle(EXCEPTION_RECORD *raised, char *frame, CONTEXT *context,
                                          void *dispatcher);
extern char guarded_call_resume[]; /* an address in its code */

#if defined(__x86_64__)

/*
 * "x64 exception handling" in Microsoft's documentation: the unwind data name the handler. The
 * frame is the stack pointer behind the prologue; the argument `exception` lies in the caller's
 * home space for it.
 */
#define EXCEPTION_AT 64

__asm__(".text\n"
        ".globl guarded_call, guarded_call_resume\n"
        ".seh_proc guarded_call\n"
        "guarded_call:\n"
        "    subq $40, %rsp\n"
        "    .seh_stackalloc 40\n"
        "    .seh_endprologue\n"
        "    .seh_handler guarded_call_handle, @except\n"
        "    movq %r8, 64(%rsp)\n"
        "    movq %rcx, %rax\n"
        "    movq %rdx, %rcx\n"
        "    call *%rax\n"
        "    movl $1, %eax\n"
        "guarded_call_resume:\n" /* with eax 0: the unwinding has set it */
        "    addq $40, %rsp\n"
        "    ret\n"
        ".seh_endproc\n");

#elif defined(__aarch64__)

/*
 * "ARM64 exception handling": the same, and the epilogue has unwind data, too. The frame is the
 * stack pointer in front of the prologue, as RtlVirtualUnwind leaves it.
 */
#define EXCEPTION_AT (-16)

__asm__(".text\n"
        ".globl guarded_call, guarded_call_resume\n"
        ".seh_proc guarded_call\n"
        "guarded_call:\n"
        "    stp x29, x30, [sp, #-32]!\n"
        "    .seh_save_fplr_x 32\n"
        "    mov x29, sp\n"
        "    .seh_set_fp\n"
        "    .seh_endprologue\n"
        "    .seh_handler guarded_call_handle, @except\n"
        "    str x2, [sp, #16]\n"
        "    mov x8, x0\n"
        "    mov x0, x1\n"
        "    blr x8\n"
        "    mov w0, #1\n"
        "guarded_call_resume:\n" /* with x0 0: the unwinding has set it */
        "    .seh_startepilogue\n"
        "    ldp x29, x30, [sp], #32\n"
        "    .seh_save_fplr_x 32\n"
        "    .seh_endepilogue\n"
        "    ret\n"
        ".seh_endproc\n");

#endif

#if defined(__x86_64__) || defined(__aarch64__)

static void resume(EXCEPTION_RECORD *raised, char *frame, CONTEXT *context, void *dispatcher)
{
    const DISPATCHER_CONTEXT *dispatching = dispatcher;
    RtlUnwindEx(frame, guarded_call_resume, raised, NULL, context,
                dispatching->HistoryTable); /* does not return */
}

#else

/*
 * The list of registrations at fs:[0], of which the frame is one. The function called registers
 * nothing, so the frame is the first, and there is nothing in front of it to unwind.
 */
#define EXCEPTION_AT 36

__asm__(".text\n"
        ".globl _guarded_call, _guarded_call_resume\n"
        "_guarded_call:\n"
        "    pushl %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    pushl %edi\n"
        "    pushl $_guarded_call_handle\n"
        "    pushl %fs:0\n"
        "    movl %esp, %fs:0\n"
        "    pushl 32(%esp)\n"
        "    call *32(%esp)\n"
        "    addl $4, %esp\n"
        "    movl $1, %eax\n"
        "_guarded_call_resume:\n" /* with eax 0, and esp at the frame */
        "    popl %fs:0\n"
        "    addl $4, %esp\n"
        "    popl %edi\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    ret\n");

static void resume(EXCEPTION_RECORD *raised, char *frame, CONTEXT *context, void *dispatcher)
{
    (void)raised;
    (void)dispatcher;
    context->Eax = 0;
    context->Esp = (DWORD)frame;
    context->Eip = (DWORD)guarded_call_resume;
}

#endif

EXCEPTION_DISPOSITION guarded_call_handle(EXCEPTION_RECORD *raised, char *frame, CONTEXT *context,
                                          void *dispatcher)
{
    if (IS_UNWINDING(raised->ExceptionFlags)) {
        return ExceptionContinueSearch;
    }
    EXCEPTION_RECORD *exception = *(EXCEPTION_RECORD **)(void *)(frame + EXCEPTION_AT);
    *exception = *raised;
    resume(raised, frame, context, dispatcher);
    return ExceptionContinueExecution;
}

#else
#error "sharedmem: no exception handling for this compiler"
#endif
