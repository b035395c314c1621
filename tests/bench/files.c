/*
 * What a region's file takes, by the size of its value: making a value durable, opening the file
 * and creating it.
 */
#include "bench.h"
#include "check.h"
#include "plain_file.h"
#include "raw_file.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)64 << 20)
#define FOUR_PAGES ((size_t)4 * 4096) /* what a flush of one page is to take at most */

enum { SLOTS = 4 }; /* of a region without a history */

static WCHAR path[MAX_PATH];
static unsigned char *value;
static size_t size;

static HSHAREDMEM open_region(DWORD flags)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .capacity = size, .file = path};
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL);
    return region;
}

static ULONGLONG write_region(HSHAREDMEM region)
{
    ULONGLONG version;
    CHECK(WriteSharedMem(region, value, size, &version));
    return version;
}

static SHARED_MEM_INFO query(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    return info;
}

/* Durable values. Each is another one than before. */

static HSHAREDMEM flushed;
static struct plain_file written, mapped;

static void flush_region(size_t bytes)
{
    (void)bytes;
    CHECK(FlushSharedMem(flushed, write_region(flushed), NULL));
}

static void flush_written(size_t bytes)
{
    plain_file_write(&written, value, bytes);
    CHECK(FlushFileBuffers(written.handle));
}

static void flush_mapped(size_t bytes)
{
    memcpy(mapped.view, value, bytes);
    CHECK(FlushViewOfFile(mapped.view, bytes) && FlushFileBuffers(mapped.handle));
}

struct flushing {
    void (*flush)(size_t bytes);
    size_t bytes;
};

static long long repeat_flush(const void *context, unsigned times)
{
    const struct flushing *flushing = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        value[0]++;
        flushing->flush(flushing->bytes);
    }
    return stopwatch_start() - start;
}

static void measure_flushing(void)
{
    const struct flushing region = {flush_region, size}, by_view = {flush_mapped, size},
                          by_write = {flush_written, size},
                          four_by_view = {flush_mapped, FOUR_PAGES},
                          four_by_write = {flush_written, FOUR_PAGES};
    const struct subject subjects[] = {
        {"sharedmem", repeat_flush, &region},
        {"mapped_file", repeat_flush, &by_view},
        {"plain_file", repeat_flush, &by_write},
        {"mapped_file_4_pages", repeat_flush, &four_by_view},
        {"plain_file_4_pages", repeat_flush, &four_by_write},
    };
    size_t room = size < FOUR_PAGES ? FOUR_PAGES : size;
    flushed = open_region(SHARED_MEM_CREATE_NEW);
    written = plain_file_create(L"sharedmem-bench-written", room);
    mapped = plain_file_create(L"sharedmem-bench-mapped", room);
    bench_compare("flush", size, subjects, size < FOUR_PAGES ? ARRAYSIZE(subjects) : 3);

    flush_region(size);
    flush_written(size);
    flush_mapped(size);
    SHARED_MEM_INFO info = query(flushed);
    CHECK(info.size == size && info.version != 0 && info.durable == info.version);
    CHECK(memcmp(written.view, value, size) == 0 && memcmp(mapped.view, value, size) == 0);
    plain_file_close(&written);
    plain_file_close(&mapped);
    CHECK(CloseSharedMem(flushed) && DeleteFileW(path));
}

/* Opening and creating, of which only that is timed, not closing. */

static const WCHAR name[] = L"sharedmem-bench-files"; /* of the region in memory, and of files */
static HSHAREDMEM opened;
static struct raw_file raw;
static struct plain_file plain;
static size_t file_size; /* of the region's file */

struct opening {
    void (*open)(void);
    void (*close)(void);
};

static long long repeat_opening(const void *context, unsigned times)
{
    const struct opening *opening = context;
    long long taken = 0;
    for (unsigned i = 0; i < times; i++) {
        long long start = stopwatch_start();
        opening->open();
        taken += stopwatch_start() - start;
        opening->close();
    }
    return taken;
}

static void open_file(void)
{
    opened = open_region(0);
}

static void close_joined(void)
{
    CHECK((query(opened).flags & SHARED_MEM_RECOVERED) == 0);
    CHECK(CloseSharedMem(opened));
}

/* For another recovery: leaves a value that is not flushed. */
static void close_recovered(void)
{
    SHARED_MEM_INFO info = query(opened);
    CHECK((info.flags & SHARED_MEM_RECOVERED) != 0 && info.size == size);
    write_region(opened);
    CHECK(CloseSharedMem(opened));
}

static void open_memory(void)
{
    opened = OpenSharedMem(name, size, 0, NULL);
    CHECK(opened != NULL);
}

static void close_memory(void)
{
    CHECK(CloseSharedMem(opened));
}

static void open_raw(void)
{
    raw = raw_file_open(path);
}

static void close_raw(void)
{
    raw_file_close(&raw);
}

static void create_file(void)
{
    opened = open_region(SHARED_MEM_CREATE_NEW);
}

static void close_created(void)
{
    CHECK(CloseSharedMem(opened) && DeleteFileW(path));
}

static void create_memory(void)
{
    opened = OpenSharedMem(name, size, SHARED_MEM_CREATE_NEW, NULL);
    CHECK(opened != NULL);
}

static void create_plain(void)
{
    plain = plain_file_create(name, file_size);
}

static void close_plain(void)
{
    plain_file_close(&plain);
}

static const struct opening recovered = {open_file, close_recovered},
                            joined = {open_file, close_joined},
                            in_memory = {open_memory, close_memory},
                            mapped_only = {open_raw, close_raw},
                            file_created = {create_file, close_created},
                            memory_created = {create_memory, close_memory},
                            plain_created = {create_plain, close_plain};

static void measure_opening(void)
{
    static const struct subject recovery = {"sharedmem_recovered", repeat_opening, &recovered};
    static const struct subject others[] = {
        {"sharedmem_joined", repeat_opening, &joined},
        {"sharedmem", repeat_opening, &in_memory},
        {"mapped_file", repeat_opening, &mapped_only},
    };
    HSHAREDMEM file = open_region(SHARED_MEM_CREATE_NEW);
    for (int i = 0; i < SLOTS; i++) { /* each slot is to have a value of that size */
        write_region(file);
    }
    CHECK(CloseSharedMem(file));
    bench_compare("open", size, &recovery, 1);

    file = open_region(0);
    HSHAREDMEM memory = OpenSharedMem(name, size, SHARED_MEM_CREATE_NEW, NULL);
    CHECK(memory != NULL);
    bench_compare("open", size, others, ARRAYSIZE(others));
    open_raw();
    file_size = raw.size;
    close_raw();
    CHECK(CloseSharedMem(memory) && CloseSharedMem(file) && DeleteFileW(path));
}

static void measure_creating(void)
{
    static const struct subject subjects[] = {
        {"sharedmem_file", repeat_opening, &file_created},
        {"sharedmem", repeat_opening, &memory_created},
        {"plain_file", repeat_opening, &plain_created},
    };
    bench_compare("create", size, subjects, ARRAYSIZE(subjects));
}

int main(int argc, char **argv)
{
    static const size_t values[] = {4096, 65536, 1 << 20};
    static const size_t capacities[] = {4096, 1 << 20, 16 << 20, MOST};
    bench_begin(argc, argv);
    raw_file_fresh(L"sharedmem-bench-files.region", path);
    value = calloc(MOST, 1);
    CHECK(value != NULL);
    memset(value, 1, MOST);
    for (size_t i = 0; i < ARRAYSIZE(values); i++) {
        size = values[i];
        measure_flushing();
    }
    /* A test need not write gigabytes: the largest one is for measuring. */
    size_t count = ARRAYSIZE(capacities) - (bench_rounds() == 1);
    for (size_t i = 0; i < count; i++) {
        size = capacities[i];
        measure_opening();
        measure_creating();
    }
    return check_passed();
}
