/*
 * The disk fails under a region that a file backs, or a program cuts the file: each call that comes
 * to the missing bytes fails with an error, with no lock left behind, and works again when they are
 * back. Wine raises an access violation then, as here does memory without access; Windows raises
 * EXCEPTION_IN_PAGE_ERROR, which a vectored handler makes of it.
 */
#include "check.h"
#include "guarded.h"
#include "process.h"
#include "raw_file.h"
#include "stopwatch.h"
#include "thread.h"

#include "file_image.h"
#include "sharedmem.h"

#include <string.h>

#define IN_PAGE_PARAMETERS 3 /* the third is the reason, an NTSTATUS */
#define DEVICE_NOT_READY ((ULONG_PTR)0xC00000A3)

enum { CAPACITY = 3 * LAYOUT_PAGE, SOON_MS = 10000 };

static WCHAR path[MAX_PATH];
static HSHAREDMEM region, reader;
static struct raw_file file; /* stays accessible */
static unsigned char *views[2];
static unsigned char value[CAPACITY];

static bool is_windows; /* imposes what Windows raises */

static LONG CALLBACK raise_in_page_error(EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    bool is_of_view = record->NumberParameters >= 2 &&
                      (record->ExceptionInformation[1] - (ULONG_PTR)views[0] < file.size ||
                       record->ExceptionInformation[1] - (ULONG_PTR)views[1] < file.size);
    if (is_windows && is_of_view && record->ExceptionCode == EXCEPTION_ACCESS_VIOLATION) {
        record->ExceptionCode = EXCEPTION_IN_PAGE_ERROR;
        record->NumberParameters = IN_PAGE_PARAMETERS;
        record->ExceptionInformation[2] = DEVICE_NOT_READY;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static SHARED_MEM_INFO query(HSHAREDMEM which)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(which, &info));
    return info;
}

/* What of the file can be accessed: all of it, all but the values, or nothing. */
enum access { ALL, CONTROL, NOTHING };

static void protect(enum access access)
{
    size_t values = (size_t)((unsigned char *)raw_file_records(&file) - file.view);
    for (unsigned i = 0; i < ARRAYSIZE(views); i++) {
        DWORD old, usual = i == 0 ? PAGE_READWRITE : PAGE_READONLY;
        CHECK(VirtualProtect(views[i], values, access == ALL ? usual : PAGE_NOACCESS, &old));
        CHECK(VirtualProtect(views[i] + values, file.size - values,
                             access == NOTHING ? PAGE_NOACCESS : usual, &old));
    }
}

static void open_regions(void)
{
    SHARED_MEM_OPTIONS options = {.cbSize = sizeof options,
                                  .capacity = CAPACITY,
                                  .depth = 2,
                                  .file =
                                      raw_file_fresh(L"sharedmem-test-file-faults.region", path)};
    region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL);
    options.capacity = 0;
    options.flags = SHARED_MEM_READ_ONLY;
    reader = OpenSharedMemEx(NULL, &options);
    CHECK(reader != NULL);
    views[0] = query(region).address;
    views[1] = query(reader).address;
    file = raw_file_open(path);
    CHECK(AddVectoredExceptionHandler(TRUE, raise_in_page_error) != NULL);
}

/* Each call, with the values gone or with all gone. */

#define FAILS(call, error) (CHECK(!(call)), CHECK_EQUAL(GetLastError(), error))

static void read_from(HSHAREDMEM which, bool all)
{
    unsigned char buffer[CAPACITY];
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 0, missed;
    LPCVOID data;
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    FAILS(ReadSharedMem(which, buffer, &size, &version), ERROR_READ_FAULT);
    FAILS(ReadNextSharedMem(which, buffer, &size, &version, &missed), ERROR_READ_FAULT);
    if (all) {
        FAILS(QuerySharedMem(which, &info), ERROR_READ_FAULT);
        FAILS(BorrowSharedMem(which, &data, &size, &version), ERROR_READ_FAULT);
        FAILS(ValidateSharedMem(which, 0), ERROR_READ_FAULT);
        FAILS(WaitSharedMem(which, 0, 0), ERROR_READ_FAULT);
        FAILS(WaitSharedMem(which, 0, INFINITE), ERROR_READ_FAULT);
    }
}

static void write_to(bool all)
{
    ULONGLONG version = query(reader).version;
    LPVOID data;
    SIZE_T room;
    if (all) {
        protect(NOTHING);
        FAILS(ReserveSharedMem(region, NULL, &data, &room), ERROR_WRITE_FAULT);
        FAILS(FlushSharedMem(region, version, NULL), ERROR_WRITE_FAULT);
    } else {
        protect(CONTROL);
        FAILS(FlushSharedMem(region, version, NULL), ERROR_WRITE_FAULT);
    }
    FAILS(WriteSharedMem(region, "x", 1, NULL), ERROR_WRITE_FAULT);
    FAILS(WriteSharedMem(region, value, CAPACITY, NULL), ERROR_WRITE_FAULT);
    FAILS(ReplaceSharedMem(region, "x", 1, &version), ERROR_WRITE_FAULT);
}

/* The value is the one that was written last, no thread has a lock, and the next write succeeds. */
static void check_whole(void)
{
    static unsigned next;
    unsigned char buffer[CAPACITY];
    SIZE_T size = sizeof buffer;
    struct layout_control *control = raw_file_control(&file);
    protect(ALL);
    CHECK_EQUAL(control->lock.owner, 0);
    CHECK_EQUAL(control->flush_lock.owner, 0);
    CHECK(ReadSharedMem(reader, buffer, &size, NULL));
    CHECK(size == CAPACITY && memcmp(buffer, value, size) == 0);
    memset(value, (int)++next, sizeof value);
    ULONGLONG version, durable;
    CHECK(WriteSharedMem(region, value, sizeof value, &version));
    CHECK(FlushSharedMem(region, version, &durable) && durable == version);
}

static void calls_fail_and_work_again(void)
{
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));
    check_whole();
    for (unsigned i = 0; i < 4; i++) {
        bool all = i % 2 != 0;
        is_windows = i / 2 != 0;
        CHECK(WriteSharedMem(region, value, sizeof value, NULL)); /* for a flush to have work */
        protect(all ? NOTHING : CONTROL);
        read_from(region, all);
        read_from(reader, all);
        protect(ALL);
        write_to(all);
        check_whole();
    }
}

/* Publishing computes a checksum of what is there. */
static void a_reservation_is_lost_with_its_memory(void)
{
    LPVOID data;
    SIZE_T room;
    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    protect(CONTROL);
    FAILS(PublishSharedMem(region, 10, NULL), ERROR_WRITE_FAULT);
    protect(ALL);
    CHECK(query(region).writer != 0); /* it is still reserved */
    CHECK(DiscardSharedMem(region));
    check_whole();

    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    protect(NOTHING);
    FAILS(PublishSharedMem(region, 10, NULL), ERROR_WRITE_FAULT);
    FAILS(DiscardSharedMem(region), ERROR_WRITE_FAULT);
    protect(ALL);
    CHECK(DiscardSharedMem(region));
    check_whole();
}

static void wait_for_a_change(void *unused)
{
    (void)unused;
    FAILS(WaitSharedMem(reader, query(reader).version, INFINITE), ERROR_READ_FAULT);
}

static void waiters_are_told(void)
{
    ULONGLONG version = query(reader).version;
    HANDLE event = OpenSharedMemEvent(reader);
    CHECK(event != NULL && ArmSharedMemEvent(reader, event, version));
    thread waiter = thread_start(wait_for_a_change, NULL);
    LONGLONG start = stopwatch_start();
    while (query(region).waiters < 2) {
        CHECK(stopwatch_milliseconds(start) < SOON_MS);
        thread_yield();
    }
    protect(NOTHING);
    thread_join(waiter);
    CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
    protect(ALL);
    CHECK(CloseSharedMemEvent(reader, event));
    CHECK_EQUAL(query(region).waiters, 0);
    check_whole();
}

/* A bad pointer of the caller's is no fault of the file. */
static bool has_reached_the_caller;

static LONG WINAPI leave(EXCEPTION_POINTERS *pointers)
{
    CHECK_EQUAL(pointers->ExceptionRecord->ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK_EQUAL(raw_file_control(&file)->lock.owner, 0);
    has_reached_the_caller = true;
    ExitProcess((UINT)check_passed());
}

/* With what is open left open: the process ends as programs do. */
static void the_callers_faults_are_the_callers(void)
{
    SetUnhandledExceptionFilter(leave);
    WriteSharedMem(region, guarded_allocate(1).end, 1, NULL);
    CHECK(has_reached_the_caller);
}

static void faulty_regions_are_closed(void)
{
    LPVOID data;
    SIZE_T room;
    DWORD handles = process_open_handles();
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .file = path};
    HSHAREDMEM third = OpenSharedMemEx(NULL, &options);
    CHECK(third != NULL && ReserveSharedMem(third, NULL, &data, &room));
    DWORD old;
    CHECK(VirtualProtect(query(third).address, file.size, PAGE_NOACCESS, &old));
    CHECK(CloseSharedMem(third));
    CHECK_EQUAL(process_open_handles(), handles);
}

int main(void)
{
    check_deadline(60);
    open_regions();
    calls_fail_and_work_again();
    a_reservation_is_lost_with_its_memory();
    waiters_are_told();
    faulty_regions_are_closed();
    the_callers_faults_are_the_callers();
    return 1;
}
