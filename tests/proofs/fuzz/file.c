/*
 * A region's file of any bytes: one that was used, of which some bytes are others, or records were
 * forged. Recovery ends with an error or with a value, and the file is used further.
 */
#include "fuzz.h"

#include "durable.h"

#include <string.h>

enum {
    MOST_BYTES = 9000,
    MOST_DEPTH = 8,
    MOST_SIZE = 1 << 18, /* of a file */
    MOST_STEPS = 40,
};

static struct arena files, buffers;
static struct file_identity identity;
static struct file_image image;
static struct values values;
static bool barriers_fail;

static bool barrier(void *context, const void *start, size_t size)
{
    const unsigned char *from = start, *file = files.block;
    (void)context;
    EXPECT(from >= file && size <= image.size && from + size <= file + image.size);
    return !barriers_fail;
}

static struct durable durable = {.barrier = barrier};

/* As file_create does. */
static void create(struct input *input)
{
    const struct file_id id = {.low = input_byte(input), .high = 1};
    uint64_t capacity = 1 + input_number(input, MOST_BYTES - 1);
    identity = file_identity_make(&id, capacity, 1 + input_byte(input) % MOST_DEPTH);
    EXPECT(file_image_plan(&image, identity.capacity, identity.depth) && image.size <= MOST_SIZE);
    struct input at_the_end = {NULL, 0};
    unsigned char *file = arena_place(&files, image.size, &at_the_end);
    struct layout_record first = file_image_first_record(&id);
    memset(file, 0, image.size);
    memcpy(file, &identity, sizeof identity);
    memcpy(file + image.copy[0], &first, sizeof first);
    durable_attach(&durable, &values, file, &identity, &image);
}

/* As file_read_identity does it. */
static void check_identity(void)
{
    struct file_identity found;
    struct file_image plan;
    memcpy(&found, files.block, sizeof found);
    if (file_identity_check(&found) == FILE_IDENTITY_RIGHT &&
        file_image_plan(&plan, found.capacity, found.depth)) {
        EXPECT(plan.size > plan.copy[1] && plan.copy[1] > plan.copy[0]);
        EXPECT(plan.copy[0] > plan.region && plan.geometry.slot_size >= found.capacity);
    }
}

/* Any bytes at any place, or at those of a part. */
static void overwrite(struct input *input)
{
    size_t at = input_number(input, image.size);
    switch (input_byte(input) % 4) {
    case 0:
        at = 0;
        break;
    case 1:
        at = image.copy[input_byte(input) % FILE_IMAGE_COPIES];
        break;
    case 2:
        at = image.region + geometry_records(&image.geometry);
        break;
    default:
        break;
    }
    input_fill(input, files.block + at, input_number(input, image.size - at));
}

/* A record that proves a value, and what it likes about its length and version. */
static void forge(struct input *input)
{
    uint8_t place = input_byte(input);
    uint64_t version = place < 0x80 ? input_word(input) : input_byte(input);
    uint64_t length =
        place % 2 == 0 ? input_number(input, (size_t)identity.capacity) : input_word(input);
    struct layout_record *record = values_record(&values, place);
    const unsigned char *data = seqlatch_slot(&values.latch, place);
    if (place % 8 < FILE_IMAGE_COPIES) {
        unsigned char *copy = files.block + image.copy[place % 8];
        record = (void *)copy;
        data = copy + LAYOUT_PAGE;
    }
    size_t covered = length <= identity.capacity ? (size_t)length : 0;
    record->length = length;
    record->version = version;
    record->checksum = checksum_of_value(&identity.id, version, data, covered);
}

/* Whatever the bytes are. */
static size_t read(uint64_t last)
{
    struct values_next next;
    struct input at_the_end = {NULL, 0};
    uint64_t sequence = seqlatch_read_begin(&values.latch);
    size_t size = values_size(&values, sequence);
    EXPECT(size <= identity.capacity);
    values_copy(&values, sequence, arena_place(&buffers, size, &at_the_end), size);
    if (values_find_next(&values, last, &next)) {
        EXPECT(values_size(&values, next.sequence) <= identity.capacity);
    }
    return size;
}

static void recover(void)
{
    static unsigned char first[MOST_BYTES];
    enum durable_recovery result = durable_recover(&durable);
    if (barriers_fail) {
        EXPECT(result == DURABLE_FAILED);
        return;
    }
    size_t size = read(0);
    if (result == DURABLE_DAMAGED) {
        return;
    }
    EXPECT(result == DURABLE_DONE);
    memcpy(first, buffers.block, size);
    EXPECT(durable_recover(&durable) == DURABLE_DONE);
    EXPECT(read(0) == size && memcmp(first, buffers.block, size) == 0);
}

static void write(struct input *input)
{
    size_t size = input_number(input, (size_t)identity.capacity);
    struct input same = *input;
    input_fill(input, arena_place(&buffers, size, &same), size);
    values_write(&values, buffers.block, size);
}

static void flush(void)
{
    struct durable_snapshot snapshot;
    EXPECT(durable_take(&durable, &snapshot));
    EXPECT(durable_confirm(&durable, &snapshot) != barriers_fail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (files.start == NULL) {
        files = arena_make(MOST_SIZE);
        buffers = arena_make(MOST_BYTES);
    }
    struct input input = {data, size};
    create(&input);
    for (unsigned i = 0; i < MOST_STEPS && input.left > 0; i++) {
        uint8_t step = input_byte(&input);
        barriers_fail = step >= 0xE0;
        switch (step % 8) {
        case 0:
            overwrite(&input);
            break;
        case 1:
            forge(&input);
            break;
        case 2:
        case 3:
            write(&input);
            break;
        case 4:
            flush();
            break;
        case 5:
            read(input_word(&input));
            break;
        default:
            recover();
            break;
        }
        check_identity();
    }
    return 0;
}
