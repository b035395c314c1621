/*
 * A region's file to which anything may have happened while no process had it open. Opening it
 * fails with a documented error, and leaves it as it is, or finds one of the whole values that were
 * written to it: never a mixture, never another file's.
 *
 *     damaged_file          a sample of the bytes
 *     damaged_file every    each byte of the file
 */
#include "check.h"
#include "process.h"
#include "raw_file.h"

#include "durable.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    CAPACITY = 100,
    VALUES = 6,  /* written; two of them are flushed */
    MEANT = 256, /* bytes at the start of each page of the file, of which */
    STRIDE = 13, /* the sample has one in so many */
    SPANS = 150,
};

static WCHAR path[MAX_PATH];
static unsigned char *whole; /* the file as it was closed, whose newest value is number VALUES */
static size_t size;
static ULONGLONG last_version;

static SIZE_T make_value(unsigned char data[CAPACITY], unsigned number)
{
    memset(data, (int)(number * 31), CAPACITY);
    return number * 15;
}

static HSHAREDMEM open_file(DWORD flags, ULONGLONG capacity)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .capacity = capacity, .file = path};
    return OpenSharedMemEx(NULL, &options);
}

static void write_value(HSHAREDMEM region, unsigned number)
{
    unsigned char data[CAPACITY];
    SIZE_T length = make_value(data, number);
    CHECK(WriteSharedMem(region, data, length, &last_version));
}

/* The number of the present value, which is one of ours, whole. */
static unsigned read_number(HSHAREDMEM region, ULONGLONG *version)
{
    unsigned char data[CAPACITY], expected[CAPACITY];
    SIZE_T length = sizeof data;
    CHECK(ReadSharedMem(region, data, &length, version));
    unsigned number = (unsigned)length / 15;
    CHECK(number <= VALUES && make_value(expected, number) == length);
    CHECK(memcmp(data, expected, length) == 0);
    return number;
}

/* Another file has the same values in another order. */
static unsigned char *make_file(bool reversed)
{
    raw_file_fresh(L"sharedmem-test-damaged.region", path);
    HSHAREDMEM region = open_file(SHARED_MEM_CREATE_NEW, CAPACITY);
    CHECK(region != NULL);
    for (unsigned number = 1; number <= VALUES; number++) {
        write_value(region, reversed ? VALUES - number : number);
        CHECK(number % 2 == 0 || number == 5 || FlushSharedMem(region, last_version, NULL));
    }
    CHECK(CloseSharedMem(region));
    return raw_file_read(path, &size);
}

static void check_unchanged(const unsigned char *data, size_t bytes)
{
    size_t bytes_now;
    unsigned char *now = raw_file_read(path, &bytes_now);
    CHECK(bytes_now == bytes && memcmp(now, data, bytes) == 0);
    free(now);
}

/* As a program that may only read, and that may not be the first. */
static void refuse_readers(void)
{
    CHECK(open_file(SHARED_MEM_READ_ONLY, 0) == NULL);
    CHECK(GetLastError() == ERROR_FILE_CORRUPT || GetLastError() == ERROR_INVALID_DATA);
}

/* Returns the error; or 0 and the number of the value that is found, after which all is well. */
static DWORD try_file(const unsigned char *data, size_t bytes, unsigned *number)
{
    ULONGLONG version, durable;
    raw_file_write(path, data, bytes);
    refuse_readers();
    HSHAREDMEM region = open_file(0, 0);
    DWORD error = GetLastError();
    if (region == NULL) {
        CHECK(error == ERROR_FILE_CORRUPT || error == ERROR_INVALID_DATA);
        check_unchanged(data, bytes);
        return error;
    }
    *number = read_number(region, &version);
    write_value(region, *number % VALUES + 1);
    CHECK_EQUAL(last_version, version + 1);
    CHECK_EQUAL(read_number(region, &version), *number % VALUES + 1);
    CHECK(FlushSharedMem(region, version, &durable) && durable == version);
    CHECK(CloseSharedMem(region));
    return ERROR_SUCCESS;
}

/* One byte is another one. */

/* Of a page, the first bytes mean something, and more of the control page. */
static size_t next_byte(const struct raw_file *file, size_t at, bool every)
{
    if (every || at < sizeof(struct file_identity)) {
        return at + 1;
    }
    size_t in_page = at % LAYOUT_PAGE, page = at - in_page;
    bool is_control = file->view + page == (unsigned char *)raw_file_control(file);
    bool matters = in_page < (is_control ? sizeof(struct layout_control) / 3 : MEANT);
    return matters ? at + STRIDE : page + LAYOUT_PAGE;
}

/* Where the newest value is, and its record: nothing else has it. */
static bool is_newest(const struct raw_file *file, size_t at)
{
    uint64_t sequence = raw_file_control(file)->sequence;
    size_t slot = LAYOUT_PAGE + (size_t)(sequence % LAYOUT_SLOTS) * LAYOUT_PAGE;
    const unsigned char *record =
        (const unsigned char *)(raw_file_records(file) + sequence % LAYOUT_SLOTS);
    return at - slot < VALUES * 15 || (size_t)(file->view + at - record) < 24;
}

/* Without its identity, it is no region's file; else the newest value is found that is whole. */
static void a_byte_costs_a_value_at_most(bool every)
{
    unsigned tried = 0, refused = 0, older = 0;
    const struct raw_file pattern = {whole, size};
    unsigned char *data = malloc(size);
    CHECK(data != NULL);
    memcpy(data, whole, size);
    for (size_t at = 0; at < size; at = next_byte(&pattern, at, every)) {
        bool has_identity = at >= sizeof(struct file_identity),
             has_newest = !is_newest(&pattern, at);
        const unsigned char others[] = {0, 0xFF, (unsigned char)(whole[at] ^ 1),
                                        (unsigned char)(whole[at] ^ 0x80)};
        for (size_t i = 0; i < ARRAYSIZE(others); i++) {
            unsigned number = 0;
            if (others[i] == whole[at]) {
                continue;
            }
            data[at] = others[i];
            DWORD error = try_file(data, size, &number);
            data[at] = whole[at];
            CHECK((error == ERROR_SUCCESS) == has_identity);
            CHECK(error != ERROR_SUCCESS || number == (has_newest ? VALUES : VALUES - 1));
            tried++;
            refused += error != ERROR_SUCCESS;
            older += error == ERROR_SUCCESS && number != VALUES;
        }
    }
    free(data);
    printf("%u bytes changed: %u times refused, %u times an older value\n", tried, refused, older);
    CHECK(refused > 0 && older > 0);
}

/* Many bytes are others. */
static void what_is_found_was_written(void)
{
    unsigned found = 0, number;
    unsigned char *data = malloc(size);
    CHECK(data != NULL);
    for (unsigned i = 0; i < SPANS; i++) {
        memcpy(data, whole, size);
        for (unsigned span = 0; span <= i % 4; span++) {
            size_t at = LAYOUT_PAGE + (size_t)rand() % (size - LAYOUT_PAGE);
            size_t bytes = (size_t)rand() % (size - at) / 2;
            for (size_t k = 0; k < bytes; k++) {
                data[at + k] = (unsigned char)(i % 3 == 0 ? 0 : i % 3 == 1 ? 0xFF : rand());
            }
        }
        found += try_file(data, size, &number) == ERROR_SUCCESS;
    }
    free(data);
    printf("%u times bytes changed: %u times a value\n", (unsigned)SPANS, found);
    CHECK(found > 0);
}

static void nothing_is_found_where_nothing_is(void)
{
    static const int bytes[] = {0, 0xFF, 0x5A};
    unsigned number;
    unsigned char *data = malloc(size);
    CHECK(data != NULL);
    memcpy(data, whole, LAYOUT_PAGE);
    for (size_t i = 0; i < ARRAYSIZE(bytes); i++) {
        memset(data + LAYOUT_PAGE, bytes[i], size - LAYOUT_PAGE);
        CHECK_EQUAL(try_file(data, size, &number), ERROR_FILE_CORRUPT);
    }
    free(data);
}

/* Values of a file prove themselves to be that file's. */
static void another_files_values_are_no_values(void)
{
    unsigned number = 0;
    unsigned char *other = make_file(true);
    unsigned char *data = malloc(size);
    CHECK(data != NULL);
    memcpy(data, other, size);
    memcpy(data, whole, LAYOUT_PAGE);
    CHECK_EQUAL(try_file(data, size, &number), ERROR_FILE_CORRUPT);

    /* Half of it: what is left of the right file's. */
    size_t half =
        (size_t)((unsigned char *)raw_file_records(&(struct raw_file){data, size}) - data);
    memcpy(data + half, whole + half, size - half);
    CHECK_EQUAL(try_file(data, size, &number), ERROR_SUCCESS);
    CHECK(number == 3); /* the flushed one */
    free(data);
    free(other);
}

/* Cut, or with something behind its end. */
static void the_size_is_exact(void)
{
    unsigned number;
    unsigned char *data = calloc(2, size);
    CHECK(data != NULL);
    memcpy(data, whole, size);
    for (size_t bytes = 0; bytes < 2 * size; bytes += bytes < 64 ? 7 : size / 9) {
        DWORD error =
            bytes < sizeof(struct file_identity) ? ERROR_INVALID_DATA : ERROR_FILE_CORRUPT;
        CHECK_EQUAL(try_file(data, bytes, &number), error);
    }
    const size_t sizes[] = {size - LAYOUT_PAGE, size - 1, size + 1, size + LAYOUT_PAGE};
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        CHECK_EQUAL(try_file(data, sizes[i], &number), ERROR_FILE_CORRUPT);
    }
    CHECK_EQUAL(try_file(data, size, &number), ERROR_SUCCESS);
    free(data);
}

/* Which another program has put in its place. */
static void another_programs_file_is_left_alone(void)
{
    unsigned number;
    unsigned char *data = malloc(size);
    CHECK(data != NULL);
    for (size_t bytes = 1; bytes <= size; bytes *= 3) {
        for (size_t i = 0; i < bytes; i++) {
            data[i] = (unsigned char)rand();
        }
        CHECK_EQUAL(try_file(data, bytes, &number), ERROR_INVALID_DATA);
        CHECK(open_file(0, CAPACITY) == NULL && GetLastError() == ERROR_INVALID_DATA);
        CHECK(open_file(SHARED_MEM_CREATE_NEW, CAPACITY) == NULL);
        CHECK_EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);
        check_unchanged(data, bytes);
    }
    free(data);
}

/* Processes that have the file open go on; others are refused until the identity is repaired. */
static void an_open_region_does_without_its_identity(void)
{
    ULONGLONG version;
    unsigned number;
    raw_file_write(path, whole, size);
    HSHAREDMEM region = open_file(0, 0);
    CHECK(region != NULL);
    struct raw_file file = raw_file_open(path);
    memset(file.view, 0xA5, LAYOUT_PAGE);
    CHECK(open_file(0, 0) == NULL && GetLastError() == ERROR_INVALID_DATA);
    CHECK_EQUAL(read_number(region, &version), VALUES);
    write_value(region, 2);
    CHECK(FlushSharedMem(region, last_version, &version) && version == last_version);
    CHECK_EQUAL(read_number(region, &version), 2);
    CHECK(CloseSharedMem(region));
    memcpy(file.view, whole, LAYOUT_PAGE);
    raw_file_close(&file);
    size_t bytes;
    unsigned char *data = raw_file_read(path, &bytes);
    CHECK_EQUAL(try_file(data, bytes, &number), ERROR_SUCCESS);
    CHECK_EQUAL(number, 2);
    free(data);
}

/* Nor does a version that a hostile process forged hide what is written later. */
static void no_version_stays_the_newest(void)
{
    ULONGLONG version;
    raw_file_write(path, whole, size);
    HSHAREDMEM region = open_file(0, 0);
    CHECK(region != NULL);
    struct raw_file file = raw_file_open(path);
    raw_file_control(&file)->sequence = UINT64_MAX - LAYOUT_SLOTS;
    raw_file_close(&file);
    for (unsigned number = 1; number <= VALUES; number++) {
        write_value(region, number);
        CHECK(CloseSharedMem(region));
        region = open_file(0, 0);
        CHECK(region != NULL);
        CHECK_EQUAL(read_number(region, &version), number);
    }
    CHECK(CloseSharedMem(region));
}

int main(int argc, char **argv)
{
    bool every = argc > 1 && strcmp(argv[1], "every") == 0;
    check_deadline(every ? 24 * 60 * 60 : 150);
    whole = make_file(false);
    a_byte_costs_a_value_at_most(every);
    what_is_found_was_written();
    nothing_is_found_where_nothing_is();
    another_files_values_are_no_values();
    the_size_is_exact();
    another_programs_file_is_left_alone();
    an_open_region_does_without_its_identity();
    no_version_stays_the_newest();
    CHECK(DeleteFileW(path));
    free(whole);
    return check_passed();
}
