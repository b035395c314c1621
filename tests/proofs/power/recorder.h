/*
 * Memory that stands for a file's view, and a record of each store to it, as the processor performs
 * them. The pages are read-only; the fault of a store unprotects its page and sets the trap flag,
 * and the trap behind the instruction records the page and protects it again. So the code under
 * test is that which ships, optimised and with its wide moves. For Linux on x86-64.
 */
#ifndef SHAREDMEM_TESTS_POWER_RECORDER_H
#define SHAREDMEM_TESTS_POWER_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    RECORDER_PAGE = 4096,
    RECORDER_SECTOR = 512, /* what a disk writes as a whole, or not at all */
};

struct recorder_event {
    enum { RECORDED_STORE, RECORDED_BARRIER, RECORDED_FAILED_BARRIER } kind;
    size_t start, size;           /* the page, or the barrier's range */
    const unsigned char *content; /* of the page that was stored to, since then */
    bool is_change;               /* of memory; or a barrier */
};

struct recorder {
    unsigned char *memory;
    size_t size;                  /* a number of pages */
    unsigned char *before, *last; /* what memory was at the start, and after the last event */
    struct recorder_event *events;
    size_t count, room;
};

/* Zeros, with room for so many events between start and stop. */
void recorder_make(struct recorder *recorder, size_t size, size_t room);
void recorder_free(struct recorder *recorder);

/*
 * Between these two, stores and barriers are recorded, by one recorder at a time. The contents of
 * events stay until recorder_forget.
 */
void recorder_start(struct recorder *recorder);
void recorder_barrier(struct recorder *recorder, const void *start, size_t size, bool held);
void recorder_stop(struct recorder *recorder);

/* As if the process had been killed after so many events. */
void recorder_cut(struct recorder *recorder, size_t events);

/* Memory for contents: what was taken since that mark is free again. */
unsigned char *recorder_keep(const void *content, size_t size);
size_t recorder_mark(void);
void recorder_forget(size_t mark);

#endif
