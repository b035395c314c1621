/* The bytes of a region's file: where its parts are, which identities and values are believed. */
#include "check.h"

#include "durable.h"

#include <stdlib.h>
#include <string.h>

static const struct file_id id = {.low = 1, .high = 2};

static bool plan(struct file_image *image, uint64_t capacity, uint64_t depth)
{
    memset(image, 0xA5, sizeof *image);
    return file_image_plan(image, capacity, depth);
}

/* One behind the other, each on pages of its own, and large enough. */
static void check_parts(uint64_t capacity, uint64_t depth)
{
    struct file_image image;
    CHECK(plan(&image, capacity, depth));
    const struct geometry *geometry = &image.geometry;
    CHECK(geometry->slots == geometry_slots((uint32_t)depth) && geometry->slot_size >= capacity);
    CHECK(geometry->slot_size - capacity < LAYOUT_PAGE);
    CHECK_EQUAL(image.region, LAYOUT_PAGE);
    CHECK_EQUAL(image.copy[0], image.region + geometry_control(geometry) + LAYOUT_PAGE);
    CHECK_EQUAL(image.copy[1], image.copy[0] + LAYOUT_PAGE + geometry->slot_size);
    CHECK_EQUAL(image.size, image.copy[1] + LAYOUT_PAGE + geometry->slot_size);
    CHECK_EQUAL(image.size % LAYOUT_PAGE, 0);
}

static void every_part_has_its_place(void)
{
    static const uint64_t capacities[] = {1, 4095, 4096, 4097, 65536};
    for (unsigned i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        for (uint64_t depth = 1; depth <= 1024; depth++) {
            check_parts(capacities[i], depth);
        }
    }
    check_parts(1, LAYOUT_MAX_SLOTS - 2);
    check_parts(100000000, 2);
}

static void what_cannot_be_has_no_plan(void)
{
    struct file_image image;
    CHECK(!plan(&image, 0, 1));
    CHECK(!plan(&image, 1, 0));
    CHECK(!plan(&image, 1, LAYOUT_MAX_SLOTS - 1));
    CHECK(!plan(&image, 1, UINT64_MAX));
    CHECK(!plan(&image, 1, UINT64_C(1) << 32 | 1));
    CHECK(!plan(&image, UINT64_MAX, 1));
    CHECK(!plan(&image, PTRDIFF_MAX, 1));
    CHECK(!plan(&image, (uint64_t)PTRDIFF_MAX / LAYOUT_SLOTS, 1));
}

/* The largest that can be is found by halving: no size wraps on either side of it. */
static void the_largest_is_an_object(void)
{
    for (uint64_t depth = 1; depth <= 1024; depth *= 2) {
        struct file_image image;
        uint64_t possible = 1, impossible = PTRDIFF_MAX;
        while (impossible - possible > 1) {
            uint64_t middle = possible + (impossible - possible) / 2;
            *(plan(&image, middle, depth) ? &possible : &impossible) = middle;
        }
        check_parts(possible, depth);
        CHECK(plan(&image, possible, depth) && image.size <= PTRDIFF_MAX);
        size_t pages = image.geometry.slots + FILE_IMAGE_COPIES; /* that one more would take */
        CHECK(image.size / LAYOUT_PAGE + pages > (size_t)PTRDIFF_MAX / LAYOUT_PAGE);
    }
}

static void identities_are_checked(void)
{
    struct file_identity identity = file_identity_make(&id, 100, 3), changed;
    CHECK_EQUAL(file_identity_check(&identity), FILE_IDENTITY_RIGHT);
    CHECK(identity.capacity == 100 && identity.depth == 3);
    for (size_t bit = 0; bit < sizeof identity * 8; bit++) {
        bool is_magic = bit / 8 < sizeof identity.magic;
        changed = identity;
        ((unsigned char *)&changed)[bit / 8] ^= (unsigned char)(1u << bit % 8);
        CHECK_EQUAL(file_identity_check(&changed),
                    is_magic ? FILE_IDENTITY_FOREIGN : FILE_IDENTITY_DAMAGED);
    }
    changed = identity; /* by a later version */
    changed.layout++;
    changed.checksum = checksum_of_bytes(&changed, offsetof(struct file_identity, checksum));
    CHECK_EQUAL(file_identity_check(&changed), FILE_IDENTITY_FOREIGN);
    memset(&changed, 0, sizeof changed);
    CHECK_EQUAL(file_identity_check(&changed), FILE_IDENTITY_FOREIGN);
}

static bool hold(void *context, const void *start, size_t size)
{
    (void)context;
    (void)start;
    return size > 0;
}

/* Recovers a file of which one copy has a record that claims that length, for a file of that id. */
static enum durable_recovery recover(uint64_t length, const struct file_id *of)
{
    static uint64_t file[64 * LAYOUT_PAGE / sizeof(uint64_t)];
    struct file_identity identity = file_identity_make(&id, LAYOUT_PAGE, 1);
    struct file_image image;
    struct values values;
    struct durable durable = {.barrier = hold};
    CHECK(plan(&image, identity.capacity, identity.depth) && image.size <= sizeof file);
    memset(file, 0, sizeof file);
    durable_attach(&durable, &values, file, &identity, &image);

    unsigned char *copy = durable.view + image.copy[0];
    struct layout_record *record = (void *)copy;
    size_t covered = length <= 2 * LAYOUT_PAGE ? (size_t)length : 0;
    record->length = length;
    record->version = 7;
    record->checksum = checksum_of_value(of, 7, copy + LAYOUT_PAGE, covered);
    enum durable_recovery result = durable_recover(&durable);
    if (result == DURABLE_DONE) {
        uint64_t sequence = seqlatch_read_begin(&values.latch);
        CHECK_EQUAL(sequence, DURABLE_LEAP + 7);
        CHECK_EQUAL(values_size(&values, sequence), length);
    }
    return result;
}

static void what_is_no_value_of_the_file_is_not_believed(void)
{
    const struct file_id others[] = {{.low = 3, .high = 2}, {.low = 1, .high = 3}};
    CHECK_EQUAL(recover(0, &id), DURABLE_DONE);
    CHECK_EQUAL(recover(LAYOUT_PAGE, &id), DURABLE_DONE);
    CHECK_EQUAL(recover(LAYOUT_PAGE + 1, &id), DURABLE_DAMAGED);
    CHECK_EQUAL(recover(UINT64_C(1) << 40, &id), DURABLE_DAMAGED);
    CHECK_EQUAL(recover(UINT64_MAX, &id), DURABLE_DAMAGED);
    CHECK_EQUAL(recover(LAYOUT_PAGE, &others[0]), DURABLE_DAMAGED);
    CHECK_EQUAL(recover(LAYOUT_PAGE, &others[1]), DURABLE_DAMAGED);
}

int main(void)
{
    check_deadline(60);
    every_part_has_its_place();
    what_cannot_be_has_no_plan();
    the_largest_is_an_object();
    identities_are_checked();
    what_is_no_value_of_the_file_is_not_believed();
    return check_passed();
}
