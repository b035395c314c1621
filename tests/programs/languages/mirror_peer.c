/*
 * A program on one of the machines whose regions are mirrored: does what the lines of its input
 * say, and answers each with a line that begins with "> ". mirror.py starts it.
 */
#include "check.h"
#include "query.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 1 << 20, MAX_REGIONS = 4, WAIT_MS = 60000, PINGS = 10000 };

static struct region {
    char name[64];
    HSHAREDMEM handle;
} regions[MAX_REGIONS];

static char value[CAPACITY + 1], expected[CAPACITY + 1];

static HSHAREDMEM region_of(const char *name)
{
    for (int i = 0; i < MAX_REGIONS; i++) {
        struct region *region = &regions[i];
        if (region->handle == NULL) {
            WCHAR wide[64];
            CHECK(MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, ARRAYSIZE(wide)) != 0);
            strcpy(region->name, name);
            region->handle = OpenSharedMem(wide, CAPACITY, 0, NULL);
            CHECK(region->handle != NULL);
        }
        if (strcmp(region->name, name) == 0) {
            return region->handle;
        }
    }
    check_failed(__FILE__, __LINE__, "too many regions");
}

static SIZE_T read_value(HSHAREDMEM region, ULONGLONG *version)
{
    SIZE_T size = CAPACITY;
    CHECK(ReadSharedMem(region, value, &size, version));
    value[size] = '\0';
    return size;
}

static ULONGLONG write_value(HSHAREDMEM region, const char *data, SIZE_T size)
{
    ULONGLONG version;
    CHECK(WriteSharedMem(region, data, size, &version));
    return version;
}

/* Waits for these bytes; returns the number of values seen until then, they included. */
static unsigned await_value(HSHAREDMEM region, const char *data, SIZE_T size, ULONGLONG *version)
{
    for (unsigned seen = 1;; seen++) {
        if (read_value(region, version) == size && memcmp(value, data, size) == 0) {
            return seen;
        }
        bool has_changed = WaitSharedMem(region, *version, WAIT_MS);
        if (!has_changed) {
            printf("instead: \"%.40s\", version %llu\n", value, *version);
        }
        CHECK(has_changed);
    }
}

/* Every byte there is, in an order that depends on the number. */
static void fill(char *data, SIZE_T size, unsigned number)
{
    for (SIZE_T i = 0; i < size; i++) {
        data[i] = (char)(i * 2654435761u >> 24 ^ number);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Round trips: writes a number to one region until the other has it. */
static void ping(HSHAREDMEM there, HSHAREDMEM back, unsigned count)
{
    static double took[PINGS];
    ULONGLONG version = 0;
    CHECK(count > 0 && count <= PINGS);
    for (unsigned i = 0; i < count; i++) {
        char number[16];
        SIZE_T size = (SIZE_T)snprintf(number, sizeof number, "%u", i);
        LONGLONG start = stopwatch_start();
        write_value(there, number, size);
        await_value(back, number, size, &version);
        took[i] = stopwatch_milliseconds(start);
    }
    qsort(took, count, sizeof *took, by_value);
    printf("> %.3f %.3f\n", took[count / 2], took[count * 99 / 100]);
}

/* Answers so many of them. */
static void pong(HSHAREDMEM there, HSHAREDMEM back, unsigned count)
{
    ULONGLONG version = 0;
    for (unsigned i = 0; i < count; i++) {
        char number[16];
        SIZE_T size = (SIZE_T)snprintf(number, sizeof number, "%u", i);
        await_value(there, number, size, &version);
        write_value(back, value, size);
    }
    printf("> ok\n");
}

/* Numbers as fast as it can, with a word before them, for a time; then the word alone. */
static void storm(HSHAREDMEM region, const char *word, unsigned milliseconds)
{
    LONGLONG start = stopwatch_start();
    unsigned writes = 1;
    for (; stopwatch_milliseconds(start) < milliseconds; writes++) {
        char number[64];
        write_value(region, number, (SIZE_T)snprintf(number, sizeof number, "%s %u", word, writes));
    }
    write_value(region, word, strlen(word));
    printf("> %u\n", writes);
}

static void obey(char *line)
{
    static char none[1];
    char *words[4] = {none, none, none, none};
    int count = 0;
    for (char *word = strtok(line, " \r\n"); word != NULL && count < 4;
         word = strtok(NULL, " \r\n")) {
        words[count++] = word;
    }
    HSHAREDMEM region = region_of(words[1]);
    unsigned number = (unsigned)strtoul(words[3], NULL, 10);
    ULONGLONG version;
    if (strcmp(words[0], "write") == 0) {
        printf("> %llu\n", write_value(region, words[2], strlen(words[2])));
    } else if (strcmp(words[0], "read") == 0) {
        read_value(region, &version);
        printf("> %s\n", value);
    } else if (strcmp(words[0], "version") == 0) {
        printf("> %llu\n", query(region).version);
    } else if (strcmp(words[0], "await") == 0) {
        printf("> %u\n", await_value(region, words[2], strlen(words[2]), &version));
    } else if (strcmp(words[0], "fill") == 0) {
        fill(expected, CAPACITY, (unsigned)strtoul(words[2], NULL, 10));
        printf("> %llu\n", write_value(region, expected, CAPACITY));
    } else if (strcmp(words[0], "await_filled") == 0) {
        fill(expected, CAPACITY, (unsigned)strtoul(words[2], NULL, 10));
        printf("> %u\n", await_value(region, expected, CAPACITY, &version));
    } else if (strcmp(words[0], "storm") == 0) {
        storm(region, words[2], number);
    } else if (strcmp(words[0], "ping") == 0) {
        ping(region, region_of(words[2]), number);
    } else if (strcmp(words[0], "pong") == 0) {
        pong(region, region_of(words[2]), number);
    } else {
        check_failed(__FILE__, __LINE__, words[0]);
    }
    fflush(stdout);
}

int main(void)
{
    static char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        obey(line);
    }
    return check_passed();
}
