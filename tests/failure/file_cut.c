/*
 * A program of the host cuts or deletes a file that is open as a region, which Windows and Wine let
 * none of their own do: calls that come to what is missing fail, no lock is left, the process goes
 * on, and when the file has its size again, so do writers. Skipped where there is no host.
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "raw_file.h"
#include "stopwatch.h"

#include "file_image.h"
#include "sharedmem.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define SOON_MS 10000.0

enum { CAPACITY = 5 * LAYOUT_PAGE, ROUNDS = 10, ROUND_MS = 20 };

static WCHAR path[MAX_PATH];
static size_t whole, without_copies; /* sizes of the file */
static HSHAREDMEM region;

typedef char *(CDECL *get_unix_name)(const WCHAR *path);

static get_unix_name unix_name; /* Wine's */

static size_t file_size(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    CHECK(GetFileAttributesExW(path, GetFileExInfoStandard, &data));
    return data.nFileSizeLow;
}

/* Wine starts programs of the host, but has no handle of them. */
static void start_on_host(const WCHAR *command)
{
    WCHAR command_line[2 * MAX_PATH], file[MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION started;
    char *name = unix_name(path);
    CHECK(name != NULL && MultiByteToWideChar(CP_UTF8, 0, name, -1, file, MAX_PATH) > 0);
    swprintf(command_line, ARRAYSIZE(command_line), L"Z:\\usr\\bin\\%ls \"%ls\"", command, file);
    HeapFree(GetProcessHeap(), 0, name);
    CHECK(CreateProcessW(NULL, command_line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &started));
}

static void set_size(size_t size)
{
    WCHAR command[40];
    swprintf(command, ARRAYSIZE(command), L"truncate -s %u", (unsigned)size);
    start_on_host(command);
    LONGLONG start = stopwatch_start();
    while (file_size() != size) {
        CHECK(stopwatch_milliseconds(start) < SOON_MS);
        Sleep(1);
    }
}

static void delete_file(void)
{
    start_on_host(L"rm");
    LONGLONG start = stopwatch_start();
    while (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) {
        CHECK(stopwatch_milliseconds(start) < SOON_MS);
        Sleep(1);
    }
}

static HSHAREDMEM open_file(ULONGLONG capacity)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = capacity, .file = path};
    return OpenSharedMemEx(NULL, &options);
}

static void make_region(void)
{
    raw_file_fresh(L"sharedmem-test-file-cut-\u00FC.region", path);
    region = open_file(CAPACITY);
    CHECK(region != NULL);
    CHECK(WriteSharedMem(region, "value", 5, NULL));
    CHECK(FlushSharedMem(region, MAXULONGLONG, NULL));
    struct raw_file file = raw_file_open(path);
    whole = file.size;
    without_copies = (size_t)((unsigned char *)raw_file_copy(&file, 0) - file.view);
    raw_file_close(&file);
}

static void check_value(const char *value)
{
    char data[CAPACITY];
    SIZE_T size = sizeof data;
    CHECK(ReadSharedMem(region, data, &size, NULL));
    CHECK(size == strlen(value) && memcmp(data, value, size) == 0);
}

#define FAILS(call, error) (CHECK(!(call)), CHECK_EQUAL(GetLastError(), error))

/* What is left: the identity, and some of the first slot. */
static void calls_fail(void)
{
    char data[CAPACITY];
    SIZE_T size = sizeof data;
    ULONGLONG version = 1;
    LPCVOID borrowed;
    LPVOID reserved;
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    make_region();
    set_size(2 * LAYOUT_PAGE);
    FAILS(ReadSharedMem(region, data, &size, &version), ERROR_READ_FAULT);
    FAILS(ReadNextSharedMem(region, data, &size, &version, NULL), ERROR_READ_FAULT);
    FAILS(QuerySharedMem(region, &info), ERROR_READ_FAULT);
    FAILS(BorrowSharedMem(region, &borrowed, &size, &version), ERROR_READ_FAULT);
    FAILS(WaitSharedMem(region, 1, INFINITE), ERROR_READ_FAULT);
    FAILS(WriteSharedMem(region, data, 1, NULL), ERROR_WRITE_FAULT);
    FAILS(ReplaceSharedMem(region, data, 1, &version), ERROR_WRITE_FAULT);
    FAILS(ReserveSharedMem(region, NULL, &reserved, &size), ERROR_WRITE_FAULT);
    FAILS(FlushSharedMem(region, 1, NULL), ERROR_WRITE_FAULT);
    CHECK(open_file(0) == NULL && GetLastError() == ERROR_FILE_CORRUPT);
    CHECK(CloseSharedMem(region));
    CHECK(open_file(0) == NULL && GetLastError() == ERROR_FILE_CORRUPT);
    set_size(whole); /* of which nothing proves itself any more */
    CHECK(open_file(0) == NULL && GetLastError() == ERROR_FILE_CORRUPT);
}

/* What is missing is needed by flushes only. */
static void no_lock_is_left(void)
{
    ULONGLONG version, durable;
    make_region();
    set_size(without_copies);
    struct raw_file file = raw_file_open(path);
    CHECK(WriteSharedMem(region, "second", 6, &version));
    FAILS(FlushSharedMem(region, version, NULL), ERROR_WRITE_FAULT);
    CHECK_EQUAL(raw_file_control(&file)->flush_lock.owner, 0);
    CHECK_EQUAL(raw_file_control(&file)->lock.owner, 0);
    raw_file_close(&file);
    CHECK(query(region).durable < version);
    check_value("second");
    set_size(whole);
    CHECK(FlushSharedMem(region, version, &durable) && durable == version);
    CHECK(CloseSharedMem(region));
    region = open_file(0);
    CHECK(region != NULL);
    check_value("second");
    CHECK(CloseSharedMem(region));
}

/* All the while, threads make calls. */

static volatile LONG over;

static void check_fault(BOOL succeeded, DWORD fault)
{
    CHECK(succeeded || GetLastError() == fault);
}

static void read_again_and_again(void *unused)
{
    char data[CAPACITY];
    (void)unused;
    while (!over) {
        SIZE_T size = sizeof data;
        check_fault(ReadSharedMem(region, data, &size, NULL), ERROR_READ_FAULT);
    }
}

static void write_again_and_again(void *unused)
{
    static char data[CAPACITY];
    (void)unused;
    while (!over) {
        check_fault(WriteSharedMem(region, data, sizeof data, NULL), ERROR_WRITE_FAULT);
    }
}

static void flush_again_and_again(void *unused)
{
    (void)unused;
    while (!over) {
        check_fault(FlushSharedMem(region, MAXULONGLONG, NULL), ERROR_WRITE_FAULT);
    }
}

static void calls_in_progress_fail(void)
{
    make_region();
    const size_t cuts[] = {without_copies, without_copies - LAYOUT_PAGE, LAYOUT_PAGE, 0};
    thread threads[] = {thread_start(read_again_and_again, NULL),
                        thread_start(write_again_and_again, NULL),
                        thread_start(flush_again_and_again, NULL)};
    for (unsigned i = 0; i < ROUNDS; i++) {
        Sleep(ROUND_MS);
        set_size(cuts[i % ARRAYSIZE(cuts)]);
        Sleep(ROUND_MS);
        set_size(whole);
    }
    over = 1;
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        thread_join(threads[i]);
    }
    CHECK(WriteSharedMem(region, "as new", 6, NULL));
    check_value("as new");
    CHECK_EQUAL(query(region).writer, 0);
    CHECK(FlushSharedMem(region, MAXULONGLONG, NULL));
    CHECK(CloseSharedMem(region));
}

/* Those that have it open go on sharing it; the next one makes another. */
static void a_file_that_is_gone_is_still_shared(void)
{
    ULONGLONG version;
    make_region();
    HSHAREDMEM other = open_file(0), first = region;
    CHECK(other != NULL);
    delete_file();
    CHECK(WriteSharedMem(other, "shared", 6, &version));
    CHECK(FlushSharedMem(region, version, NULL));
    check_value("shared");
    CHECK(CloseSharedMem(other));
    CHECK(open_file(0) == NULL && GetLastError() == ERROR_FILE_NOT_FOUND);

    region = open_file(CAPACITY);
    CHECK(region != NULL);
    CHECK(WriteSharedMem(region, "another", 7, NULL));
    check_value("another");
    CHECK(CloseSharedMem(region));
    region = first;
    check_value("shared");
    CHECK(CloseSharedMem(region));
}

int main(void)
{
    HMODULE kernel32 = GetModuleHandleW(L"kernel32.dll");
    unix_name = (get_unix_name)(void (*)(void))GetProcAddress(kernel32, "wine_get_unix_file_name");
    if (unix_name == NULL) {
        puts("skipped: no program can cut a file that is mapped");
        return 77;
    }
    check_deadline(80);
    calls_fail();
    no_lock_is_left();
    calls_in_progress_fail();
    a_file_that_is_gone_is_still_shared();
    CHECK(DeleteFileW(path));
    return check_passed();
}
