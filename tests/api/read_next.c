/* ReadNextSharedMem: every value kept, in order, once; and how many were not kept. */
#include "check.h"
#include "raw_section.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NAME L"sharedmem-test-read-next"
#define KEPT 0x1234 /* a last error that success leaves alone */

enum { CAPACITY = 300 };

static HSHAREDMEM open_region(DWORD flags, DWORD depth)
{
    SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .flags = flags, .depth = depth};
    options.capacity = flags == SHARED_MEM_READ_ONLY ? 0 : CAPACITY;
    HSHAREDMEM region = OpenSharedMemEx(NAME, &options);
    CHECK(region != NULL);
    return region;
}

/* The value of a version: its size and its bytes follow from it. */
static SIZE_T make_value(ULONGLONG version, unsigned char value[CAPACITY])
{
    SIZE_T size = (SIZE_T)(version * 37 % (CAPACITY + 1));
    for (SIZE_T i = 0; i < CAPACITY; i++) {
        value[i] = (unsigned char)(version * 131 + i * 7);
    }
    return size;
}

static ULONGLONG written; /* the last version of the present region */

static void write_values(HSHAREDMEM region, ULONGLONG count)
{
    unsigned char value[CAPACITY];
    while (count-- > 0) {
        ULONGLONG version = 0;
        SIZE_T size = make_value(++written, value);
        CHECK(WriteSharedMem(region, value, size, &version));
        CHECK_EQUAL(version, written);
    }
}

/* A reader, with what the call needs. */
struct reader {
    HSHAREDMEM region;
    ULONGLONG version;
};

static BOOL read_next(struct reader *self, void *buffer, SIZE_T *size, ULONGLONG *missed)
{
    SetLastError(KEPT);
    BOOL read = ReadNextSharedMem(self->region, buffer, size, &self->version, missed);
    CHECK(read == (GetLastError() == KEPT));
    return read;
}

/* The next value is that of a version, and nothing is written behind it. */
static void expect_next(struct reader *self, ULONGLONG version, ULONGLONG missed)
{
    unsigned char value[CAPACITY], buffer[CAPACITY + 1];
    SIZE_T size = sizeof buffer;
    ULONGLONG lost = 999;
    memset(buffer, 0xEE, sizeof buffer);
    CHECK(read_next(self, buffer, &size, &lost));
    CHECK_EQUAL(self->version, version);
    CHECK_EQUAL(lost, missed);
    CHECK_EQUAL(size, make_value(version, value));
    CHECK(memcmp(buffer, value, size) == 0);
    for (SIZE_T i = size; i < sizeof buffer; i++) {
        CHECK(buffer[i] == 0xEE);
    }
}

static void expect_none(struct reader *self)
{
    unsigned char buffer[4] = {1, 2, 3, 4};
    SIZE_T size = sizeof buffer;
    ULONGLONG missed = 999, version = self->version;
    CHECK(!read_next(self, buffer, &size, &missed));
    CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
    CHECK(size == sizeof buffer && missed == 999 && self->version == version && buffer[0] == 1);
}

/* All that is left, of which the first has lost some before it. */
static void expect_rest(struct reader *self, ULONGLONG missed)
{
    while (self->version < written) {
        expect_next(self, self->version + missed + 1, missed);
        missed = 0;
    }
    expect_none(self);
}

static const DWORD depths[] = {1, 2, 3, 5, 6, 7, 100, 1023, 1024};

/* A reader that keeps up gets everything; readers of both kinds, each with its own place. */
static void nothing_is_lost(DWORD depth)
{
    HSHAREDMEM writer = open_region(0, depth);
    struct reader reader = {.region = writer};
    struct reader other = {.region = open_region(SHARED_MEM_READ_ONLY, depth)};
    written = 0;
    expect_none(&reader);
    for (ULONGLONG burst = 1; burst <= depth; burst += 1 + burst / 5) {
        write_values(writer, burst);
        expect_rest(&reader, 0);
        expect_next(&other, other.version + 1, 0);
        expect_rest(&other, 0);
    }
    CHECK(CloseSharedMem(other.region) && CloseSharedMem(writer));
}

/* One that is late, or too slow, gets what is kept, and knows how much is not. */
static void losses_are_exact(DWORD depth)
{
    HSHAREDMEM writer = open_region(0, depth);
    struct reader early = {.region = writer};
    written = 0;
    for (ULONGLONG lost = 0; lost < 2100; lost += 1 + lost * 2 / 3) {
        struct reader late = {.region = writer};
        write_values(writer, depth + lost);
        expect_rest(&early, lost);
        expect_rest(&late, written - depth);
        struct reader latest = {.region = writer, .version = written - 1};
        expect_rest(&latest, 0);
    }
    CHECK(CloseSharedMem(writer));
}

/* With too little room, nothing changes: with more, it is the same value. */
static void a_large_value_is_read_again(void)
{
    enum { DEPTH = 6 };
    HSHAREDMEM writer = open_region(0, DEPTH);
    struct reader reader = {.region = writer};
    unsigned char value[CAPACITY], buffer[CAPACITY];
    written = 0;
    write_values(writer, DEPTH);
    for (ULONGLONG version = 1; version <= DEPTH; version++) {
        SIZE_T needed = make_value(version, value);
        for (SIZE_T room = 0; room < needed; room++) {
            SIZE_T size = room;
            ULONGLONG missed = 999;
            memset(buffer, 0xEE, sizeof buffer);
            CHECK(!read_next(&reader, room > 0 ? buffer : NULL, &size, &missed));
            CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
            CHECK(size == needed && missed == 999 && reader.version == version - 1);
            CHECK(buffer[0] == 0xEE);
        }
        expect_next(&reader, version, 0);
    }

    /* Until the second call, it may be overtaken. */
    write_values(writer, DEPTH);
    SIZE_T size = 0;
    CHECK(!read_next(&reader, NULL, &size, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
    write_values(writer, 3);
    expect_next(&reader, DEPTH + 4, 3);
    expect_rest(&reader, 0);
    CHECK(CloseSharedMem(writer));
}

/* A reader that ends and comes back; and one that comes back to another region of that name. */
static void a_place_outlives_a_handle(void)
{
    enum { DEPTH = 6 };
    HSHAREDMEM writer = open_region(0, DEPTH);
    struct reader reader = {.region = open_region(SHARED_MEM_READ_ONLY, 0)};
    written = 0;
    write_values(writer, 4);
    expect_next(&reader, 1, 0);
    CHECK(CloseSharedMem(reader.region));
    write_values(writer, 3); /* the 7th */
    reader.region = open_region(0, 0);
    expect_rest(&reader, 0);
    CHECK(CloseSharedMem(writer));
    writer = open_region(0, 0); /* another writer */
    write_values(writer, 8);
    expect_rest(&reader, 2);
    CHECK(CloseSharedMem(reader.region) && CloseSharedMem(writer));

    ULONGLONG version = reader.version;
    for (ULONGLONG count = 0; count < 2 * DEPTH; count++) {
        writer = reader.region = open_region(0, DEPTH);
        reader.version = version;
        written = 0;
        write_values(writer, count);
        CHECK(WaitSharedMem(writer, reader.version, 0));
        if (count == 0) {
            SIZE_T size = 0;
            CHECK(!read_next(&reader, NULL, &size, NULL));
            CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
            CHECK_EQUAL(reader.version, 0); /* so that a wait for a change is one */
        } else {
            expect_next(&reader, count > DEPTH ? count - DEPTH + 1 : 1,
                        count > DEPTH ? count - DEPTH : 0);
            expect_rest(&reader, 0);
        }
        CHECK(CloseSharedMem(writer));
    }
}

/* Of the text, the last is kept. Versions grow by 2, which counts as one. */
static void the_text_is_the_last(void)
{
    SetSharedMem(L"first");
    struct reader reader = {.region = SHARED_MEM_TEXT};
    WCHAR text[16];
    for (unsigned count = 0; count < 5; count++) {
        SIZE_T size = sizeof text;
        ULONGLONG missed, before = reader.version;
        CHECK(read_next(&reader, text, &size, &missed));
        CHECK_EQUAL(missed, count == 0 ? reader.version / 2 - 1 : count - 1);
        CHECK(reader.version > before && reader.version % 2 == 0);
        CHECK(size == sizeof L"first" && lstrcmpW(text, count == 0 ? L"first" : L"other") == 0);
        size = 2;
        CHECK(!read_next(&reader, text, &size, &missed));
        CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
        for (unsigned i = 0; i <= count; i++) {
            SetSharedMem(i < count ? L"lost" : L"other");
        }
        CHECK(!read_next(&reader, text, &size, &missed));
        CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
        CHECK_EQUAL(size, sizeof L"other");
    }
}

/* Whatever the section says, a call ends, with a value that fits or an error. */
static void wild_numbers_end(void)
{
    enum { DEPTH = 6, SLOTS = 8 };
    static const uint64_t wild[] = {
        0, 1, 5, 7, 8, 1000, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 1};
    HSHAREDMEM writer = open_region(0, DEPTH);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    volatile struct layout_control *control = raw_section_control(&section);
    struct layout_record *records = raw_section_records(&section);
    unsigned char buffer[CAPACITY];
    for (size_t i = 0; i < ARRAYSIZE(wild); i++) {
        for (size_t j = 0; j < ARRAYSIZE(wild); j++) {
            struct reader reader = {.region = writer, .version = wild[j]};
            for (unsigned slot = 0; slot < SLOTS; slot++) {
                records[slot].length = wild[j];
            }
            control->sequence = wild[i];
            unsigned reads = 0;
            SIZE_T size = sizeof buffer;
            while (read_next(&reader, buffer, &size, NULL)) {
                CHECK(size <= CAPACITY && reader.version <= wild[i]);
                size = sizeof buffer;
                reads++;
            }
            CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
            CHECK(reads <= DEPTH && reader.version == wild[i]);
        }
    }
    written = 0;
    control->sequence = 0;
    write_values(writer, SLOTS);
    struct reader reader = {.region = writer};
    expect_rest(&reader, SLOTS - DEPTH);
    raw_section_close(&section);
    CHECK(CloseSharedMem(writer));
}

int main(void)
{
    check_deadline(60);
    for (size_t i = 0; i < ARRAYSIZE(depths); i++) {
        nothing_is_lost(depths[i]);
        losses_are_exact(depths[i]);
    }
    a_large_value_is_read_again();
    a_place_outlives_a_handle();
    the_text_is_the_last();
    wild_numbers_end();
    return check_passed();
}
