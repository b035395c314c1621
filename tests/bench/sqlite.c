/*
 * What programs use to make a value durable: SQLite, which runs natively, not under Wine, and so
 * does what it is compared with here, writing the bytes in place. In the current folder.
 */
#define _POSIX_C_SOURCE 200809L

#include "bench.h"
#include "check.h"
#include "stopwatch.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST ((size_t)1 << 20)

enum { VALUES = 251 }; /* a prime: no store comes to the same value again and again */

static const unsigned char *value;
static size_t size;

/* Nearly every byte differs from the one before: SQLite does not write pages that stay the same. */
static void next_value(void)
{
    static unsigned char bytes[MOST + VALUES];
    static unsigned count;
    if (count == 0) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = (unsigned char)(rand() >> 8);
        }
    }
    value = bytes + count++ % VALUES;
}

/* A table of one row, with the value. */
struct store {
    const char *journal; /* as SQLite reports it */
    const char *path;
    sqlite3 *database;
    sqlite3_stmt *update;
};

static struct store wal = {.journal = "wal", .path = "sharedmem-bench-wal.db"},
                    journal = {.journal = "delete", .path = "sharedmem-bench-delete.db"};

static void run(const struct store *store, const char *statements)
{
    CHECK(sqlite3_exec(store->database, statements, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3_stmt *prepare(const struct store *store, const char *statement)
{
    sqlite3_stmt *prepared;
    CHECK(sqlite3_prepare_v2(store->database, statement, -1, &prepared, NULL) == SQLITE_OK);
    return prepared;
}

static void open_store(struct store *store)
{
    char mode[64];
    remove(store->path);
    CHECK(sqlite3_open(store->path, &store->database) == SQLITE_OK);
    snprintf(mode, sizeof mode, "PRAGMA journal_mode = %s", store->journal);
    sqlite3_stmt *set_mode = prepare(store, mode);
    CHECK(sqlite3_step(set_mode) == SQLITE_ROW);
    CHECK(strcmp((const char *)sqlite3_column_text(set_mode, 0), store->journal) == 0);
    sqlite3_finalize(set_mode);
    run(store, "PRAGMA synchronous = FULL;"
               "CREATE TABLE shared (id INTEGER PRIMARY KEY, value BLOB);"
               "INSERT INTO shared VALUES (1, NULL)");
    store->update = prepare(store, "UPDATE shared SET value = ? WHERE id = 1");
}

static void update(const struct store *store)
{
    CHECK(sqlite3_bind_blob(store->update, 1, value, (int)size, SQLITE_STATIC) == SQLITE_OK);
    CHECK(sqlite3_step(store->update) == SQLITE_DONE);
    CHECK(sqlite3_reset(store->update) == SQLITE_OK);
}

static void check_store(const struct store *store)
{
    next_value();
    update(store);
    sqlite3_stmt *select = prepare(store, "SELECT value FROM shared");
    CHECK(sqlite3_step(select) == SQLITE_ROW);
    CHECK_EQUAL(sqlite3_column_bytes(select, 0), size);
    CHECK(memcmp(sqlite3_column_blob(select, 0), value, size) == 0);
    sqlite3_finalize(select);
}

static void close_store(struct store *store)
{
    sqlite3_finalize(store->update);
    CHECK(sqlite3_close(store->database) == SQLITE_OK);
    CHECK(remove(store->path) == 0);
}

static long long repeat_update(const void *context, unsigned times)
{
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        next_value();
        update(context);
    }
    return stopwatch_start() - start;
}

static long long repeat_write(const void *context, unsigned times)
{
    const int *file = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        next_value();
        CHECK(pwrite(*file, value, size, 0) == (ssize_t)size && fsync(*file) == 0);
    }
    return stopwatch_start() - start;
}

static void measure(void)
{
    static const char path[] = "sharedmem-bench-native";
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    const struct subject subjects[] = {{"plain_file", repeat_write, &file},
                                       {"sqlite_wal", repeat_update, &wal},
                                       {"sqlite_delete", repeat_update, &journal}};
    CHECK(file >= 0);
    open_store(&wal);
    open_store(&journal);
    bench_compare("flush", size, subjects, sizeof subjects / sizeof *subjects);
    check_store(&wal);
    check_store(&journal);
    close_store(&wal);
    close_store(&journal);
    CHECK(close(file) == 0 && remove(path) == 0);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {4096, 65536, MOST};
    bench_begin(argc, argv);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size = sizes[i];
        measure();
    }
    return check_passed();
}
