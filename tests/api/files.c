/* Regions that a file backs: making and opening it, what stays of it, flushing, what is refused. */
#include "check.h"
#include "process.h"
#include "raw_file.h"
#include "roles.h"

#include "durable.h"
#include "sharedmem.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define KEPT 0x1234 /* a last error that success leaves alone */

enum { CAPACITY = 5000, DEPTH = 5 };

static WCHAR path[MAX_PATH];

static HSHAREDMEM open_with(DWORD flags, ULONGLONG capacity, DWORD depth, void *address)
{
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options,
                                        .flags = flags,
                                        .capacity = capacity,
                                        .depth = depth,
                                        .file = path,
                                        .address = address};
    SetLastError(KEPT);
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK((region != NULL) == (GetLastError() == KEPT));
    return region;
}

static HSHAREDMEM open_region(DWORD flags, ULONGLONG capacity)
{
    HSHAREDMEM region = open_with(flags, capacity, 0, NULL);
    CHECK(region != NULL);
    return region;
}

static void fail_to_open(DWORD flags, ULONGLONG capacity, DWORD depth, DWORD error)
{
    DWORD handles = process_open_handles();
    unsigned ranges = process_used_ranges();
    CHECK(open_with(flags, capacity, depth, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), error);
    CHECK_EQUAL(process_open_handles(), handles);
    CHECK(process_used_ranges() <= ranges);
}

static SHARED_MEM_INFO query(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    return info;
}

static ULONGLONG write(HSHAREDMEM region, const char *value)
{
    ULONGLONG version;
    SetLastError(KEPT);
    CHECK(WriteSharedMem(region, value, strlen(value), &version));
    CHECK_EQUAL(GetLastError(), KEPT);
    return version;
}

/* The region's value is this one; returns its version. */
static ULONGLONG check_value(HSHAREDMEM region, const char *value)
{
    char data[CAPACITY];
    SIZE_T size = sizeof data;
    ULONGLONG version;
    SetLastError(KEPT);
    CHECK(ReadSharedMem(region, data, &size, &version));
    CHECK_EQUAL(GetLastError(), KEPT);
    CHECK(size == strlen(value) && memcmp(data, value, size) == 0);
    return version;
}

static void close(HSHAREDMEM region)
{
    SetLastError(KEPT);
    CHECK(CloseSharedMem(region));
    CHECK_EQUAL(GetLastError(), KEPT);
}

static ULONGLONG flush(HSHAREDMEM region, ULONGLONG version)
{
    ULONGLONG durable;
    SetLastError(KEPT);
    CHECK(FlushSharedMem(region, version, &durable));
    CHECK_EQUAL(GetLastError(), KEPT);
    return durable;
}

/* A new file, at `path`. */
static HSHAREDMEM make_region(void)
{
    raw_file_fresh(L"sharedmem-test-files.region", path);
    return open_region(SHARED_MEM_CREATE_NEW, CAPACITY);
}

/* As any other region. */

static void a_new_file_is_a_region(void)
{
    HSHAREDMEM region = make_region();
    SHARED_MEM_INFO info = query(region);
    CHECK(info.capacity == CAPACITY && info.size == 0 && info.version == 0 && info.durable == 0);
    CHECK(info.flags == 0 && info.depth == 1 && info.writer == 0 && info.waiters == 0);
    check_value(region, "");

    CHECK_EQUAL(write(region, "value"), 1);
    HSHAREDMEM other = open_region(0, 0);
    CHECK_EQUAL(check_value(other, "value"), 1);
    ULONGLONG version = 1;
    CHECK(ReplaceSharedMem(other, "other", 5, &version) && version == 2);
    CHECK(WaitSharedMem(region, 1, 0));
    CHECK(!WaitSharedMem(region, 2, 0) && GetLastError() == ERROR_TIMEOUT);
    check_value(region, "other");
    CHECK_EQUAL(query(other).flags, 0);

    fail_to_open(SHARED_MEM_CREATE_NEW, CAPACITY, 0, ERROR_ALREADY_EXISTS);
    close(other);
    close(region);
    fail_to_open(SHARED_MEM_CREATE_NEW, CAPACITY, 0, ERROR_ALREADY_EXISTS);
}

static void all_of_the_capacity_is_used(void)
{
    static unsigned char data[CAPACITY], got[CAPACITY];
    HSHAREDMEM region = make_region();
    for (SIZE_T size = 0; size <= CAPACITY; size = size * 2 + 1) {
        SIZE_T room = sizeof got;
        memset(data, (int)size, sizeof data);
        CHECK(WriteSharedMem(region, data, size, NULL));
        CHECK(ReadSharedMem(region, got, &room, NULL));
        CHECK(room == size && memcmp(got, data, size) == 0);
    }
    CHECK(WriteSharedMem(region, data, CAPACITY, NULL));
    CHECK(!WriteSharedMem(region, data, CAPACITY + 1, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    close(region);
}

static void readers_only_read(void)
{
    HSHAREDMEM writer = make_region();
    ULONGLONG made = write(writer, "value"), version;
    HSHAREDMEM reader = open_region(SHARED_MEM_READ_ONLY, 0);
    LPCVOID data;
    SIZE_T size;
    check_value(reader, "value");
    CHECK_EQUAL(query(reader).flags, SHARED_MEM_READ_ONLY);
    CHECK(BorrowSharedMem(reader, &data, &size, &version));
    CHECK(size == 5 && version == made && memcmp(data, "value", 5) == 0);
    CHECK(ValidateSharedMem(reader, version));
    CHECK(!WriteSharedMem(reader, "x", 1, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(!FlushSharedMem(reader, made, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    close(writer);

    /* The reader has it open, so nothing is to be recovered. */
    writer = open_region(0, 0);
    CHECK_EQUAL(query(writer).flags, 0);
    CHECK_EQUAL(check_value(writer, "value"), made);
    close(writer);
    close(reader);
    fail_to_open(SHARED_MEM_READ_ONLY, 0, 0, ERROR_FILE_CORRUPT);
}

static void values_are_made_in_place(void)
{
    HSHAREDMEM region = make_region();
    LPCVOID borrowed;
    LPVOID data;
    SIZE_T room;
    ULONGLONG version;
    CHECK(ReserveSharedMem(region, NULL, &data, &room) && room == CAPACITY);
    memcpy(data, "in place", 8);
    CHECK(!WriteSharedMem(region, "x", 1, NULL) && GetLastError() == ERROR_POSSIBLE_DEADLOCK);
    CHECK(PublishSharedMem(region, 8, &version) && version == 1);
    check_value(region, "in place");
    CHECK(ReserveSharedMem(region, &version, &data, &room));
    CHECK(DiscardSharedMem(region));
    CHECK(BorrowSharedMem(region, &borrowed, &room, &version));
    CHECK(room == 8 && version == 1 && memcmp(borrowed, "in place", 8) == 0);
    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    close(region); /* discards */
    region = open_region(0, 0);
    check_value(region, "in place"); /* it proves itself */
    close(region);
}

static void an_event_is_set(void)
{
    HSHAREDMEM region = make_region();
    HSHAREDMEM reader = open_region(SHARED_MEM_READ_ONLY, 0);
    HANDLE event = OpenSharedMemEvent(reader);
    CHECK(event != NULL && ArmSharedMemEvent(reader, event, 0));
    CHECK_EQUAL(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    write(region, "x");
    CHECK_EQUAL(WaitForSingleObject(event, 10000), WAIT_OBJECT_0);
    CHECK(CloseSharedMemEvent(reader, event));
    close(reader);
    close(region);
}

/* Else the next call could not create it either. */
static void a_file_without_room_is_not_created(void)
{
    char *taken = VirtualAlloc(NULL, 65536, MEM_RESERVE, PAGE_NOACCESS);
    CHECK(taken != NULL);
    const struct {
        void *address;
        DWORD error;
    } bad[] = {{taken, ERROR_INVALID_ADDRESS},
               {(void *)(UINTPTR_MAX - 65535), ERROR_INVALID_ADDRESS},
               {(void *)0x30000800, ERROR_MAPPED_ALIGNMENT}};
    raw_file_fresh(L"sharedmem-test-files.region", path);
    for (size_t i = 0; i < ARRAYSIZE(bad); i++) {
        CHECK(open_with(SHARED_MEM_CREATE_NEW, CAPACITY, 0, bad[i].address) == NULL);
        CHECK_EQUAL(GetLastError(), bad[i].error);
        CHECK(GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES);
    }
    VirtualFree(taken, 0, MEM_RELEASE);
    close(open_region(SHARED_MEM_CREATE_NEW, CAPACITY));
}

static void an_address_is_the_files(void)
{
    void *const address = (void *)0x30000000;
    raw_file_fresh(L"sharedmem-test-files.region", path);
    HSHAREDMEM region = open_with(0, CAPACITY, 0, address);
    CHECK(region != NULL && query(region).address == address);
    write(region, "value");
    CHECK(open_with(0, 0, 0, address) == NULL && GetLastError() == ERROR_INVALID_ADDRESS);
    CHECK(open_with(0, 0, 0, (char *)address + 1) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_MAPPED_ALIGNMENT);
    check_value(region, "value");
    close(region);
}

/* What stays. */

/* hold: writes, and stays until it is killed. */
static int hold(char **arguments)
{
    (void)arguments;
    process_sibling(L"sharedmem-test-files.region", path);
    HSHAREDMEM region = open_region(0, 0);
    write(region, "of the one that was killed");
    HANDLE ready = OpenEventW(EVENT_MODIFY_STATE, FALSE, L"sharedmem-test-files.ready");
    CHECK(ready != NULL && SetEvent(ready));
    Sleep(INFINITE);
    return 0;
}

static void a_value_outlives_its_processes(void)
{
    HANDLE ready = CreateEventW(NULL, FALSE, FALSE, L"sharedmem-test-files.ready");
    HSHAREDMEM region = make_region();
    ULONGLONG first = write(region, "first");
    close(region);
    region = open_region(0, 0);
    SHARED_MEM_INFO info = query(region);
    CHECK(info.flags == SHARED_MEM_RECOVERED && info.version == first + DURABLE_LEAP);
    CHECK(info.durable == info.version && info.capacity == CAPACITY && info.size == 5);
    check_value(region, "first");

    /* A version of before the recovery is stale. */
    ULONGLONG stale = first;
    CHECK(!ReplaceSharedMem(region, "x", 1, &stale) && stale == info.version);
    CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
    close(region);

    for (unsigned i = 0; i < 3; i++) {
        HANDLE process = process_start_self(L"hold");
        CHECK_EQUAL(WaitForSingleObject(ready, 20000), WAIT_OBJECT_0);
        process_kill(process);
        ULONGLONG before = info.version;
        region = open_region(0, CAPACITY);
        info = query(region);
        CHECK_EQUAL(info.version, before + 2 * DURABLE_LEAP + 1);
        CHECK_EQUAL(info.flags, SHARED_MEM_RECOVERED);
        check_value(region, "of the one that was killed");
        close(region);
    }
    CloseHandle(ready);
}

static void a_file_that_was_opened_is_not_new(void)
{
    close(make_region());
    HSHAREDMEM region = open_region(0, 0);
    CHECK_EQUAL(query(region).version, DURABLE_LEAP); /* some may have been given out, and lost */
    check_value(region, "");
    close(region);
}

/* Of the history, the last value only. */
static void a_history_ends_with_its_processes(void)
{
    char data[CAPACITY];
    raw_file_fresh(L"sharedmem-test-files.region", path);
    HSHAREDMEM region = open_with(0, CAPACITY, DEPTH, NULL);
    CHECK(region != NULL);
    ULONGLONG last = 0, missed = 0, version = 0;
    for (unsigned i = 0; i < 2 * DEPTH; i++) {
        char value[] = {(char)('a' + i), 0};
        last = write(region, value);
    }
    for (unsigned i = DEPTH; i < 2 * DEPTH; i++) {
        SIZE_T size = sizeof data;
        CHECK(ReadNextSharedMem(region, data, &size, &version, &missed));
        CHECK(version == i + 1 && data[0] == (char)('a' + i));
        CHECK_EQUAL(missed, i == DEPTH ? DEPTH : 0);
    }
    close(region);

    region = open_with(0, 0, DEPTH, NULL);
    CHECK(region != NULL && query(region).depth == DEPTH);
    ULONGLONG recovered = last + DURABLE_LEAP;
    SIZE_T size = sizeof data;
    version = last - 2;
    CHECK(ReadNextSharedMem(region, data, &size, &version, &missed));
    CHECK(version == recovered && size == 1 && data[0] == 'a' + 2 * DEPTH - 1);
    CHECK_EQUAL(missed, recovered - (last - 2) - 1);
    write(region, "next");
    size = sizeof data;
    CHECK(ReadNextSharedMem(region, data, &size, &version, &missed));
    CHECK(version == recovered + 1 && size == 4 && missed == 0);
    CHECK(!ReadNextSharedMem(region, data, &size, &version, &missed));
    CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
    version = 0; /* both of them */
    size = sizeof data;
    CHECK(ReadNextSharedMem(region, data, &size, &version, &missed) && version == recovered);
    close(region);
}

/* Flushing. */

static void a_flushed_version_is_durable(void)
{
    HSHAREDMEM region = make_region();
    CHECK_EQUAL(flush(region, 0), 0);
    ULONGLONG first = write(region, "first"), second = write(region, "second");
    CHECK_EQUAL(query(region).durable, 0);
    CHECK_EQUAL(flush(region, first), second);
    CHECK_EQUAL(query(region).durable, second);
    ULONGLONG third = write(region, "third");
    CHECK_EQUAL(flush(region, second), second); /* it is already */
    CHECK_EQUAL(flush(region, ULLONG_MAX), third);
    CHECK(FlushSharedMem(region, write(region, "fourth"), NULL));

    struct raw_file file = raw_file_open(path);
    uint64_t confirmed = raw_file_control(&file)->confirmed;
    const struct layout_record *copy = raw_file_copy(&file, confirmed % FILE_IMAGE_COPIES);
    CHECK(copy->version == third + 1 && copy->length == 6);
    CHECK(memcmp((const unsigned char *)copy + LAYOUT_PAGE, "fourth", 6) == 0);
    copy = raw_file_copy(&file, 1 - confirmed % FILE_IMAGE_COPIES);
    CHECK_EQUAL(copy->version, third); /* the one before is not touched */
    raw_file_close(&file);

    HSHAREDMEM memory = OpenSharedMem(L"sharedmem-test-files", 1, 0, NULL);
    CHECK(memory != NULL && query(memory).durable == 0);
    CHECK(!FlushSharedMem(memory, 0, NULL) && GetLastError() == ERROR_NOT_SUPPORTED);
    CHECK(!FlushSharedMem(SHARED_MEM_TEXT, 0, NULL) && GetLastError() == ERROR_NOT_SUPPORTED);
    close(memory);
    close(region);
    CHECK(!FlushSharedMem(region, 0, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
}

/* Only the confirmed copy is left: the slots are as a power failure may leave them. */
static void a_torn_region_is_made_of_its_copy(void)
{
    HSHAREDMEM region = make_region();
    ULONGLONG durable = flush(region, write(region, "durable"));
    ULONGLONG lost = write(region, "lost");
    close(region);
    struct raw_file file = raw_file_open(path);
    struct layout_record *records = raw_file_records(&file);
    unsigned char *slots = file.view + LAYOUT_PAGE;
    memset(slots, 0xA5, (size_t)((unsigned char *)records - slots));
    raw_file_close(&file);
    region = open_region(0, 0);
    CHECK_EQUAL(check_value(region, "durable"), durable + DURABLE_LEAP);
    CHECK(query(region).version > lost);
    close(region);
}

/* Two billion versions after the last flush, a write flushes by itself. */
static void versions_stay_within_a_recoverys_leap(void)
{
    HSHAREDMEM region = make_region();
    struct raw_file file = raw_file_open(path);
    struct layout_control *control = raw_file_control(&file);
    write(region, "value");
    control->sequence += DURABLE_LEAD - 1; /* still in front of that slot's next use */
    CHECK_EQUAL(write(region, "within"), DURABLE_LEAD + 1);
    CHECK_EQUAL(query(region).durable, 0);
    CHECK_EQUAL(write(region, "beyond"), DURABLE_LEAD + 2);
    CHECK_EQUAL(query(region).durable, DURABLE_LEAD + 1);
    raw_file_close(&file);
    close(region);
}

/* What is refused. */

/* Such a file is not a region's, and stays as it is. */
static void refuse(const void *data, size_t size, DWORD error)
{
    size_t size_now;
    raw_file_write(path, data, size);
    fail_to_open(0, CAPACITY, 0, error);
    fail_to_open(0, 0, 0, error);
    fail_to_open(SHARED_MEM_READ_ONLY, 0, 0, error);
    unsigned char *now = raw_file_read(path, &size_now);
    CHECK(size_now == size && memcmp(now, data, size) == 0);
    free(now);
}

static void other_files_are_refused(void)
{
    size_t size;
    close(make_region());
    unsigned char *data = raw_file_read(path, &size);
    refuse("", 0, ERROR_INVALID_DATA);
    refuse("another program's", 17, ERROR_INVALID_DATA);
    refuse(data, sizeof(struct file_identity) - 1, ERROR_INVALID_DATA);
    refuse(data, sizeof(struct file_identity), ERROR_FILE_CORRUPT);
    refuse(data, size - LAYOUT_PAGE, ERROR_FILE_CORRUPT);
    refuse(data, size - 1, ERROR_FILE_CORRUPT);
    data[size] = 0;
    refuse(data, size + 1, ERROR_FILE_CORRUPT);
    struct file_identity *identity = (void *)data;
    identity->capacity++;
    refuse(data, size, ERROR_FILE_CORRUPT);
    identity->capacity--;
    identity->magic++;
    refuse(data, size, ERROR_INVALID_DATA);
    free(data);
}

static void missing_files_are_not_made_by_mistake(void)
{
    raw_file_fresh(L"sharedmem-test-files.region", path);
    fail_to_open(0, 0, 0, ERROR_FILE_NOT_FOUND);
    fail_to_open(SHARED_MEM_READ_ONLY, 0, 0, ERROR_FILE_NOT_FOUND);
    fail_to_open(0, ULLONG_MAX, 0, ERROR_NOT_ENOUGH_MEMORY);
    fail_to_open(0, 0, 0, ERROR_FILE_NOT_FOUND);
    wcscat(path, L"\\missing\\file");
    fail_to_open(0, CAPACITY, 0, ERROR_PATH_NOT_FOUND);
    path[0] = 0;
    fail_to_open(0, CAPACITY, 0, ERROR_INVALID_PARAMETER);
    process_sibling(L"", path);
    fail_to_open(0, CAPACITY, 0, ERROR_ACCESS_DENIED); /* a folder */
}

static void read_access_control(const WCHAR *file, unsigned char list[1024])
{
    DWORD size;
    memset(list, 0, 1024);
    CHECK(GetFileSecurityW(file, DACL_SECURITY_INFORMATION, list, 1024, &size));
}

/* Access for this user, and for no other. To be freed with LocalFree. */
static PSECURITY_DESCRIPTOR make_private(void)
{
    ULONGLONG room[32];
    const TOKEN_USER *self = (const void *)room;
    DWORD size;
    HANDLE token;
    WCHAR *user, list[256];
    PSECURITY_DESCRIPTOR descriptor;
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    CHECK(GetTokenInformation(token, TokenUser, room, sizeof room, &size));
    CHECK(ConvertSidToStringSidW(self->User.Sid, &user));
    swprintf(list, ARRAYSIZE(list), L"D:P(A;;FA;;;%ls)", user);
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(list, SDDL_REVISION_1, &descriptor,
                                                               NULL));
    LocalFree(user);
    CloseHandle(token);
    return descriptor;
}

/* A region's file has the access control that any other file would have. */
static void a_creator_says_who_may_open_it(void)
{
    unsigned char list[1024], expected[1024], usual[1024];
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security,
                                    .lpSecurityDescriptor = make_private()};
    close(make_region());
    read_access_control(path, usual);

    raw_file_fresh(L"sharedmem-test-files.region", path);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, &security, CREATE_NEW, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    read_access_control(path, expected);
    CHECK(memcmp(expected, usual, sizeof expected) != 0);

    raw_file_fresh(L"sharedmem-test-files.region", path);
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = CAPACITY, .file = path, .security = &security};
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL);
    read_access_control(path, list);
    CHECK(memcmp(list, expected, sizeof list) == 0);
    close(region);
    LocalFree(security.lpSecurityDescriptor);
}

static void an_existing_file_has_to_suffice(void)
{
    HSHAREDMEM region = make_region();
    fail_to_open(0, CAPACITY + 1, 0, ERROR_INSUFFICIENT_BUFFER);
    fail_to_open(0, CAPACITY, 2, ERROR_INSUFFICIENT_BUFFER);
    HSHAREDMEM other = open_region(0, CAPACITY - 1);
    CHECK_EQUAL(query(other).capacity, CAPACITY);
    close(other);
    close(region);
    fail_to_open(0, CAPACITY + 1, 0, ERROR_INSUFFICIENT_BUFFER); /* nor is it recovered for that */
}

static void an_open_file_stays(void)
{
    WCHAR elsewhere[MAX_PATH];
    raw_file_fresh(L"sharedmem-test-files.moved", elsewhere);
    HSHAREDMEM region = make_region();
    CHECK(!DeleteFileW(path) && GetLastError() == ERROR_SHARING_VIOLATION);
    CHECK(!MoveFileW(path, elsewhere) && GetLastError() == ERROR_SHARING_VIOLATION);
    CHECK(CopyFileW(path, elsewhere, TRUE)); /* a backup */
    write(region, "original");
    wcscpy(path, elsewhere);
    HSHAREDMEM copy = open_region(0, 0);
    check_value(copy, "");
    write(copy, "copy");
    check_value(region, "original");
    close(copy);
    close(region);
    CHECK(DeleteFileW(elsewhere));
}

static void what_a_creator_left_is_taken_over(void)
{
    WCHAR leftover[MAX_PATH];
    struct file_identity identity = {.magic = FILE_IMAGE_MAGIC};
    size_t size;
    raw_file_fresh(L"sharedmem-test-files.region.creating", leftover);
    raw_file_write(leftover, "", 0);
    close(make_region());
    CHECK_EQUAL(GetFileAttributesW(leftover), INVALID_FILE_ATTRIBUTES);
    raw_file_write(leftover, &identity, sizeof identity);
    close(make_region());
    CHECK_EQUAL(GetFileAttributesW(leftover), INVALID_FILE_ATTRIBUTES);
    raw_file_write(leftover, "\0\0\0\0\0\0\0\0\0", 9); /* of a power failure */
    close(make_region());
    CHECK_EQUAL(GetFileAttributesW(leftover), INVALID_FILE_ATTRIBUTES);

    raw_file_write(leftover, "another program's", 17);
    raw_file_fresh(L"sharedmem-test-files.region", path);
    fail_to_open(0, CAPACITY, 0, ERROR_INVALID_DATA);
    unsigned char *data = raw_file_read(leftover, &size);
    CHECK(size == 17 && memcmp(data, "another program's", 17) == 0);
    free(data);
    CHECK(DeleteFileW(leftover));
    fail_to_open(0, 0, 0, ERROR_FILE_NOT_FOUND);
}

static const struct role roles[] = {{"hold", hold}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    check_deadline(60);
    a_new_file_is_a_region();
    all_of_the_capacity_is_used();
    readers_only_read();
    values_are_made_in_place();
    an_event_is_set();
    a_file_without_room_is_not_created();
    an_address_is_the_files();
    a_value_outlives_its_processes();
    a_file_that_was_opened_is_not_new();
    a_history_ends_with_its_processes();
    a_flushed_version_is_durable();
    a_torn_region_is_made_of_its_copy();
    versions_stay_within_a_recoverys_leap();
    other_files_are_refused();
    missing_files_are_not_made_by_mistake();
    a_creator_says_who_may_open_it();
    an_existing_file_has_to_suffice();
    an_open_file_stays();
    what_a_creator_left_is_taken_over();
    return check_passed();
}
