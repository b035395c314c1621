#define _GNU_SOURCE /* for the registers that a signal handler may change */

#include "recorder.h"

#include "check.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define TRAP_FLAG 0x100

enum {
    MOST_PAGES = 2, /* that one instruction stores to */
    ALIGNMENT = 64, /* of contents */
};

static const size_t POOL_SIZE = (size_t)1 << 32; /* of addresses; memory is taken as it is used */

static struct recorder *active;
static unsigned char *unprotected[MOST_PAGES];
static unsigned unprotected_count;

static unsigned char *pool;
static size_t pool_used;

static void *reserve(size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(start != MAP_FAILED);
    return start;
}

static void protect(unsigned char *start, size_t size, int protection)
{
    CHECK(mprotect(start, size, protection) == 0);
}

static void add(struct recorder_event event)
{
    CHECK(active->count < active->room);
    active->events[active->count++] = event;
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    ucontext_t *registers = context;
    unsigned char *address = info->si_addr;
    if (active == NULL || address < active->memory || address >= active->memory + active->size ||
        unprotected_count == MOST_PAGES) {
        signal(signal_number, SIG_DFL); /* the instruction faults again, and that is the end */
        return;
    }
    unsigned char *page = address - (uintptr_t)address % RECORDER_PAGE;
    protect(page, RECORDER_PAGE, PROT_READ | PROT_WRITE);
    unprotected[unprotected_count++] = page;
    registers->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
    ucontext_t *registers = context;
    (void)signal_number;
    (void)info;
    registers->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    while (unprotected_count > 0) {
        unsigned char *page = unprotected[--unprotected_count];
        size_t start = (size_t)(page - active->memory);
        add((struct recorder_event){.kind = RECORDED_STORE,
                                    .start = start,
                                    .size = RECORDER_PAGE,
                                    .content = recorder_keep(page, RECORDER_PAGE),
                                    .is_change =
                                        memcmp(page, active->last + start, RECORDER_PAGE) != 0});
        memcpy(active->last + start, page, RECORDER_PAGE);
        protect(page, RECORDER_PAGE, PROT_READ);
    }
}

static void handle(int signal_number, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = handler;
    CHECK(sigaction(signal_number, &action, NULL) == 0);
}

void recorder_make(struct recorder *recorder, size_t size, size_t room)
{
    if (pool == NULL) {
        pool = reserve(POOL_SIZE);
        handle(SIGSEGV, on_fault);
        handle(SIGTRAP, on_trap);
    }
    CHECK(size % RECORDER_PAGE == 0);
    *recorder = (struct recorder){.memory = reserve(size), .size = size, .room = room};
    recorder->before = malloc(size);
    recorder->last = malloc(size);
    recorder->events = malloc(room * sizeof *recorder->events);
    CHECK(recorder->before != NULL && recorder->last != NULL && recorder->events != NULL);
}

void recorder_free(struct recorder *recorder)
{
    munmap(recorder->memory, recorder->size);
    free(recorder->before);
    free(recorder->last);
    free(recorder->events);
}

void recorder_start(struct recorder *recorder)
{
    CHECK(active == NULL);
    memcpy(recorder->before, recorder->memory, recorder->size);
    memcpy(recorder->last, recorder->memory, recorder->size);
    recorder->count = 0;
    active = recorder;
    protect(recorder->memory, recorder->size, PROT_READ);
}

void recorder_stop(struct recorder *recorder)
{
    CHECK(active == recorder);
    protect(recorder->memory, recorder->size, PROT_READ | PROT_WRITE);
    active = NULL;
}

unsigned char *recorder_keep(const void *content, size_t size)
{
    unsigned char *copy = pool + pool_used;
    CHECK(size <= POOL_SIZE - pool_used);
    pool_used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return memcpy(copy, content, size);
}

size_t recorder_mark(void)
{
    return pool_used;
}

void recorder_forget(size_t mark)
{
    pool_used = mark;
}

void recorder_barrier(struct recorder *recorder, const void *start, size_t size, bool held)
{
    CHECK(active == recorder);
    add((struct recorder_event){.kind = held ? RECORDED_BARRIER : RECORDED_FAILED_BARRIER,
                                .start = (size_t)((const unsigned char *)start - recorder->memory),
                                .size = size,
                                .is_change = true});
}

void recorder_cut(struct recorder *recorder, size_t events)
{
    memcpy(recorder->memory, recorder->before, recorder->size);
    recorder->count = events;
    for (size_t i = 0; i < events; i++) {
        const struct recorder_event *event = &recorder->events[i];
        if (event->kind == RECORDED_STORE) {
            memcpy(recorder->memory + event->start, event->content, event->size);
        }
    }
}
