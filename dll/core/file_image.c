#include "file_image.h"

bool file_image_plan(struct file_image *image, uint64_t capacity, uint64_t depth)
{
    if (depth < 1 || depth > LAYOUT_MAX_SLOTS - 2) {
        return false;
    }
    uint32_t slots = geometry_slots((uint32_t)depth);
    size_t region_size = geometry_size(capacity, slots);
    if (capacity == 0 || region_size == 0) {
        return false;
    }
    geometry_find(&image->geometry, region_size);
    size_t copy_size = LAYOUT_PAGE + image->geometry.slot_size;
    if ((size_t)PTRDIFF_MAX - region_size < LAYOUT_PAGE + FILE_IMAGE_COPIES * copy_size) {
        return false;
    }
    image->region = LAYOUT_PAGE;
    image->copy[0] = image->region + region_size;
    image->copy[1] = image->copy[0] + copy_size;
    image->size = image->copy[1] + copy_size;
    return true;
}

static uint64_t checksum_of(const struct file_identity *identity)
{
    return checksum_of_bytes(identity, offsetof(struct file_identity, checksum));
}

struct file_identity file_identity_make(const struct file_id *id, uint64_t capacity, uint64_t depth)
{
    struct file_identity identity = {
        .magic = FILE_IMAGE_MAGIC,
        .layout = FILE_IMAGE_LAYOUT,
        .id = *id,
        .capacity = capacity,
        .depth = depth,
    };
    identity.checksum = checksum_of(&identity);
    return identity;
}

struct layout_record file_image_first_record(const struct file_id *id)
{
    return (struct layout_record){.checksum = checksum_of_value(id, 0, "", 0)};
}

enum file_identity_verdict file_identity_check(const struct file_identity *identity)
{
    if (identity->magic != FILE_IMAGE_MAGIC) {
        return FILE_IDENTITY_FOREIGN;
    }
    if (identity->checksum != checksum_of(identity)) {
        return FILE_IDENTITY_DAMAGED;
    }
    return identity->layout == FILE_IMAGE_LAYOUT ? FILE_IDENTITY_RIGHT : FILE_IDENTITY_FOREIGN;
}
