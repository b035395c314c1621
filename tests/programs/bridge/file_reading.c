/* The reader of dll/examples/native: which files it takes, and that it reads whole values only. */
#include "file_reader.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 5000, DEPTH = 3 };

static const struct file_id id = {1, 2};
static char path[64] = "file_reading.region";

static bool no_barrier(void *context, const void *start, size_t size)
{
    (void)context;
    (void)start;
    (void)size;
    return true;
}

/* A file in memory, as a process has it that has opened it for the first time. */
struct opened {
    struct file_identity identity;
    struct file_image image;
    struct durable durable;
    struct values values;
    unsigned char *bytes;
};

static void recover(struct opened *file)
{
    durable_attach(&file->durable, &file->values, file->bytes, &file->identity, &file->image);
    file->durable.barrier = no_barrier;
    CHECK(durable_recover(&file->durable) == DURABLE_DONE);
}

static void make(struct opened *file)
{
    file->identity = file_identity_make(&id, CAPACITY, DEPTH);
    CHECK(file_image_plan(&file->image, CAPACITY, DEPTH));
    file->bytes = aligned_alloc(LAYOUT_PAGE, file->image.size);
    CHECK(file->bytes != NULL);
    memset(file->bytes, 0, file->image.size);
    memcpy(file->bytes, &file->identity, sizeof file->identity);
    struct layout_record first = file_image_first_record(&id);
    memcpy(file->bytes + file->image.copy[0], &first, sizeof first);
}

static void save(const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    CHECK(stream != NULL);
    CHECK(fwrite(bytes, 1, size, stream) == size && fclose(stream) == 0);
}

/* Reads the value; NULL, or what the reader says is wrong. */
static const char *read_file(char value[CAPACITY], size_t *size, uint64_t *version)
{
    struct file_reader reader;
    const char *problem = file_reader_open(&reader, path);
    if (problem == NULL) {
        CHECK_EQUAL(file_reader_capacity(&reader), CAPACITY);
        problem = file_reader_read(&reader, value, size, version, 100);
        file_reader_close(&reader);
    }
    return problem;
}

static void expect(const struct opened *file, const char *expected, uint64_t expected_version)
{
    char value[CAPACITY];
    size_t size;
    uint64_t version;
    save(file->bytes, file->image.size);
    const char *problem = read_file(value, &size, &version);
    CHECK(problem == NULL);
    CHECK(version == expected_version && size == strlen(expected));
    CHECK(memcmp(value, expected, size) == 0);
}

static void expect_problem(const char *words)
{
    char value[CAPACITY];
    size_t size;
    uint64_t version;
    const char *problem = read_file(value, &size, &version);
    CHECK(problem != NULL && strstr(problem, words) != NULL);
}

static void the_present_value_is_read(struct opened *file)
{
    static char longest[CAPACITY + 1];
    recover(file);
    expect(file, "", 0);
    values_write(&file->values, "one", 3);
    expect(file, "one", 1);
    memset(longest, 'x', CAPACITY);
    values_write(&file->values, longest, CAPACITY);
    expect(file, longest, 2);
    for (uint64_t version = 3; version < 20; version++) {
        snprintf(longest, sizeof longest, "%llu", (unsigned long long)version);
        values_write(&file->values, longest, strlen(longest));
        expect(file, longest, version);
    }
    recover(file);
    expect(file, "19", 19 + DURABLE_LEAP);
}

static void a_value_that_does_not_prove_itself_is_none(struct opened *file)
{
    unsigned char *slot = seqlatch_slot(&file->values.latch, 19);
    slot[0] ^= 1;
    save(file->bytes, file->image.size);
    expect_problem("has no value yet");
    slot[0] ^= 1;

    struct layout_record *record = values_record(&file->values, 19);
    record->length = UINT64_MAX; /* nothing beyond the slot is read */
    save(file->bytes, file->image.size);
    expect_problem("has no value yet");
    record->length = 2;
    expect(file, "19", 19 + DURABLE_LEAP);
}

static void other_files_are_refused(struct opened *file)
{
    CHECK(remove(path) == 0);
    expect_problem("No such file");
    save("", 0);
    expect_problem("not a region's file");
    save("another program's file, which has more bytes than an identity", 60);
    expect_problem("not a region's file");
    save(file->bytes, sizeof file->identity);
    expect_problem("damaged");
    save(file->bytes, file->image.size - 1);
    expect_problem("damaged");
    file->bytes[offsetof(struct file_identity, capacity)] ^= 1;
    save(file->bytes, file->image.size);
    expect_problem("damaged");
    CHECK(remove(path) == 0);
    strcpy(path, ".");
    expect_problem("not a region's file");
}

int main(void)
{
    static struct opened file;
    check_deadline(60);
    make(&file);
    the_present_value_is_read(&file);
    a_value_that_does_not_prove_itself_is_none(&file);
    other_files_are_refused(&file);
    free(file.bytes);
    return check_passed();
}
