/* Every function against every kind of bad argument: a table of calls and their exact errors. */
#include "check.h"
#include "thread.h"

#include "sharedmem.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

#define NAME L"sharedmem-test-errors"
#define NOTHING 0xDEAD /* a last error that no function sets */

static HSHAREDMEM open;      /* with a capacity of 16 bytes, and a value of 4 */
static HSHAREDMEM read_only; /* the same region */
static HSHAREDMEM closed;
static HANDLE event; /* of the first */

static WCHAR text[4];
static char bytes[32];
static SIZE_T size;
static ULONGLONG version, missed;
static LPCVOID data;
static LPVOID place;
static SHARED_MEM_INFO info;
static SHARED_MEM_OPTIONS options;

/* Evaluates the call with everything else in order, and checks its result and last error. */
#define FAILS(call, error)                                                                         \
    do {                                                                                           \
        reset();                                                                                   \
        SetLastError(NOTHING);                                                                     \
        bool failed = !(call);                                                                     \
        DWORD last = GetLastError();                                                               \
        if (!failed || last != (error)) {                                                          \
            printf("%s: %s, error %lu, expected %lu\n", #call, failed ? "failed" : "succeeded",    \
                   last, (DWORD)(error));                                                          \
        }                                                                                          \
        CHECK(last == (error) && failed);                                                          \
        check_unchanged();                                                                         \
    } while (0)

static void reset(void)
{
    size = sizeof bytes;
    version = 1;
    info = (SHARED_MEM_INFO){.cbSize = sizeof info};
    options = (SHARED_MEM_OPTIONS){.cbSize = sizeof options, .capacity = 16};
}

static void check_unchanged(void)
{
    char value[16];
    SIZE_T room = sizeof value;
    ULONGLONG present;
    CHECK(ReadSharedMem(open, value, &room, &present));
    CHECK(room == 4 && value[0] == 'v' && present == 1);
}

static bool try_to_set(const WCHAR *value)
{
    SetSharedMem(value);
    return GetLastError() == ERROR_SUCCESS;
}

static bool try_to_get(WCHAR *buffer, DWORD cch)
{
    GetSharedMem(buffer, cch);
    return GetLastError() == ERROR_SUCCESS;
}

static void bad_handles(HSHAREDMEM bad)
{
    FAILS(CloseSharedMem(bad), ERROR_INVALID_HANDLE);
    FAILS(ReadSharedMem(bad, bytes, &size, &version), ERROR_INVALID_HANDLE);
    FAILS(ReadNextSharedMem(bad, bytes, &size, &version, &missed), ERROR_INVALID_HANDLE);
    FAILS(WriteSharedMem(bad, bytes, 1, &version), ERROR_INVALID_HANDLE);
    FAILS(ReplaceSharedMem(bad, bytes, 1, &version), ERROR_INVALID_HANDLE);
    FAILS(BorrowSharedMem(bad, &data, &size, &version), ERROR_INVALID_HANDLE);
    FAILS(ValidateSharedMem(bad, 1), ERROR_INVALID_HANDLE);
    FAILS(ReserveSharedMem(bad, &version, &place, &size), ERROR_INVALID_HANDLE);
    FAILS(PublishSharedMem(bad, 1, &version), ERROR_INVALID_HANDLE);
    FAILS(DiscardSharedMem(bad), ERROR_INVALID_HANDLE);
    FAILS(FlushSharedMem(bad, 0, &version), ERROR_INVALID_HANDLE);
    FAILS(WaitSharedMem(bad, 0, 0), ERROR_INVALID_HANDLE);
    FAILS(QuerySharedMem(bad, &info), ERROR_INVALID_HANDLE);
    FAILS(OpenSharedMemEvent(bad), ERROR_INVALID_HANDLE);
    FAILS(ArmSharedMemEvent(bad, event, 0), ERROR_INVALID_HANDLE);
    FAILS(CloseSharedMemEvent(bad, event), ERROR_INVALID_HANDLE);
    /* Worse could be wrong besides. */
    FAILS(ReadSharedMem(bad, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
    FAILS(ReadNextSharedMem(bad, NULL, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
    FAILS(WriteSharedMem(bad, NULL, 1, NULL), ERROR_INVALID_HANDLE);
    FAILS(ReplaceSharedMem(bad, NULL, 1, NULL), ERROR_INVALID_HANDLE);
    FAILS(BorrowSharedMem(bad, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
    FAILS(ReserveSharedMem(bad, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
    FAILS(PublishSharedMem(bad, (SIZE_T)-1, NULL), ERROR_INVALID_HANDLE);
    FAILS(QuerySharedMem(bad, NULL), ERROR_INVALID_HANDLE);
}

/* OpenSharedMemEx with all options in order but for these. */
#define REFUSES(name, changes, error) FAILS((changes, OpenSharedMemEx(name, &options)), error)

static void bad_options(void)
{
    void *const taken = VirtualAlloc(NULL, 1, MEM_RESERVE, PAGE_NOACCESS);
    FAILS(OpenSharedMemEx(NAME, NULL), ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.cbSize = 0, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.cbSize -= 1, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.cbSize += 8, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.flags = 2, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.flags = 8, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.depth = 1025, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.depth = MAXDWORD, ERROR_INVALID_PARAMETER);
    REFUSES(NULL, options.flags = 0, ERROR_INVALID_PARAMETER);
    REFUSES(L"", options.flags = 0, ERROR_INVALID_PARAMETER);
    REFUSES(L"a\\b", options.flags = 0, ERROR_INVALID_PARAMETER);
    REFUSES(NAME, options.file = L"file", ERROR_INVALID_PARAMETER);
    REFUSES(NULL, options.file = L"", ERROR_INVALID_PARAMETER);
    REFUSES(NULL, options.file = L"missing\\file", ERROR_PATH_NOT_FOUND);
    REFUSES(NULL, (options.file = L"missing", options.capacity = 0), ERROR_FILE_NOT_FOUND);
    REFUSES(NULL, (options.file = L"missing", options.capacity = ULLONG_MAX),
            ERROR_NOT_ENOUGH_MEMORY);
    REFUSES(NULL, (options.file = L"missing", options.depth = 1025), ERROR_INVALID_PARAMETER);
    REFUSES(NULL, (options.file = L"NUL", options.flags = 0), ERROR_NOT_SUPPORTED);
    for (DWORD flags = 0; flags <= SHARED_MEM_READ_ONLY; flags++) {
        REFUSES(NAME, (options.flags = flags, options.depth = 3), ERROR_INSUFFICIENT_BUFFER);
        REFUSES(NAME, (options.flags = flags, options.depth = 1024), ERROR_INSUFFICIENT_BUFFER);
        REFUSES(NAME, (options.flags = flags, options.capacity = 17), ERROR_INSUFFICIENT_BUFFER);
        REFUSES(NAME, (options.flags = flags, options.address = taken), ERROR_INVALID_ADDRESS);
        REFUSES(NAME, (options.flags = flags, options.address = (char *)taken + 4096),
                ERROR_MAPPED_ALIGNMENT);
    }
    REFUSES(NAME, options.capacity = ULLONG_MAX, ERROR_INSUFFICIENT_BUFFER);
    REFUSES(NAME L"x", options.capacity = ULLONG_MAX, ERROR_NOT_ENOUGH_MEMORY);
    REFUSES(NAME L"x", (options.capacity = PTRDIFF_MAX / 1024, options.depth = 1024),
            ERROR_NOT_ENOUGH_MEMORY);
    REFUSES(NAME L"x", options.capacity = 0, ERROR_FILE_NOT_FOUND);
    REFUSES(NAME L"x", options.address = taken, ERROR_INVALID_ADDRESS);
    REFUSES(NAME L"x", options.address = (char *)taken + 1, ERROR_MAPPED_ALIGNMENT);

    REFUSES(NAME, options.flags = SHARED_MEM_CREATE_NEW, ERROR_ALREADY_EXISTS);
    REFUSES(NAME, (options.flags = SHARED_MEM_CREATE_NEW, options.capacity = ULLONG_MAX),
            ERROR_ALREADY_EXISTS);
    REFUSES(SHARED_MEM_TEXT_NAME, options.flags = SHARED_MEM_CREATE_NEW, ERROR_ALREADY_EXISTS);
    REFUSES(NAME L"x", (options.flags = SHARED_MEM_CREATE_NEW, options.capacity = 0),
            ERROR_INVALID_PARAMETER);
    REFUSES(NAME L"x", options.flags = SHARED_MEM_CREATE_NEW | SHARED_MEM_READ_ONLY,
            ERROR_INVALID_PARAMETER);
    FAILS(OpenSharedMem(NAME, 16, SHARED_MEM_CREATE_NEW, NULL), ERROR_ALREADY_EXISTS);
    FAILS(OpenSharedMem(NAME L"x", 0, SHARED_MEM_CREATE_NEW, NULL), ERROR_INVALID_PARAMETER);
    VirtualFree(taken, 0, MEM_RELEASE);
}

static void bad_opening(void)
{
    FAILS(OpenSharedMem(NULL, 16, 0, NULL), ERROR_INVALID_PARAMETER);
    FAILS(OpenSharedMem(L"", 16, 0, NULL), ERROR_INVALID_PARAMETER);
    FAILS(OpenSharedMem(NAME, 16, 2, NULL), ERROR_INVALID_PARAMETER);
    FAILS(OpenSharedMem(NAME, 16, 0x80000001, NULL), ERROR_INVALID_PARAMETER);
    FAILS(OpenSharedMem(NAME, 17, 0, NULL), ERROR_INSUFFICIENT_BUFFER);
    FAILS(OpenSharedMem(NAME, 17, SHARED_MEM_READ_ONLY, NULL), ERROR_INSUFFICIENT_BUFFER);
    FAILS(OpenSharedMem(NAME L"x", 0, 0, NULL), ERROR_FILE_NOT_FOUND);
    FAILS(OpenSharedMem(NAME L"x", 16, SHARED_MEM_READ_ONLY, NULL), ERROR_FILE_NOT_FOUND);
    FAILS(OpenSharedMem(NAME, (SIZE_T)-1, 0, NULL), ERROR_INSUFFICIENT_BUFFER);
    FAILS(OpenSharedMem(NAME L"x", (SIZE_T)-1, 0, NULL), ERROR_NOT_ENOUGH_MEMORY);
    const WCHAR *const names[] = {
        L"\\" NAME,           NAME L"\\",
        L"a\\" NAME,          L"Local\\",
        L"Global\\",          L"local\\" NAME,
        L"Session\\1\\" NAME, L"Local\\a\\" NAME,
        L"Local" NAME L"\\",  L"Local\\Global\\" NAME,
    };
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        FAILS(OpenSharedMem(names[i], 0, 0, NULL), ERROR_INVALID_PARAMETER);
        FAILS(OpenSharedMem(names[i], 16, 0, NULL), ERROR_INVALID_PARAMETER);
    }

    static WCHAR long_name[250 + 1]; /* the longest has one less */
    wmemset(long_name, L'n', 250);
    FAILS(OpenSharedMem(long_name, 16, 0, NULL), ERROR_FILENAME_EXCED_RANGE);
    REFUSES(long_name, options.flags = 0, ERROR_FILENAME_EXCED_RANGE);
}

static void other_thread(void *unused)
{
    (void)unused;
    FAILS(PublishSharedMem(open, 1, &version), ERROR_NOT_OWNER);
    FAILS(DiscardSharedMem(open), ERROR_NOT_OWNER);
}

/* By this thread. */
static void while_it_is_reserved(void)
{
    HSHAREDMEM again = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK(again != NULL && ReserveSharedMem(open, NULL, &place, &size));
    HSHAREDMEM regions[] = {open, again};
    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        HSHAREDMEM region = regions[i];
        FAILS(WriteSharedMem(region, bytes, 1, &version), ERROR_POSSIBLE_DEADLOCK);
        FAILS(ReplaceSharedMem(region, bytes, 1, &version), ERROR_POSSIBLE_DEADLOCK);
        FAILS(ReserveSharedMem(region, NULL, &place, &size), ERROR_POSSIBLE_DEADLOCK);
    }
    FAILS(PublishSharedMem(again, 1, &version), ERROR_NOT_LOCKED);
    FAILS(DiscardSharedMem(again), ERROR_NOT_LOCKED);
    FAILS(PublishSharedMem(open, 17, &version), ERROR_INSUFFICIENT_BUFFER);
    FAILS(PublishSharedMem(open, (SIZE_T)-1, NULL), ERROR_INSUFFICIENT_BUFFER);
    thread_join(thread_start(other_thread, NULL));
    CHECK(DiscardSharedMem(open) && CloseSharedMem(again));
}

static void bad_event(HSHAREDMEM region, HANDLE bad)
{
    FAILS(ArmSharedMemEvent(region, bad, 0), ERROR_INVALID_HANDLE);
    FAILS(CloseSharedMemEvent(region, bad), ERROR_INVALID_HANDLE);
}

/* Handles of everything but an event of this region that is open. */
static void bad_events(HSHAREDMEM region)
{
    HANDLE other = CreateEventW(NULL, TRUE, FALSE, NULL), shut = OpenSharedMemEvent(region);
    CHECK(other != NULL && shut != NULL && CloseSharedMemEvent(region, shut));
    bad_event(region, NULL);
    bad_event(region, INVALID_HANDLE_VALUE);
    bad_event(region, shut);
    bad_event(region, other);
    bad_event(region, (HANDLE)((ULONG_PTR)event + 1));
    if (region != open) {
        bad_event(region, event);
    }
    CloseHandle(other);
}

int main(void)
{
    check_deadline(60);
    open = OpenSharedMem(NAME, 16, 0, NULL);
    read_only = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    closed = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(open != NULL && read_only != NULL && CloseSharedMem(closed));
    CHECK(WriteSharedMem(open, "valu", 4, NULL));

    event = OpenSharedMemEvent(open);
    CHECK(event != NULL);

    bad_handles(NULL);
    bad_handles(closed);
    bad_handles((HSHAREDMEM)(ULONG_PTR)0x10000);          /* no position */
    bad_handles((HSHAREDMEM)(ULONG_PTR)4096);             /* a position that no handle has had */
    bad_handles((HSHAREDMEM)((ULONG_PTR)open + 0x10000)); /* used once more */
    bad_handles((HSHAREDMEM)(ULONG_PTR)text);             /* an address */
    bad_handles((HSHAREDMEM)(LONG_PTR)-2);                /* beside SHARED_MEM_TEXT */
    bad_handles((HSHAREDMEM)((ULONG_PTR)1 << (8 * sizeof(void *) - 1))); /* a high bit only */
    FAILS(CloseSharedMem(SHARED_MEM_TEXT), ERROR_INVALID_HANDLE);

    FAILS(try_to_set(NULL), ERROR_INVALID_PARAMETER);
    FAILS(try_to_get(NULL, 4), ERROR_INVALID_PARAMETER);
    FAILS(try_to_get(text, 0), ERROR_INVALID_PARAMETER);

    bad_opening();
    bad_options();

    HSHAREDMEM regions[] = {open, read_only, SHARED_MEM_TEXT};
    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        HSHAREDMEM region = regions[i];
        FAILS(ReadSharedMem(region, bytes, NULL, &version), ERROR_INVALID_PARAMETER);
        FAILS(ReadSharedMem(region, NULL, &size, &version), ERROR_INVALID_PARAMETER);
        FAILS((size = 1, ReadSharedMem(region, bytes, &size, &version)), ERROR_MORE_DATA);
        FAILS((size = 0, ReadSharedMem(region, NULL, &size, &version)), ERROR_MORE_DATA);
        FAILS(ReadNextSharedMem(region, bytes, NULL, &version, &missed), ERROR_INVALID_PARAMETER);
        FAILS(ReadNextSharedMem(region, bytes, &size, NULL, &missed), ERROR_INVALID_PARAMETER);
        FAILS(ReadNextSharedMem(region, NULL, &size, &version, &missed), ERROR_INVALID_PARAMETER);
        FAILS(WriteSharedMem(region, NULL, 1, &version), ERROR_INVALID_PARAMETER);
        FAILS(ReplaceSharedMem(region, NULL, 1, &version), ERROR_INVALID_PARAMETER);
        FAILS(ReplaceSharedMem(region, bytes, 1, NULL), ERROR_INVALID_PARAMETER);
        FAILS(BorrowSharedMem(region, NULL, &size, &version), ERROR_INVALID_PARAMETER);
        FAILS(BorrowSharedMem(region, &data, NULL, &version), ERROR_INVALID_PARAMETER);
        FAILS(BorrowSharedMem(region, &data, &size, NULL), ERROR_INVALID_PARAMETER);
        FAILS(ReserveSharedMem(region, &version, NULL, &size), ERROR_INVALID_PARAMETER);
        FAILS(ReserveSharedMem(region, &version, &place, NULL), ERROR_INVALID_PARAMETER);
        FAILS(QuerySharedMem(region, NULL), ERROR_INVALID_PARAMETER);
        FAILS((info.cbSize = 0, QuerySharedMem(region, &info)), ERROR_INVALID_PARAMETER);
        FAILS((info.cbSize -= 1, QuerySharedMem(region, &info)), ERROR_INVALID_PARAMETER);
        FAILS((info.cbSize += 8, QuerySharedMem(region, &info)), ERROR_INVALID_PARAMETER);
    }
    FAILS((size = 1, version = 0, ReadNextSharedMem(open, bytes, &size, &version, NULL)),
          ERROR_MORE_DATA);
    FAILS((size = 0, version = 0, ReadNextSharedMem(open, NULL, &size, &version, NULL)),
          ERROR_MORE_DATA);
    FAILS(ReadNextSharedMem(open, bytes, &size, &version, &missed), ERROR_NO_MORE_ITEMS);
    FAILS(ReadNextSharedMem(read_only, bytes, &size, &version, NULL), ERROR_NO_MORE_ITEMS);
    FAILS(WriteSharedMem(open, bytes, 17, &version), ERROR_INSUFFICIENT_BUFFER);
    FAILS(ReplaceSharedMem(open, bytes, 17, &version), ERROR_INSUFFICIENT_BUFFER);
    FAILS(WriteSharedMem(read_only, bytes, 1, &version), ERROR_ACCESS_DENIED);
    FAILS(WriteSharedMem(read_only, NULL, 0, &version), ERROR_ACCESS_DENIED);
    FAILS(ReplaceSharedMem(read_only, bytes, 1, &version), ERROR_ACCESS_DENIED);
    FAILS((version = 0, ReplaceSharedMem(open, bytes, 1, &version)), ERROR_REVISION_MISMATCH);
    CHECK_EQUAL(version, 1);
    FAILS((version = 2, ReplaceSharedMem(open, bytes, 1, &version)), ERROR_REVISION_MISMATCH);
    FAILS(ReserveSharedMem(read_only, NULL, &place, &size), ERROR_ACCESS_DENIED);
    FAILS((version = 0, ReserveSharedMem(open, &version, &place, &size)), ERROR_REVISION_MISMATCH);
    FAILS((version = 2, ReserveSharedMem(open, &version, &place, &size)), ERROR_REVISION_MISMATCH);
    FAILS(PublishSharedMem(open, 1, &version), ERROR_NOT_LOCKED);
    FAILS(PublishSharedMem(open, (SIZE_T)-1, NULL), ERROR_NOT_LOCKED);
    FAILS(PublishSharedMem(read_only, 1, &version), ERROR_NOT_LOCKED);
    FAILS(DiscardSharedMem(open), ERROR_NOT_LOCKED);
    FAILS(DiscardSharedMem(read_only), ERROR_NOT_LOCKED);
    while_it_is_reserved();
    FAILS(ReserveSharedMem(SHARED_MEM_TEXT, NULL, &place, &size), ERROR_NOT_SUPPORTED);
    FAILS(PublishSharedMem(SHARED_MEM_TEXT, 0, &version), ERROR_NOT_SUPPORTED);
    FAILS(DiscardSharedMem(SHARED_MEM_TEXT), ERROR_NOT_SUPPORTED);
    FAILS(ValidateSharedMem(open, 2), ERROR_REVISION_MISMATCH);
    FAILS(ValidateSharedMem(read_only, (ULONGLONG)-1), ERROR_REVISION_MISMATCH);
    FAILS(BorrowSharedMem(SHARED_MEM_TEXT, &data, &size, &version), ERROR_NOT_SUPPORTED);
    FAILS(ValidateSharedMem(SHARED_MEM_TEXT, 0), ERROR_NOT_SUPPORTED);
    FAILS(FlushSharedMem(open, 1, &version), ERROR_NOT_SUPPORTED);
    FAILS(FlushSharedMem(read_only, 1, NULL), ERROR_NOT_SUPPORTED);
    FAILS(FlushSharedMem(SHARED_MEM_TEXT, 0, &version), ERROR_NOT_SUPPORTED);
    FAILS(WaitSharedMem(open, 1, 0), ERROR_TIMEOUT);
    FAILS(WaitSharedMem(open, 1, 20), ERROR_TIMEOUT);
    FAILS(WaitSharedMem(read_only, 1, 20), ERROR_TIMEOUT);
    FAILS(WriteSharedMem(SHARED_MEM_TEXT, L"a", 3, &version), ERROR_INVALID_PARAMETER);

    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        bad_events(regions[i]);
    }
    CHECK(CloseSharedMemEvent(open, event));
    bad_event(open, event);
    CHECK(CloseSharedMem(open) && CloseSharedMem(read_only));
    return check_passed();
}
