/*
 * A sequence latch over N slots (N a power of two): one writer at a time publishes, any number of
 * readers take snapshots without a lock and without a store. After the Linux kernel's seqcount
 * latch (include/linux/seqlock.h); the fences follow H.-J. Boehm, "Can Seqlocks Get Along With
 * Programming Language Memory Models?" (MSPC 2012).
 *
 *     read:   sequence = seqlatch_read_begin();
 *             copy seqlatch_slot(sequence);
 *             if seqlatch_read_retry(sequence), throw the copy away
 *     write:  sequence = seqlatch_read_begin() + 1;
 *             fill seqlatch_slot(sequence);
 *             seqlatch_publish(sequence)
 *
 * The slot that a snapshot copies is next overwritten by publication sequence + N, which starts
 * only when the sequence is sequence + N - 1. A reader that finds it at most sequence + N - 2 after
 * copying has therefore copied a slot that no writer touched. A writer that dies anywhere leaves
 * the old or the new value current, and both whole.
 *
 * What the fences become: x86 performs loads in order and makes stores visible in order, so there
 * they only constrain the compiler. (Non-temporal stores, which a C library's memcpy may use for
 * large copies, are outside that order. memcpy fences them at its end; and between two copies that
 * large stand the locked instructions of the writer lock.) On ARM64, seqlatch_read_begin is an
 * ldar, the acquire fence a dmb ishld, a release fence a dmb ish, and stores are multi-copy atomic:
 * a reader that met a byte of publication sequence + N, by whatever writer, finds the sequence that
 * was stored before it. Where two writers made the two, the writer lock orders them; see
 * robust_lock.c. The model in tests/ breaks each of these orders, and a read is torn.
 *
 * Every number in the section may be hostile: a sequence is only ever compared, or reduced to one
 * of N slots, whose number and addresses this process has from the system.
 */
#ifndef SHAREDMEM_SEQLATCH_H
#define SHAREDMEM_SEQLATCH_H

#include "atomic.h"
#include "layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seqlatch {
    struct layout_control *control;
    uint32_t slots; /* N */
    unsigned char *slot0;
    ptrdiff_t stride; /* from each slot to the next */
};

static inline void *seqlatch_slot(const struct seqlatch *latch, uint64_t sequence)
{
    return latch->slot0 + (ptrdiff_t)(sequence & (latch->slots - 1)) * latch->stride;
}

/*
 * Acquire. Synchronizes with the release fence in seqlatch_publish: a reader that sees the sequence
 * sees the slot's bytes.
 */
static inline uint64_t seqlatch_read_begin(const struct seqlatch *latch)
{
    return atomic_load_acquire(&latch->control->sequence);
}

/*
 * Whether what was copied out of seqlatch_slot(sequence) may be a mixture of two values.
 *
 * The acquire fence keeps the loads of the copy before the load of the sequence. It synchronizes
 * with the second release fence in seqlatch_publish: had the copy met one byte of publication
 * sequence + N, this load would return sequence + N - 1 at least.
 */
static inline bool seqlatch_read_retry(const struct seqlatch *latch, uint64_t sequence)
{
    atomic_fence_acquire();
    return atomic_load_relaxed(&latch->control->sequence) - sequence > latch->slots - 2;
}

/*
 * Makes the filled seqlatch_slot(sequence) the current one. The caller owns the writer lock.
 *
 * The first fence keeps the stores to the slot before the store of the sequence (synchronizes with
 * seqlatch_read_begin). The second keeps that store before those of the next publication, which go
 * to a slot that readers of an older value may still be copying (synchronizes with
 * seqlatch_read_retry). A store-release would not do: it orders the stores before it, not those
 * after it. On x86 both fences are free; they only constrain the compiler.
 */
static inline void seqlatch_publish(const struct seqlatch *latch, uint64_t sequence)
{
    atomic_fence_release();
    atomic_store_relaxed(&latch->control->sequence, sequence);
    atomic_fence_release();
}

#endif
