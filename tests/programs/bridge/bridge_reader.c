/*
 * Reads, natively, what bridge_writer writes under Wine, until it has seen enough: every value is
 * whole, no version is less than one before, and a version is one value. Its output is the writers'
 * input: they end when it does.
 *
 *     bridge_reader FILE
 */
#include "file_reader.h"

#include "check.h"
#include "checked_text.h"
#include "processor.h"
#include "thread.h"

#include <stdio.h>
#include <string.h>

enum { READS = 200000, CHANGES = 5000, RECOVERIES = 3, PATIENCE_MS = 10000 };

static struct checked_text_log written;
static unsigned long long reads, changes, recoveries;
static uint64_t last_version;

/*
 * Without the checksum, by which the example's reader would pass over what the latch lets through.
 */
static void read_by_the_latch_alone(const struct values *values, void *buffer, size_t *size,
                                    uint64_t *version)
{
    do {
        *version = seqlatch_read_begin(&values->latch);
        *size = values_size(values, *version);
        values_copy(values, *version, buffer, *size);
    } while (seqlatch_read_retry(&values->latch, *version));
}

static void check_value(const uint16_t *text, size_t size, uint64_t version)
{
    static uint16_t last[CHECKED_TEXT_CCH];
    static size_t last_size;
    CHECK(version >= last_version);
    reads++;
    if (version == last_version) {
        CHECK(size == last_size && memcmp(text, last, size) == 0);
        return;
    }
    if (size > 0 || changes > 0) { /* a recovery may come before the first text */
        CHECK(size >= sizeof *text && size % sizeof *text == 0);
        CHECK(text[size / sizeof *text - 1] == 0);
        checked_text_check(&written, text);
        changes++;
    }
    memcpy(last, text, size);
    last_size = size;
    recoveries += version >> 32 != last_version >> 32;
    last_version = version;
}

int main(int argc, char **argv)
{
    static uint16_t text[CHECKED_TEXT_CCH];
    struct file_reader reader;
    const char *problem;
    check_deadline(120);
    CHECK(argc == 2);
    processor_features = processor_detect();
    while ((problem = file_reader_open(&reader, argv[1])) != NULL) {
        CHECK(strcmp(problem, "No such file or directory") ==
              0); /* a file is complete, or not there */
        thread_sleep(10);
    }
    CHECK_EQUAL(file_reader_capacity(&reader), sizeof text);
    while (reads < READS || changes < CHANGES || recoveries < RECOVERIES) {
        size_t size;
        uint64_t version;
        problem = file_reader_read(&reader, text, &size, &version, PATIENCE_MS);
        if (problem != NULL) {
            printf("%s\n", problem);
        }
        CHECK(problem == NULL);
        check_value(text, size, version);
        read_by_the_latch_alone(&reader.values, text, &size, &version);
        check_value(text, size, version);
    }
    file_reader_close(&reader);
    printf("%llu reads, %llu changes, %llu recoveries, version %llu\n", reads, changes, recoveries,
           (unsigned long long)last_version);
    return check_passed();
}
