/* What the header promises of ReserveSharedMem, PublishSharedMem and DiscardSharedMem. */
#include "check.h"
#include "guarded.h"
#include "lock_owner.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "stopwatch.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <string.h>

#define NAME L"sharedmem-test-reserve"
#define OTHER L"sharedmem-test-reserve-other"
#define NOTHING 0xDEAD    /* a last error that no function sets */
#define TIMEOUT_MS 5000.0 /* the stated one */
#define SOON_MS 1000.0    /* what a take-over takes at most */

enum { CAPACITY = 10000 };

static HSHAREDMEM region, again, reader; /* of one region */
static HSHAREDMEM other;
static struct layout_control *control;

#define FAILS(call, error)                                                                         \
    do {                                                                                           \
        SetLastError(NOTHING);                                                                     \
        CHECK(!(call));                                                                            \
        CHECK_EQUAL(GetLastError(), error);                                                        \
    } while (0)

static char *reserve(HSHAREDMEM handle)
{
    LPVOID data = NULL;
    SIZE_T room = 0;
    SetLastError(NOTHING);
    CHECK(ReserveSharedMem(handle, NULL, &data, &room));
    CHECK_EQUAL(GetLastError(), NOTHING);
    CHECK_EQUAL(room, CAPACITY);
    return data;
}

static ULONGLONG publish(HSHAREDMEM handle, SIZE_T size)
{
    ULONGLONG version = 0;
    SetLastError(NOTHING);
    CHECK(PublishSharedMem(handle, size, &version));
    CHECK_EQUAL(GetLastError(), NOTHING);
    return version;
}

static ULONGLONG check_value(const char *value, SIZE_T size)
{
    static char present[CAPACITY];
    SIZE_T room = sizeof present;
    ULONGLONG version;
    CHECK(ReadSharedMem(reader, present, &room, &version));
    CHECK(room == size && memcmp(present, value, size) == 0);
    return version;
}

static DWORD lock_owner(void)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(reader, &info));
    return info.writer;
}

static void what_is_written_in_place_is_the_value(void)
{
    static char value[CAPACITY];
    static const SIZE_T sizes[] = {1, 8, 4096, CAPACITY, 0, 100};
    char *places[4] = {0};
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        ULONGLONG before = check_value(value, i == 0 ? 0 : sizes[i - 1]);
        places[i % 4] = reserve(region);
        CHECK_EQUAL(lock_owner(), GetCurrentThreadId());
        memset(places[i % 4], 'A' + (int)i, CAPACITY);
        CHECK_EQUAL(check_value(value, i == 0 ? 0 : sizes[i - 1]), before);
        memset(value, 'A' + (int)i, CAPACITY);
        CHECK_EQUAL(publish(region, sizes[i]), before + 1);
        CHECK_EQUAL(check_value(value, sizes[i]), before + 1);
        CHECK_EQUAL(lock_owner(), 0);
    }
    CHECK(places[0] != places[1] && places[1] != places[2] && places[2] != places[3]);
    reserve(region);
    CHECK(PublishSharedMem(region, 0, NULL));
}

static void what_is_discarded_never_was(void)
{
    CHECK(WriteSharedMem(region, "stays", 5, NULL));
    ULONGLONG version = check_value("stays", 5);
    char *first = reserve(region);
    memset(first, 'x', CAPACITY);
    CHECK(DiscardSharedMem(region));
    CHECK_EQUAL(lock_owner(), 0);
    CHECK_EQUAL(check_value("stays", 5), version);
    FAILS(DiscardSharedMem(region), ERROR_NOT_LOCKED);
    FAILS(PublishSharedMem(region, 1, NULL), ERROR_NOT_LOCKED);
    CHECK(reserve(region) == first);
    CHECK(DiscardSharedMem(region));
}

static void the_expected_version_decides(void)
{
    LPVOID data;
    SIZE_T room;
    ULONGLONG version = check_value("stays", 5), wrong = version - 1;
    FAILS(ReserveSharedMem(region, &wrong, &data, &room), ERROR_REVISION_MISMATCH);
    CHECK_EQUAL(lock_owner(), 0);
    FAILS(PublishSharedMem(region, 1, NULL), ERROR_NOT_LOCKED);
    CHECK(ReserveSharedMem(region, &version, &data, &room));
    memcpy(data, "expected", 8);
    CHECK_EQUAL(publish(region, 8), version + 1);
    check_value("expected", 8);
}

static void what_is_too_large_is_still_reserved(void)
{
    memcpy(reserve(region), "small", 5);
    FAILS(PublishSharedMem(region, CAPACITY + 1, NULL), ERROR_INSUFFICIENT_BUFFER);
    FAILS(PublishSharedMem(region, (SIZE_T)-1, NULL), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQUAL(lock_owner(), GetCurrentThreadId());
    publish(region, 5);
    check_value("small", 5);
}

/* Publishing wakes what is armed; discarding does not. */
static void publishing_wakes(void)
{
    struct raw_section notify = raw_section_open_notify(NAME);
    volatile uint64_t *armed = &raw_section_waiters(&notify)->armed;
    memcpy(reserve(region), "small", 5);
    *armed = 1;
    publish(region, 5);
    CHECK(*armed == 0);
    *armed = 1;
    reserve(region);
    CHECK(DiscardSharedMem(region));
    CHECK(*armed == 1); /* no change */
    *armed = 0;
    raw_section_close(&notify);
}

/* By any handle; while other regions, and reading, are free. */
static void a_nested_write_is_refused(void)
{
    HSHAREDMEM handles[] = {region, again};
    LPVOID data;
    SIZE_T room;
    LPCVOID lent;
    ULONGLONG version = check_value("small", 5);
    memcpy(reserve(region), "outer", 5);
    for (size_t i = 0; i < ARRAYSIZE(handles); i++) {
        FAILS(WriteSharedMem(handles[i], "inner", 5, NULL), ERROR_POSSIBLE_DEADLOCK);
        FAILS(ReplaceSharedMem(handles[i], "inner", 5, &version), ERROR_POSSIBLE_DEADLOCK);
        FAILS(ReserveSharedMem(handles[i], NULL, &data, &room), ERROR_POSSIBLE_DEADLOCK);
        CHECK(BorrowSharedMem(handles[i], &lent, &room, &version));
        CHECK(ValidateSharedMem(handles[i], version) && memcmp(lent, "small", 5) == 0);
        FAILS(WaitSharedMem(handles[i], version, 0), ERROR_TIMEOUT);
    }
    FAILS(PublishSharedMem(again, 5, NULL), ERROR_NOT_LOCKED);
    FAILS(DiscardSharedMem(again), ERROR_NOT_LOCKED);

    CHECK(WriteSharedMem(other, "another", 7, NULL));
    memcpy(reserve(other), "two", 3);
    FAILS(WriteSharedMem(other, "inner", 5, NULL), ERROR_POSSIBLE_DEADLOCK);
    publish(region, 5);
    check_value("outer", 5);
    CHECK(WriteSharedMem(again, "free", 4, NULL));
    publish(other, 3);
    CHECK(WriteSharedMem(other, "free", 4, NULL));
}

/* Other threads. */

static void be_refused(void *unused)
{
    (void)unused;
    FAILS(PublishSharedMem(region, 1, NULL), ERROR_NOT_OWNER);
    FAILS(DiscardSharedMem(region), ERROR_NOT_OWNER);
}

static volatile LONG has_written;

static void write_later(void *unused)
{
    (void)unused;
    CHECK(WriteSharedMem(region, "later", 5, NULL));
    has_written = TRUE;
}

static void time_out(void *unused)
{
    (void)unused;
    LONGLONG start = stopwatch_start();
    FAILS(WriteSharedMem(again, "never", 5, NULL), ERROR_TIMEOUT);
    CHECK(stopwatch_milliseconds(start) > TIMEOUT_MS - 100);
}

static void wait_for_a_change(void *version)
{
    CHECK(WaitSharedMem(reader, *(ULONGLONG *)version, INFINITE));
}

static void others_wait(void)
{
    ULONGLONG version = check_value("free", 4);
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    thread waiter = thread_start(wait_for_a_change, &version);
    do {
        SwitchToThread();
        CHECK(QuerySharedMem(reader, &info));
    } while (info.waiters == 0);
    memcpy(reserve(region), "first", 5);
    thread_join(thread_start(be_refused, NULL));
    thread_join(thread_start(time_out, NULL));
    thread writer = thread_start(write_later, NULL);
    Sleep(50);
    CHECK(!has_written);
    check_value("free", 4);
    CHECK_EQUAL(publish(region, 5), version + 1);
    thread_join(writer);
    thread_join(waiter);
    CHECK_EQUAL(check_value("later", 5), version + 2);
}

static HSHAREDMEM abandoned;

static void reserve_and_end(void *unused)
{
    (void)unused;
    memset(reserve(abandoned), 'x', CAPACITY);
}

static void abandon(void)
{
    abandoned = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK(abandoned != NULL);
    thread_join(thread_start(reserve_and_end, NULL));
}

static void take_over(HSHAREDMEM handle)
{
    ULONGLONG version = check_value("later", 5);
    LONGLONG start = stopwatch_start();
    CHECK(WriteSharedMem(handle, "later", 5, NULL));
    CHECK(stopwatch_milliseconds(start) < SOON_MS);
    CHECK_EQUAL(check_value("later", 5), version + 1);
}

static void the_ended_are_succeeded(void)
{
    abandon();
    FAILS(PublishSharedMem(abandoned, 1, NULL), ERROR_NOT_OWNER);
    take_over(abandoned); /* by the same handle */
    FAILS(PublishSharedMem(abandoned, 1, NULL), ERROR_NOT_OWNER);
    memcpy(reserve(abandoned), "later", 5);
    publish(abandoned, 5);
    CHECK(CloseSharedMem(abandoned));

    abandon();
    take_over(region);
    CHECK(CloseSharedMem(abandoned));
}

/* The lock that an ended thread had may be another one's by now. */
static void closing_takes_no_lock_from_others(void)
{
    abandon();
    memcpy(reserve(region), "later", 5);
    CHECK(CloseSharedMem(abandoned));
    CHECK_EQUAL(lock_owner(), GetCurrentThreadId());
    publish(region, 5);
    check_value("later", 5);

    HSHAREDMEM earlier = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK(earlier != NULL);
    memcpy(reserve(earlier), "later", 5);
    publish(earlier, 5);
    memcpy(reserve(region), "later", 5);
    CHECK(CloseSharedMem(earlier));
    CHECK_EQUAL(lock_owner(), GetCurrentThreadId());
    publish(region, 5);
}

static void close_it(void *handle)
{
    CHECK(CloseSharedMem(handle));
}

static void closing_discards(void)
{
    ULONGLONG version = check_value("later", 5);
    for (int by_another_thread = 0; by_another_thread <= 1; by_another_thread++) {
        HSHAREDMEM handle = OpenSharedMem(NAME, 0, 0, NULL);
        CHECK(handle != NULL);
        memset(reserve(handle), 'x', CAPACITY);
        if (by_another_thread) {
            thread_join(thread_start(close_it, handle));
        } else {
            CHECK(CloseSharedMem(handle));
        }
        CHECK_EQUAL(lock_owner(), 0);
        HSHAREDMEM next = OpenSharedMem(NAME, 0, 0, NULL); /* in its place */
        CHECK(next != NULL);
        FAILS(PublishSharedMem(next, 1, NULL), ERROR_NOT_LOCKED);
        CHECK(CloseSharedMem(next));
        CHECK_EQUAL(check_value("later", 5), version);
    }
    CHECK(WriteSharedMem(region, "later", 5, NULL));
}

static int reserve_in_process(char **arguments)
{
    (void)arguments;
    region = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK(region != NULL);
    memset(reserve(region), 'x', CAPACITY);
    ExitProcess(0);
}

static void an_ended_process_is_succeeded(void)
{
    CHECK_EQUAL(process_finish(process_start_self(L"reserve-and-end")), 0);
    CHECK(control->lock.owner != 0);
    take_over(region);
}

/* A program that ignores the protocol overwrites the lock, and so may have let others in. */
static void an_overwritten_lock_is_lost(void)
{
    const uint64_t owners[] = {0, LOCK_OWNER_DEAD};
    ULONGLONG version = check_value("later", 5);
    for (size_t i = 0; i < ARRAYSIZE(owners); i++) {
        reserve(region);
        control->lock.owner = owners[i];
        FAILS(PublishSharedMem(region, 1, NULL), ERROR_NOT_LOCKED);
        FAILS(DiscardSharedMem(region), ERROR_NOT_LOCKED);
        CHECK(control->lock.owner == owners[i]);

        reserve(region);
        control->lock.owner = owners[i];
        FAILS(DiscardSharedMem(region), ERROR_NOT_LOCKED);
        CHECK(control->lock.owner == owners[i]);
        CHECK_EQUAL(check_value("later", 5), version);

        reserve(region);
        control->lock.owner = owners[i];
        CHECK(WriteSharedMem(region, "later", 5, NULL)); /* its own thread is not kept out */
        FAILS(PublishSharedMem(region, 1, NULL), ERROR_NOT_LOCKED);
        CHECK_EQUAL(check_value("later", 5), ++version);
    }
    reserve(region);
    control->capacity = 0; /* nor does the stated capacity change the room */
    control->sequence += 5;
    publish(region, CAPACITY);
    CHECK_EQUAL(control->sequence, version + 1);
    CHECK(WriteSharedMem(region, "later", 5, NULL));
}

static void *bad_page;

static LONG CALLBACK give_access(EXCEPTION_POINTERS *pointers)
{
    DWORD old;
    CHECK_EQUAL(pointers->ExceptionRecord->ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK(control->lock.owner == lock_owner_token(GetCurrentThread()));
    CHECK(VirtualProtect(bad_page, 1, PAGE_READWRITE, &old));
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void a_bad_version_leaves_it_reserved(void)
{
    DWORD old;
    bad_page = guarded_allocate(sizeof(ULONGLONG)).start;
    memcpy(reserve(region), "mended", 6);
    CHECK(VirtualProtect(bad_page, 1, PAGE_READONLY, &old));
    SetUnhandledExceptionFilter(give_access);
    CHECK(PublishSharedMem(region, 6, bad_page));
    SetUnhandledExceptionFilter(NULL);
    CHECK_EQUAL(check_value("mended", 6), *(ULONGLONG *)bad_page);
}

static const struct role roles[] = {{"reserve-and-end", reserve_in_process}};

int main(int argc, char **argv)
{
    check_deadline(100);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    region = OpenSharedMem(NAME, CAPACITY, 0, NULL);
    again = OpenSharedMem(NAME, 0, 0, NULL);
    reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    other = OpenSharedMem(OTHER, CAPACITY, 0, NULL);
    CHECK(region != NULL && again != NULL && reader != NULL && other != NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    control = raw_section_control(&section);

    what_is_written_in_place_is_the_value();
    what_is_discarded_never_was();
    the_expected_version_decides();
    what_is_too_large_is_still_reserved();
    publishing_wakes();
    a_nested_write_is_refused();
    others_wait();
    the_ended_are_succeeded();
    closing_takes_no_lock_from_others();
    closing_discards();
    an_ended_process_is_succeeded();
    an_overwritten_lock_is_lost();
    a_bad_version_leaves_it_reserved();
    return check_passed();
}
