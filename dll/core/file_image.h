/*
 * The bytes of a file that backs a region:
 *
 *     [identity page][region, as in layout.h][copy 0][copy 1]
 *
 * A copy is a page, which begins with a record, and as many bytes as a slot has. What is in the
 * region may be torn by a power failure; of the two copies, one is always whole. See durable.h.
 *
 * Several geometries can make a file of the same size, so the identity states capacity and depth.
 * They are believed if its checksum is right, and the file has the very size that they make.
 */
#ifndef SHAREDMEM_FILE_IMAGE_H
#define SHAREDMEM_FILE_IMAGE_H

#include "checksum.h"
#include "geometry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_IMAGE_MAGIC UINT64_C(0x656C69466D4D6853) /* "ShMmFile" */
#define FILE_IMAGE_LAYOUT 2u
#define FILE_IMAGE_COPIES 2u

/* Written once, before the file has its name. */
struct file_identity {
    uint64_t magic;
    uint64_t layout;
    struct file_id id;
    uint64_t capacity;
    uint64_t depth;
    uint64_t checksum; /* of the fields before */
};

_Static_assert(sizeof(struct file_identity) == 56, "file_identity has no holes");

/* Where the parts are, in bytes from the start of the file. */
struct file_image {
    struct geometry geometry;
    size_t region;
    size_t copy[FILE_IMAGE_COPIES];
    size_t size; /* of the file */
};

/* FALSE: such a file would be larger than any object can be. */
bool file_image_plan(struct file_image *image, uint64_t capacity, uint64_t depth);

struct file_identity file_identity_make(const struct file_id *id, uint64_t capacity,
                                        uint64_t depth);

enum file_identity_verdict { FILE_IDENTITY_RIGHT, FILE_IDENTITY_FOREIGN, FILE_IDENTITY_DAMAGED };

/* That of copy 0 of a new file, which is all zero otherwise: version 0, without a byte. */
struct layout_record file_image_first_record(const struct file_id *id);

enum file_identity_verdict file_identity_check(const struct file_identity *identity);

#endif
