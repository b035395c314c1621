/*
 * A latch over N slots (N a power of two): one writer at a time publishes, any number of readers
 * take snapshots without a lock and without a store. After the Linux kernel's seqcount latch
 * (include/linux/seqlock.h); the fences follow H.-J. Boehm, "Can Seqlocks Get Along With
 * Programming Language Memory Models?" (MSPC 2012).
 *
 *     read:   sequence = latch_begin();  copy latch_slot(sequence);  latch_unchanged(sequence)?
 *     write:  sequence = latch_begin() + 1;  fill latch_slot(sequence);  latch_publish(sequence)
 *
 * The slot that a snapshot copies is next overwritten by publication sequence + N, which starts
 * only when the sequence stands at sequence + N - 1. A reader that finds it at most at sequence + N
 * - 2 when it has copied has therefore copied a slot that nobody touched. A writer that dies
 * anywhere leaves the old or the new value current, and both whole.
 *
 * What the fences below come to: x86 does loads in order and makes stores visible in order, so that
 * there they only hold the compiler. (Stores past the cache, which a C library's memcpy may use for
 * large copies, are outside that order. memcpy fences them at its end; and between two that large
 * stand the locked instructions of the writer lock.) On ARM64 latch_begin is an ldar, the acquire
 * fence a dmb ishld, a release fence a dmb ish; and what one thread can see, all can: a reader that
 * met a byte of publication sequence + N, whoever wrote it, finds the sequence that was stored
 * before. Where two writers made these two, the hand-over of the lock stands between them; see
 * writer_lock.c. tests/model breaks each of these orders, and a read is torn.
 *
 * Every number in the section may be hostile: a sequence is only ever compared, or reduced to one
 * of the N slots whose addresses this process made itself.
 */
#ifndef SHAREDMEM_LATCH_H
#define SHAREDMEM_LATCH_H

#include "atomic.h"
#include "layout.h"

#include <stdbool.h>
#include <stdint.h>

struct latch {
    struct layout_control *control;
    uint32_t slots;  /* N */
    void *slot[LAYOUT_MAX_SLOTS];

    /* Bytes that a value may have: what this process found, and what can be true. */
    size_t capacity;
    size_t least_capacity;
    size_t most_capacity; /* no slot is smaller */
};

/* The capacity that the section states; where that cannot be true, the one that was found. */
static inline size_t latch_capacity(const struct latch *latch)
{
    uint64_t stated = atomic_load_relaxed(&latch->control->capacity);
    return stated >= latch->least_capacity && stated <= latch->most_capacity ? (size_t)stated
                                                                             : latch->capacity;
}

static inline void *latch_slot(const struct latch *latch, uint64_t sequence)
{
    return latch->slot[sequence & (latch->slots - 1)];
}

static inline uint64_t *latch_length(const struct latch *latch, uint64_t sequence)
{
    return &latch->control->length[sequence & (latch->slots - 1)];
}

/* Acquire, pairs with the release in latch_publish: who sees the sequence sees the slot's bytes. */
static inline uint64_t latch_begin(const struct latch *latch)
{
    return atomic_load_acquire(&latch->control->sequence);
}

/*
 * Whether what was copied out of latch_slot(sequence) is one whole value.
 *
 * The acquire fence keeps the loads of the copy before the load of the sequence; it pairs with the
 * second release fence of latch_publish: had the copy met one byte of publication sequence + N,
 * this load would see sequence + N - 1 at least.
 */
static inline bool latch_unchanged(const struct latch *latch, uint64_t sequence)
{
    atomic_fence_acquire();
    return atomic_load_relaxed(&latch->control->sequence) - sequence <= latch->slots - 2;
}

/*
 * Makes the filled latch_slot(sequence) the current one. The caller owns the writer lock.
 *
 * The first fence keeps the stores to the slot before the store of the sequence (pairs with
 * latch_begin). The second keeps that store before those of the next publication, which go to a
 * slot that readers of an older value may still be copying (pairs with latch_unchanged); a store
 * with release order would not do: it holds back what stands before it, not what comes after. On
 * x86 both fences cost nothing, they only hold the compiler.
 */
static inline void latch_publish(const struct latch *latch, uint64_t sequence)
{
    atomic_fence_release();
    atomic_store_relaxed(&latch->control->sequence, sequence);
    atomic_fence_release();
}

#endif
