/*
 * Any call of the system may fail for want of memory, handles or quota ("System Error Codes": 8,
 * 1450, 1455 and others). Here each call of each function that the DLL imports fails once. What the
 * DLL was doing may fail with that error, or do without; nothing leaks, and nothing stays wrong.
 */
#include "check.h"
#include "imports.h"
#include "lock_owner.h"
#include "process.h"
#include "raw_file.h"
#include "raw_section.h"

#include "layout.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define PSAPI_VERSION 2 /* its functions are in kernel32.dll */
#include <psapi.h>

#define NAME L"sharedmem-test-exhaustion"

enum {
    TICK_MS = 16,    /* of the clock */
    SOON_MS = 10000, /* for what has to come */
};

static struct {
    const char *function; /* that fails; NULL: none */
    unsigned call;        /* of it, from 1 */
    unsigned calls;       /* so far */
    DWORD error;
} fault;

static bool is_due(const char *function, DWORD error)
{
    if (fault.function == NULL || strcmp(fault.function, function) != 0 ||
        ++fault.calls != fault.call) {
        return false;
    }
    fault.error = error;
    SetLastError(error);
    return true;
}

#define MAY_FAIL(function, type, failure, error, parameters, arguments)                            \
    static type WINAPI failing_##function parameters /* NOLINT(bugprone-macro-parentheses) */      \
    {                                                                                              \
        return is_due(#function, error) ? (failure) : function arguments;                          \
    }

MAY_FAIL(CreateFileMappingW, HANDLE, NULL, ERROR_COMMITMENT_LIMIT,
         (HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protection, DWORD high, DWORD low,
          const WCHAR *name),
         (file, security, protection, high, low, name))
MAY_FAIL(OpenFileMappingW, HANDLE, NULL, ERROR_NO_SYSTEM_RESOURCES,
         (DWORD access, BOOL inherit, const WCHAR *name), (access, inherit, name))
MAY_FAIL(MapViewOfFileEx, void *, NULL, ERROR_NOT_ENOUGH_MEMORY,
         (HANDLE mapping, DWORD access, DWORD high, DWORD low, SIZE_T size, void *address),
         (mapping, access, high, low, size, address))
MAY_FAIL(VirtualQuery, SIZE_T, 0, ERROR_NO_SYSTEM_RESOURCES,
         (const void *address, MEMORY_BASIC_INFORMATION *run, SIZE_T size), (address, run, size))
MAY_FAIL(K32GetMappedFileNameW, DWORD, 0, ERROR_NOT_ENOUGH_MEMORY,
         (HANDLE process, void *address, WCHAR *name, DWORD cch), (process, address, name, cch))
MAY_FAIL(VirtualAlloc, void *, NULL, ERROR_COMMITMENT_LIMIT,
         (void *address, SIZE_T size, DWORD kind, DWORD protection),
         (address, size, kind, protection))
MAY_FAIL(CreateEventExW, HANDLE, NULL, ERROR_NO_SYSTEM_RESOURCES,
         (SECURITY_ATTRIBUTES * security, const WCHAR *name, DWORD flags, DWORD access),
         (security, name, flags, access))
MAY_FAIL(SetEvent, BOOL, FALSE, ERROR_INVALID_HANDLE, (HANDLE event), (event))
MAY_FAIL(WaitForSingleObject, DWORD, WAIT_FAILED, ERROR_INVALID_HANDLE,
         (HANDLE handle, DWORD milliseconds), (handle, milliseconds))
MAY_FAIL(OpenThread, HANDLE, NULL, ERROR_NOT_ENOUGH_MEMORY, (DWORD access, BOOL inherit, DWORD id),
         (access, inherit, id))
MAY_FAIL(GetThreadTimes, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE which, FILETIME *creation, FILETIME *exit, FILETIME *kernel, FILETIME *user),
         (which, creation, exit, kernel, user))
MAY_FAIL(OpenProcess, HANDLE, NULL, ERROR_NOT_ENOUGH_MEMORY, (DWORD access, BOOL inherit, DWORD id),
         (access, inherit, id))
MAY_FAIL(GetProcessTimes, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE which, FILETIME *creation, FILETIME *exit, FILETIME *kernel, FILETIME *user),
         (which, creation, exit, kernel, user))
MAY_FAIL(ResetEvent, BOOL, FALSE, ERROR_INVALID_HANDLE, (HANDLE event), (event))
MAY_FAIL(DuplicateHandle, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE source, HANDLE handle, HANDLE target, HANDLE *copy, DWORD access, BOOL inherit,
          DWORD options),
         (source, handle, target, copy, access, inherit, options))
MAY_FAIL(CreateThreadpoolTimer, PTP_TIMER, NULL, ERROR_NO_SYSTEM_RESOURCES,
         (PTP_TIMER_CALLBACK callback, void *argument, PTP_CALLBACK_ENVIRON environment),
         (callback, argument, environment))
MAY_FAIL(GetModuleHandleExW, BOOL, FALSE, ERROR_NOT_ENOUGH_MEMORY,
         (DWORD flags, const WCHAR *name, HMODULE *module), (flags, name, module))
MAY_FAIL(TlsAlloc, DWORD, TLS_OUT_OF_INDEXES, ERROR_NO_MORE_ITEMS, (void), ())
MAY_FAIL(TlsSetValue, BOOL, FALSE, ERROR_NOT_ENOUGH_MEMORY, (DWORD slot, void *value),
         (slot, value))
MAY_FAIL(GetModuleHandleW, HMODULE, NULL, ERROR_MOD_NOT_FOUND, (const WCHAR *name), (name))
MAY_FAIL(GetProcAddress, FARPROC, NULL, ERROR_PROC_NOT_FOUND, (HMODULE module, const char *name),
         (module, name))
MAY_FAIL(CreateFileW, HANDLE, INVALID_HANDLE_VALUE, ERROR_NO_SYSTEM_RESOURCES,
         (const WCHAR *path, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security,
          DWORD disposition, DWORD flags, HANDLE like),
         (path, access, share, security, disposition, flags, like))
MAY_FAIL(ReadFile, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE file, void *data, DWORD size, DWORD *read, OVERLAPPED *at),
         (file, data, size, read, at))
MAY_FAIL(WriteFile, BOOL, FALSE, ERROR_DISK_FULL,
         (HANDLE file, const void *data, DWORD size, DWORD *written, OVERLAPPED *at),
         (file, data, size, written, at))
MAY_FAIL(FlushFileBuffers, BOOL, FALSE, ERROR_IO_DEVICE, (HANDLE file), (file))
MAY_FAIL(FlushViewOfFile, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES, (const void *start, SIZE_T size),
         (start, size))
MAY_FAIL(GetFileInformationByHandleEx, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *info, DWORD size),
         (file, kind, info, size))
MAY_FAIL(SetFileInformationByHandle, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *info, DWORD size),
         (file, kind, info, size))
MAY_FAIL(GetFileSizeEx, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES, (HANDLE file, LARGE_INTEGER *size),
         (file, size))
MAY_FAIL(GetFileType, DWORD, FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE, (HANDLE file), (file))
MAY_FAIL(GetFullPathNameW, DWORD, 0, ERROR_NOT_ENOUGH_MEMORY,
         (const WCHAR *path, DWORD cch, WCHAR *full, WCHAR **name), (path, cch, full, name))
MAY_FAIL(LockFileEx, BOOL, FALSE, ERROR_NO_SYSTEM_RESOURCES,
         (HANDLE file, DWORD flags, DWORD reserved, DWORD low, DWORD high, OVERLAPPED *at),
         (file, flags, reserved, low, high, at))
MAY_FAIL(DisableThreadLibraryCalls, BOOL, FALSE, ERROR_INVALID_HANDLE, (HMODULE module), (module))

#define FAILING(function)                                                                          \
    {                                                                                              \
#function, (imports_function)failing_##function, false                                     \
    }

static const struct import replacements[] = {
    FAILING(CreateFileMappingW),
    FAILING(OpenFileMappingW),
    FAILING(MapViewOfFileEx),
    FAILING(VirtualQuery),
    FAILING(K32GetMappedFileNameW),
    FAILING(VirtualAlloc),
    FAILING(CreateEventExW),
    FAILING(SetEvent),
    FAILING(WaitForSingleObject),
    FAILING(OpenThread),
    FAILING(GetThreadTimes),
    FAILING(OpenProcess),
    FAILING(GetProcessTimes),
    FAILING(ResetEvent),
    FAILING(DuplicateHandle),
    FAILING(CreateThreadpoolTimer),
    FAILING(GetModuleHandleExW),
    FAILING(TlsAlloc),
    FAILING(TlsSetValue),
    FAILING(GetModuleHandleW),
    FAILING(GetProcAddress),
    FAILING(DisableThreadLibraryCalls),
    FAILING(CreateFileW),
    FAILING(ReadFile),
    FAILING(WriteFile),
    FAILING(FlushFileBuffers),
    FAILING(FlushViewOfFile),
    FAILING(GetFileInformationByHandleEx),
    FAILING(SetFileInformationByHandle),
    FAILING(GetFileSizeEx),
    FAILING(GetFileType),
    FAILING(GetFullPathNameW),
    FAILING(LockFileEx),
};

/* These cannot fail as the DLL calls them. */
static const char *const never_fail[] = {
    "CloseHandle",
    "CloseThreadpoolTimer",
    "FreeLibrary",
    "GetCurrentProcess",
    "GetCurrentProcessId",
    "GetCurrentThread",
    "GetCurrentThreadId",
    "GetLastError",
    "GetSystemInfo",
    "GetSystemTimeAsFileTime",
    "QueryPerformanceCounter",
    "QueryUnbiasedInterruptTime",
    "RaiseException",
    "RtlUnwindEx",
    "SetLastError",
    "SetThreadpoolTimer",
    "Sleep",
    "SwitchToThread",
    "TlsFree",
    "TlsGetValue",
    "UnlockFileEx",
    "UnmapViewOfFile",
    "VirtualFree",
    "WaitForThreadpoolTimerCallbacks",
    "lstrcatW",
    "lstrcpyW",
    "lstrcpynW",
    "lstrlenW",
};

static void must_be_known(const char *name)
{
    bool known = false;
    for (size_t i = 0; i < ARRAYSIZE(replacements); i++) {
        known = known || strcmp(replacements[i].name, name) == 0;
    }
    for (size_t i = 0; i < ARRAYSIZE(never_fail); i++) {
        known = known || strcmp(never_fail[i], name) == 0;
    }
    if (!known) {
        printf("%s: can it fail?\n", name);
    }
    CHECK(known);
}

/* A call succeeded, or failed because the system did, or could not tell what it has opened. */
static bool succeeded(bool success)
{
    DWORD error = GetLastError();
    CHECK(success || fault.error != 0);
    CHECK(success || error == fault.error || error == ERROR_NOT_ENOUGH_MEMORY ||
          error == ERROR_INVALID_DATA || error == ERROR_FILE_CORRUPT ||
          error == ERROR_NOT_SUPPORTED);
    return success;
}

static void use_text(const struct library *library)
{
    library->set(L"text");
    if (succeeded(GetLastError() == ERROR_SUCCESS)) {
        WCHAR text[16];
        library->get(text, ARRAYSIZE(text));
        CHECK(succeeded(GetLastError() == ERROR_SUCCESS) && wcscmp(text, L"text") == 0);
    }
}

static void borrow(const struct library *library, HSHAREDMEM region)
{
    LPCVOID data;
    SIZE_T size;
    ULONGLONG version;
    if (succeeded(library->borrow(region, &data, &size, &version))) {
        CHECK(size == 5 && memcmp(data, "value", 5) == 0);
        CHECK(library->validate(region, version));
    }
}

static LPVOID reserve(const struct library *library, HSHAREDMEM region)
{
    LPVOID data;
    SIZE_T room;
    CHECK(library->reserve(region, NULL, &data, &room) && room == 100);
    return data;
}

static void write_in_place(const struct library *library, HSHAREDMEM region)
{
    reserve(library, region);
    CHECK(library->discard(region));
    memcpy(reserve(library, region), "place", 5);
    CHECK(library->publish(region, 5, NULL));
}

/* So that the next write sets its event. */
static void arm_first_entry(const struct raw_section *notify)
{
    raw_section_waiters(notify)->armed = 1;
}

static void use_region(const struct library *library, HSHAREDMEM region)
{
    char buffer[8];
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 0;
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    raw_section_control(&section)->lock.owner = LOCK_OWNER_DEAD; /* so that owners are looked at */
    CHECK(library->write(region, "value", 5, &version));
    CHECK(library->read(region, buffer, &size, &version));
    CHECK(size == 5 && memcmp(buffer, "value", 5) == 0);
    borrow(library, region);
    CHECK(!library->wait(region, version, 2 * TICK_MS)); /* so that it sleeps, for one at least */
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    struct raw_section notify = raw_section_open_notify(NAME);
    arm_first_entry(&notify);
    CHECK(library->replace(region, "other", 5, &version));
    arm_first_entry(&notify);
    write_in_place(library, region);
    raw_section_close(&notify);
    raw_section_close(&section);
}

/* A dead process has the first entry, so that the system is asked. */
static void use_event(const struct library *library, HSHAREDMEM region)
{
    struct raw_section notify = raw_section_open_notify(NAME);
    raw_section_occupy(raw_section_waiters(&notify), LAYOUT_MAX_WAITERS, LOCK_OWNER_DEAD_PROCESS);
    raw_section_close(&notify);
    HANDLE event = library->open_event(region);
    if (succeeded(event != NULL)) {
        ULONGLONG version;
        CHECK(library->write(region, "value", 5, &version));
        CHECK(library->arm_event(region, event, version));
        CHECK(library->write(region, "value", 5, NULL));
        CHECK_EQUAL(WaitForSingleObject(event, SOON_MS), WAIT_OBJECT_0);
        CHECK(library->close_event(region, event));
    }
}

/* Made, then recovered: a value that was written is there. */
static void use_file(const struct library *library)
{
    WCHAR path[MAX_PATH];
    char buffer[8];
    SIZE_T size = sizeof buffer;
    ULONGLONG version, durable = 0;
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options,
        .capacity = sizeof buffer,
        .file = raw_file_fresh(L"sharedmem-test-exhaustion.region", path),
    };
    HSHAREDMEM region = library->open_ex(NULL, &options);
    bool written = succeeded(region != NULL);
    if (written) {
        CHECK(library->write(region, "value", 5, &version));
        CHECK(!succeeded(library->flush(region, version, &durable)) || durable == version);
        CHECK(library->close(region));
    }
    region = library->open_ex(NULL, &options);
    if (succeeded(region != NULL)) {
        CHECK(library->read(region, buffer, &size, &version));
        CHECK(size == (written ? 5 : 0) && memcmp(buffer, "value", size) == 0);
        CHECK(library->close(region));
    }
}

static void use(const struct library *library)
{
    use_text(library);
    use_file(library);
    HSHAREDMEM region = library->open(NAME, 100, 0, NULL);
    if (succeeded(region != NULL)) {
        use_region(library, region);
        use_event(library, region);
        HSHAREDMEM again = library->open(NAME, 100, 0, NULL);
        if (succeeded(again != NULL)) {
            CHECK(library->close(again));
        }
        HSHAREDMEM read_only = library->open(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
        if (succeeded(read_only != NULL)) {
            CHECK(library->close(read_only));
        }
        reserve(library, region); /* closing discards it */
        CHECK(library->close(region));
    }
}

/* Returns whether there was such a call. */
static bool fail_once(const char *function, unsigned call)
{
    memset(&fault, 0, sizeof fault);
    fault.function = function;
    fault.call = call;
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    use(&library);
    bool failed = fault.error != 0;
    memset(&fault, 0, sizeof fault);
    use(&library); /* as if nothing had been */
    imports_unload(&library);
    return failed;
}

/* Whether the process has more than before, beside what threads of the system's pool need. */
static bool fails_and_leaves_something(const char *function)
{
    enum { RANGES_OF_A_THREAD = 4 };
    unsigned calls = 0;
    DWORD handles = process_open_handles();
    unsigned ranges = process_used_ranges(), threads = process_threads();
    while (fail_once(function, calls + 1)) {
        calls++;
    }
    printf("%s: each of %u calls\n", function, calls);
    CHECK(calls > 0);
    unsigned threads_now = process_threads();
    if (threads_now > threads) {
        ranges += (threads_now - threads) * RANGES_OF_A_THREAD;
    }
    return process_open_handles() > handles || process_used_ranges() > ranges;
}

/* What leaks, does so each time; what the system needs once, is there the second time. */
static void fail_each_call(const char *function)
{
    enum { TIMES = 4 };
    unsigned times = 0;
    while (fails_and_leaves_something(function)) {
        CHECK(++times < TIMES);
    }
}

int main(void)
{
    check_deadline(85);
    imports_list(must_be_known);
    fail_once("", 0); /* what the system needs for a first time */
    for (size_t i = 0; i < ARRAYSIZE(replacements); i++) {
        fail_each_call(replacements[i].name);
    }
    return check_passed();
}
