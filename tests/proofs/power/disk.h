/*
 * What may be on the disk. At any moment, each sector has, whatever the others have, one of the
 * contents that it has had in memory since a barrier that covered it returned.
 *
 * A barrier that fails is worse than none: as under Linux, all of the file's pages may count as
 * written from then on, so that later barriers pass over them until they are stored to again.
 */
#ifndef SHAREDMEM_TESTS_POWER_DISK_H
#define SHAREDMEM_TESTS_POWER_DISK_H

#include "recorder.h"

#include <stdint.h>

struct disk_sector {
    const unsigned char **contents; /* the oldest first; no two are the same */
    unsigned count, room;
    unsigned present; /* which of them is in memory */
    unsigned chosen;  /* which of them an image has */
};

struct disk {
    struct disk_sector *sectors;
    size_t count;
    bool *is_dirty; /* of each page: it was stored to since the last barrier, even a failed one */
};

void disk_make(struct disk *disk, size_t size);
void disk_free(struct disk *disk);

/* The disk has that content, which stays where it is. */
void disk_reset(struct disk *disk, const unsigned char *content);

enum { DISK_MOST_FRESH = RECORDER_PAGE / RECORDER_SECTOR };

/* Returns how many sectors may have a content now that they could not have before, and which. */
unsigned disk_apply(struct disk *disk, const struct recorder_event *event,
                    size_t fresh[DISK_MOST_FRESH]);

/* Numbers that look random, the same ones for the same seed. */
uint64_t random_number(uint64_t *seed, uint64_t below);

typedef void disk_visitor(void *context, const struct disk *disk);

/*
 * Visits the images in which one of the fresh sectors has its present content, or all images if
 * there are no fresh ones: each of them if they are at most `all`, else `sampled` random ones.
 */
void disk_visit(struct disk *disk, const size_t *fresh, unsigned fresh_count, unsigned all,
                unsigned sampled, uint64_t *seed, disk_visitor *visit, void *context);

void disk_choose(struct disk *disk, uint64_t *seed);
void disk_copy_image(const struct disk *disk, unsigned char *image);

#endif
