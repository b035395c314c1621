/* What it takes to write a value of bytes, to read it, and both together, by its size. */
#include "bench.h"
#include "boost_cell.h"
#include "check.h"
#include "mutex_cell.h"
#include "plain_file.h"
#include "raw_file.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)16 << 20)
#define PIPE_MOST ((size_t)64 << 10) /* what a pipe takes in one piece */

static unsigned char *data, *buffer;
static size_t size;
static HSHAREDMEM region, file_region; /* in memory; backed by a file */
static struct plain_file file;

struct value_store {
    const char *name;
    void (*write)(const void *data, size_t size);
    size_t (*read)(void *buffer, size_t room);
};

/* The limit; not to be inlined, no store can know the size before. */
static void *(*volatile copy)(void *to, const void *from, size_t size) = memcpy;
static unsigned char *copied;

static void copy_in(const void *from, size_t bytes)
{
    copy(copied, from, bytes);
}

static size_t copy_out(void *to, size_t room)
{
    copy(to, copied, room);
    return room;
}

static void region_write(const void *from, size_t bytes)
{
    WriteSharedMem(region, from, bytes, NULL);
}

static size_t region_read(void *to, size_t room)
{
    SIZE_T bytes = room;
    ReadSharedMem(region, to, &bytes, NULL);
    return bytes;
}

static void file_region_write(const void *from, size_t bytes)
{
    WriteSharedMem(file_region, from, bytes, NULL);
}

static size_t file_region_read(void *to, size_t room)
{
    SIZE_T bytes = room;
    ReadSharedMem(file_region, to, &bytes, NULL);
    return bytes;
}

static void file_write(const void *from, size_t bytes)
{
    plain_file_write(&file, from, bytes);
}

static size_t file_read(void *to, size_t room)
{
    return plain_file_read(&file, to, room);
}

/* A pipe holds what was written until it is read: only both together can be repeated. */

static HANDLE pipe_server, pipe_client;

static void open_pipe(void)
{
    static const WCHAR name[] = L"\\\\.\\pipe\\sharedmem-bench-bytes";
    pipe_server =
        CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1,
                         (DWORD)PIPE_MOST, (DWORD)PIPE_MOST, 0, NULL);
    pipe_client = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DWORD mode = PIPE_READMODE_MESSAGE;
    CHECK(pipe_server != INVALID_HANDLE_VALUE && pipe_client != INVALID_HANDLE_VALUE);
    CHECK(SetNamedPipeHandleState(pipe_client, &mode, NULL, NULL));
}

static void pipe_write(const void *from, size_t bytes)
{
    DWORD written;
    CHECK(WriteFile(pipe_server, from, (DWORD)bytes, &written, NULL));
}

static size_t pipe_read(void *to, size_t room)
{
    DWORD got;
    CHECK(ReadFile(pipe_client, to, (DWORD)room, &got, NULL));
    return got;
}

static long long repeat_write(const void *context, unsigned times)
{
    const struct value_store *store = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        store->write(data, size);
    }
    return stopwatch_start() - start;
}

static long long repeat_read(const void *context, unsigned times)
{
    const struct value_store *store = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        store->read(buffer, size);
    }
    return stopwatch_start() - start;
}

static long long repeat_both(const void *context, unsigned times)
{
    const struct value_store *store = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        store->write(data, size);
        store->read(buffer, size);
    }
    return stopwatch_start() - start;
}

static const struct value_store stores[] = {
    {"memcpy", copy_in, copy_out},
    {"sharedmem", region_write, region_read},
    {"sharedmem_file", file_region_write, file_region_read},
    {"section_under_mutex", mutex_cell_write, mutex_cell_read},
    {"boost_mutex", boost_mutex_write, boost_mutex_read},
    {"boost_sharable", boost_sharable_write, boost_sharable_read},
    {"plain_file", file_write, file_read},
    {"named_pipe", pipe_write, pipe_read}, /* the last one: takes part in `both` only */
};

/*
 * In place, what a call takes does not depend on the size: the bytes are the caller's business. But
 * where a file backs the region, publishing computes a checksum of them.
 */

static long long repeat_borrowing(const void *context, unsigned times)
{
    HSHAREDMEM of = *(const HSHAREDMEM *)context;
    LPCVOID lent;
    SIZE_T bytes;
    ULONGLONG version;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        BorrowSharedMem(of, &lent, &bytes, &version);
        ValidateSharedMem(of, version);
    }
    return stopwatch_start() - start;
}

static long long repeat_reserving(const void *context, unsigned times)
{
    HSHAREDMEM of = *(const HSHAREDMEM *)context;
    LPVOID place;
    SIZE_T room;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        ReserveSharedMem(of, NULL, &place, &room);
        PublishSharedMem(of, size, NULL);
    }
    return stopwatch_start() - start;
}

static void check_borrowing(HSHAREDMEM of)
{
    LPCVOID lent;
    SIZE_T bytes;
    ULONGLONG version;
    CHECK(WriteSharedMem(of, data, size, NULL));
    CHECK(BorrowSharedMem(of, &lent, &bytes, &version) && bytes == size);
    CHECK(memcmp(lent, data, size) == 0 && ValidateSharedMem(of, version));
}

static void measure_in_place(void)
{
    static const struct subject borrowing[] = {{"sharedmem", repeat_borrowing, &region},
                                               {"sharedmem_file", repeat_borrowing, &file_region}};
    static const struct subject reserving[] = {{"sharedmem", repeat_reserving, &region},
                                               {"sharedmem_file", repeat_reserving, &file_region}};
    bench_compare("reserve_publish", size, reserving, ARRAYSIZE(reserving));
    check_borrowing(region);
    check_borrowing(file_region);
    bench_compare("borrow_validate", size, borrowing, ARRAYSIZE(borrowing));
}

static void open_files(WCHAR path[MAX_PATH])
{
    raw_file_fresh(L"sharedmem-bench-bytes.region", path);
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = SHARED_MEM_CREATE_NEW, .capacity = MOST, .file = path};
    file_region = OpenSharedMemEx(NULL, &options);
    CHECK(file_region != NULL);
    file = plain_file_create(L"sharedmem-bench-bytes", MOST);
}

static void compare(const char *measure, bench_repeat *repeat, size_t count)
{
    struct subject subjects[ARRAYSIZE(stores)];
    for (size_t i = 0; i < count; i++) {
        subjects[i] = (struct subject){stores[i].name, repeat, &stores[i]};
    }
    bench_compare(measure, size, subjects, count);
}

static void check_stores(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memset(buffer, 0, size);
        stores[i].write(data, size);
        CHECK(stores[i].read(buffer, size) == size && memcmp(buffer, data, size) == 0);
    }
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {8,     64,    256,    512,     1024,    4000, 4096,
                                   16384, 65536, 262144, 1048576, 4194304, MOST};
    WCHAR path[MAX_PATH];
    bench_begin(argc, argv);
    bench_pin(0);
    data = malloc(MOST);
    buffer = malloc(MOST);
    copied = malloc(MOST);
    region = OpenSharedMem(L"sharedmem-bench", MOST, 0, NULL);
    CHECK(data != NULL && buffer != NULL && copied != NULL && region != NULL);
    for (size_t i = 0; i < MOST; i++) {
        data[i] = (unsigned char)(i * 7 + i / 256);
    }
    mutex_cell_open(MOST);
    open_files(path);
    open_pipe();

    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        size = sizes[i];
        size_t with_pipe = ARRAYSIZE(stores) - (size > PIPE_MOST);
        check_stores(with_pipe);
        compare("write", repeat_write, ARRAYSIZE(stores) - 1);
        compare("read", repeat_read, ARRAYSIZE(stores) - 1);
        compare("write_and_read", repeat_both, with_pipe);
        measure_in_place();
    }
    CHECK(CloseSharedMem(file_region) && DeleteFileW(path));
    plain_file_close(&file);
    return check_passed();
}
