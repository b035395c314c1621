/*
 * What of a region's file survives a power failure, and how the newest whole value is found again.
 *
 * Between two barriers, the system writes any of the changed sectors to the disk, in any order, or
 * none. So the slots and the control page prove nothing after a power failure, except that a record
 * with a right checksum proves its value. Beside them, the file has two copies of values. One of
 * them is the confirmed one: it was written, then a barrier made it durable, and only then the
 * control page names it. Only the other one is ever written. So the disk always has the confirmed
 * copy, whole.
 *
 * After SQLite's "Atomic Commit", and the two checksummed meta pages of bolt and LMDB.
 */
#ifndef SHAREDMEM_DURABLE_H
#define SHAREDMEM_DURABLE_H

#include "file_image.h"
#include "values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Added to the version by each recovery, because later ones may have been given out that the disk
 * never had. A multiple of each N, so the value stays in its slot.
 */
#define DURABLE_LEAP (UINT64_C(1) << 32)

/* How far versions may be ahead of the durable one: well below the leap, for writers that race. */
#define DURABLE_LEAD (DURABLE_LEAP / 2)

/* What is stored in these bytes of the view is on the disk when it returns; FALSE: perhaps not. */
typedef bool durable_barrier(void *context, const void *start, size_t size);

struct durable {
    const struct file_image *image;
    const struct file_id *id;
    unsigned char *view;         /* of the whole file */
    const struct values *values; /* in the view */
    durable_barrier *barrier;
    void *context;
};

/*
 * Finds the values in a view of the whole file, which has that identity. They keep its id; the
 * identity and the image stay where they are.
 */
void durable_attach(struct durable *durable, struct values *values, void *view,
                    const struct file_identity *identity, const struct file_image *image);

/*
 * The version that is known to be on the disk; 0: none is. `confirmed` has its lowest 63 bits. Of
 * the versions that these can mean, it is the greatest that is not ahead of the present one: so
 * whatever a hostile process writes there, a flush of the next value is made.
 */
static inline uint64_t durable_version(const struct durable *durable)
{
    const struct layout_control *control = durable->values->latch.control;
    uint64_t confirmed = atomic_load_acquire(&control->confirmed) / FILE_IMAGE_COPIES;
    uint64_t present = seqlatch_read_begin(&durable->values->latch);
    uint64_t behind = (present - confirmed) & (UINT64_MAX / FILE_IMAGE_COPIES);
    return behind <= present ? present - behind : 0;
}

enum durable_recovery {
    DURABLE_DONE,
    DURABLE_FAILED,  /* the barrier did */
    DURABLE_DAMAGED, /* no record proves itself */
};

/*
 * For the only process that has the file open. Makes the newest value that proves itself the
 * current one and a durable one, under a version that was never given out, and everything else of
 * the region new. (A file that no process had open since it was made stays at version 0.) May be
 * cut short anywhere, and begun again.
 */
enum durable_recovery durable_recover(const struct durable *durable);

/* A value that durable_take has put into a copy. */
struct durable_snapshot {
    uint64_t version;
    unsigned copy;
};

/*
 * Copies the current value to the copy that is not confirmed. FALSE: writers came in between again
 * and again; it succeeds when they are locked out. For the owner of the flush lock, as is the next
 * one.
 */
bool durable_take(const struct durable *durable, struct durable_snapshot *snapshot);

/* Makes it durable, and confirms it. FALSE: the barrier failed, and nothing is confirmed. */
bool durable_confirm(const struct durable *durable, const struct durable_snapshot *snapshot);

#endif
