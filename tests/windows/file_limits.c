/*
 * Files as Windows has them and Wine does not: their attributes, volumes, locks, sharing, and ends.
 */
#include "check.h"
#include "imports.h"
#include "process.h"
#include "raw_file.h"

#include "file_image.h"

#include <string.h>
#include <winternl.h>

enum { CAPACITY = 100 };

static WCHAR path[MAX_PATH];

/* What is imposed, while it is. */
static struct {
    DWORD attributes;
    ULONG device, characteristics; /* 0: the real ones */
    bool device_is_unknown;
    DWORD open_error;      /* of opening for writing */
    DWORD create_error;    /* of making a file */
    unsigned shared_out;   /* openings that another program prevents */
    unsigned locked_out;   /* locks that a virus scanner prevents */
    bool presence_is_held; /* by no process with the DLL */
    bool lacks_resources;  /* for the lock that shows whether a process is alone */
    bool disk_is_full;
    DWORD flush_error;
    unsigned writing; /* times that the system itself is just writing pages of a view */
    ULONGLONG slept;  /* milliseconds, instead of waiting */
} imposed;

static HANDLE WINAPI create_file(const WCHAR *name, DWORD access, DWORD share,
                                 SECURITY_ATTRIBUTES *security, DWORD disposition, DWORD flags,
                                 HANDLE like)
{
    DWORD error = (access & GENERIC_WRITE) != 0 ? imposed.open_error : 0;
    error = disposition == OPEN_ALWAYS && imposed.create_error != 0 ? imposed.create_error : error;
    if (imposed.shared_out > 0) {
        imposed.shared_out--;
        error = ERROR_SHARING_VIOLATION;
    }
    if (error != 0) {
        SetLastError(error);
        return INVALID_HANDLE_VALUE;
    }
    return CreateFileW(name, access, share, security, disposition, flags, like);
}

static BOOL WINAPI get_information(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *info,
                                   DWORD size)
{
    BOOL got = GetFileInformationByHandleEx(file, kind, info, size);
    if (kind == FileBasicInfo) {
        ((FILE_BASIC_INFO *)info)->FileAttributes |= imposed.attributes;
    }
    return got;
}

/* FILE_FS_DEVICE_INFORMATION, which mingw-w64 has among a driver's headers. */
struct device {
    ULONG type, characteristics;
};

typedef NTSTATUS(NTAPI *query_volume)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, ULONG);

static query_volume real_query_volume;

static NTSTATUS NTAPI query_volume_information(HANDLE file, IO_STATUS_BLOCK *status, void *info,
                                               ULONG size, ULONG kind)
{
    struct device *device = info;
    NTSTATUS result = real_query_volume(file, status, info, size, kind);
    if (imposed.device != 0) {
        *device = (struct device){imposed.device, imposed.characteristics};
    }
    return imposed.device_is_unknown ? (NTSTATUS)0xC0000002 : result; /* NOT_IMPLEMENTED */
}

static FARPROC WINAPI get_address(HMODULE module, const char *name)
{
    FARPROC address = GetProcAddress(module, name);
    if (strcmp(name, "NtQueryVolumeInformationFile") != 0) {
        return address;
    }
    real_query_volume = (query_volume)(void (*)(void))address;
    return (FARPROC)(void (*)(void))query_volume_information;
}

/* A lock that another program has is refused, whatever its kind. */
static BOOL WINAPI lock_file(HANDLE file, DWORD flags, DWORD reserved, DWORD low, DWORD high,
                             OVERLAPPED *at)
{
    bool is_presence = at->Offset == 1;
    if (imposed.lacks_resources && is_presence && (flags & LOCKFILE_EXCLUSIVE_LOCK) != 0) {
        SetLastError(ERROR_NO_SYSTEM_RESOURCES);
        return FALSE;
    }
    if (imposed.locked_out > 0 || (imposed.presence_is_held && is_presence)) {
        imposed.locked_out -= imposed.locked_out > 0;
        SetLastError(ERROR_LOCK_VIOLATION);
        return FALSE;
    }
    return LockFileEx(file, flags, reserved, low, high, at);
}

static BOOL WINAPI write_file(HANDLE file, const void *data, DWORD size, DWORD *written,
                              OVERLAPPED *at)
{
    if (imposed.disk_is_full && at->Offset > 0) {
        SetLastError(ERROR_DISK_FULL);
        return FALSE;
    }
    return WriteFile(file, data, size, written, at);
}

static BOOL WINAPI flush_view(const void *start, SIZE_T size)
{
    if (imposed.writing > 0) {
        imposed.writing--;
        SetLastError(ERROR_LOCK_VIOLATION);
        return FALSE;
    }
    return FlushViewOfFile(start, size);
}

static BOOL WINAPI flush_buffers(HANDLE file)
{
    if (imposed.flush_error != 0) {
        SetLastError(imposed.flush_error);
        return FALSE;
    }
    return FlushFileBuffers(file);
}

/* Time goes by as it is slept. */
static void WINAPI sleep(DWORD milliseconds)
{
    imposed.slept += milliseconds;
}

static BOOL WINAPI query_time(ULONGLONG *time)
{
    BOOL got = QueryUnbiasedInterruptTime(time);
    *time += imposed.slept * 10000;
    return got;
}

static struct library library;

static void load(void)
{
    static const struct import replacements[] = {
        IMPORT("CreateFileW", create_file),
        IMPORT("GetFileInformationByHandleEx", get_information),
        IMPORT("GetProcAddress", get_address),
        IMPORT("LockFileEx", lock_file),
        IMPORT("WriteFile", write_file),
        IMPORT("FlushFileBuffers", flush_buffers),
        IMPORT("FlushViewOfFile", flush_view),
        IMPORT("Sleep", sleep),
        IMPORT("QueryUnbiasedInterruptTime", query_time),
    };
    library = imports_load(replacements, ARRAYSIZE(replacements));
}

static HSHAREDMEM open_region(DWORD flags)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options,
        .flags = flags,
        .capacity = flags == SHARED_MEM_READ_ONLY ? 0 : CAPACITY,
        .file = path,
    };
    return library.open_ex(NULL, &options);
}

/* Opening fails, and nothing is left open, locked, or lying about. */
static void fail_to_open(DWORD flags, DWORD error)
{
    DWORD handles = process_open_handles();
    CHECK(open_region(flags) == NULL);
    CHECK_EQUAL(GetLastError(), error);
    CHECK_EQUAL(process_open_handles(), handles);
    memset(&imposed, 0, sizeof imposed);
}

static void close_region(HSHAREDMEM region)
{
    CHECK(region != NULL && library.close(region));
    memset(&imposed, 0, sizeof imposed);
}

static void no_file(void)
{
    WCHAR leftover[MAX_PATH];
    process_sibling(L"sharedmem-test-windows-files.region.creating", leftover);
    CHECK_EQUAL(GetFileAttributesW(path), INVALID_FILE_ATTRIBUTES);
    CHECK_EQUAL(GetFileAttributesW(leftover), INVALID_FILE_ATTRIBUTES);
}

/* "File Attribute Constants": whose bytes are not on the disk as they are in memory. */
static void unusual_files_are_refused(void)
{
    static const DWORD refused[] = {
        FILE_ATTRIBUTE_COMPRESSED,
        FILE_ATTRIBUTE_SPARSE_FILE,
        FILE_ATTRIBUTE_ENCRYPTED,
        FILE_ATTRIBUTE_OFFLINE,
        FILE_ATTRIBUTE_REPARSE_POINT,
        0x00040000, /* RECALL_ON_OPEN */
        0x00400000, /* RECALL_ON_DATA_ACCESS */
    };
    for (size_t i = 0; i < ARRAYSIZE(refused); i++) {
        imposed.attributes = refused[i];
        fail_to_open(0, ERROR_NOT_SUPPORTED);
        no_file(); /* a folder that compresses its files does so with a new one */
    }
    close_region(open_region(0));
    for (size_t i = 0; i < ARRAYSIZE(refused); i++) {
        imposed.attributes = refused[i];
        fail_to_open(0, ERROR_NOT_SUPPORTED);
        imposed.attributes = refused[i];
        fail_to_open(SHARED_MEM_READ_ONLY, ERROR_NOT_SUPPORTED);
    }
    imposed.attributes = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_ARCHIVE |
                         FILE_ATTRIBUTE_NOT_CONTENT_INDEXED | FILE_ATTRIBUTE_TEMPORARY;
    close_region(open_region(0));
}

/* "Specifying Device Characteristics", in the documentation of drivers. */
static void unusual_devices_are_refused(void)
{
    enum { CD_ROM = 2, DISK = 7, NETWORK = 0x14, REMOVABLE = 1, READ_ONLY = 2, REMOTE = 0x10 };
    static const struct {
        ULONG device, characteristics;
        bool may_be_read;
    } refused[] = {
        {CD_ROM, READ_ONLY | REMOVABLE, false},
        {DISK, REMOVABLE, false},
        {DISK, REMOTE, false},
        {NETWORK, REMOTE, false},
        {NETWORK, 0, false},
        {DISK, READ_ONLY, true},
    };
    HSHAREDMEM writer = open_region(0);
    for (size_t i = 0; i < ARRAYSIZE(refused); i++) {
        for (DWORD flags = 0; flags <= SHARED_MEM_READ_ONLY; flags++) {
            imposed.device = refused[i].device;
            imposed.characteristics = refused[i].characteristics;
            if (flags == SHARED_MEM_READ_ONLY && refused[i].may_be_read) {
                close_region(open_region(flags));
            } else {
                fail_to_open(flags, ERROR_NOT_SUPPORTED);
            }
        }
    }
    imposed.device_is_unknown = true;
    fail_to_open(0, ERROR_NOT_SUPPORTED);
    imposed.device = DISK;
    imposed.characteristics = 0x20000; /* FILE_DEVICE_ALLOW_APPCONTAINER_TRAVERSAL: of no matter */
    close_region(open_region(0));
    close_region(writer);
}

/* A file with the read-only attribute, or whose access control says so. */
static void a_read_only_file_is_read_only(void)
{
    HSHAREDMEM writer = open_region(0);
    imposed.open_error = ERROR_ACCESS_DENIED;
    fail_to_open(0, ERROR_ACCESS_DENIED);
    imposed.open_error = ERROR_ACCESS_DENIED;
    close_region(open_region(SHARED_MEM_READ_ONLY));
    close_region(writer);
    imposed.open_error = ERROR_WRITE_PROTECT; /* the volume's */
    fail_to_open(0, ERROR_WRITE_PROTECT);
    imposed.open_error = ERROR_ACCESS_DENIED;
    fail_to_open(SHARED_MEM_READ_ONLY, ERROR_FILE_CORRUPT); /* the first one has to recover it */
}

/* Virus scanners, indexers and backups have a file for themselves, for a moment. */
static void others_are_waited_for(void)
{
    imposed.shared_out = 5;
    close_region(open_region(0));
    imposed.locked_out = 5;
    close_region(open_region(0));
    imposed.shared_out = MAXDWORD;
    fail_to_open(0, ERROR_SHARING_VIOLATION);
    imposed.locked_out = MAXDWORD;
    fail_to_open(0, ERROR_LOCK_VIOLATION);
    imposed.presence_is_held = true; /* by a program that shares it with none: not by a region */
    fail_to_open(0, ERROR_LOCK_VIOLATION);
    imposed.lacks_resources = true; /* which says nothing of other processes */
    fail_to_open(0, ERROR_NO_SYSTEM_RESOURCES);
    close_region(open_region(0));
}

/* A folder in which this process may make no file, or a volume that is read-only. */
static void a_folder_may_be_read_only(void)
{
    raw_file_fresh(L"sharedmem-test-windows-files.region", path);
    imposed.create_error = ERROR_ACCESS_DENIED;
    fail_to_open(0, ERROR_ACCESS_DENIED);
    imposed.create_error = ERROR_WRITE_PROTECT;
    fail_to_open(SHARED_MEM_CREATE_NEW, ERROR_WRITE_PROTECT);
    no_file();
    close_region(open_region(0));
}

/* Windows says so when the file is made; it does not let it begin as a hole. */
static void a_full_disk_is_reported(void)
{
    raw_file_fresh(L"sharedmem-test-windows-files.region", path);
    imposed.disk_is_full = true;
    fail_to_open(0, ERROR_DISK_FULL);
    no_file();
    close_region(open_region(0));
}

/*
 * A disk that cannot flush: nothing new is durable, what was still is, and the next flush is whole.
 */
static void a_failed_flush_confirms_nothing(void)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    ULONGLONG first, second, durable;
    HSHAREDMEM region = open_region(0);
    CHECK(library.write(region, "first", 5, &first) && library.flush(region, first, &durable));
    CHECK_EQUAL(durable, first);
    CHECK(library.write(region, "second", 6, &second));
    imposed.flush_error = ERROR_IO_DEVICE;
    CHECK(!library.flush(region, second, &durable) && GetLastError() == ERROR_IO_DEVICE);
    CHECK(library.query(region, &info) && info.durable == first && info.version == second);
    imposed.flush_error = 0;
    CHECK(library.flush(region, second, &durable) && durable == second);
    close_region(region);
    imposed.flush_error = ERROR_IO_DEVICE;
    fail_to_open(0, ERROR_IO_DEVICE); /* a recovery flushes */
    region = open_region(0);
    CHECK(library.query(region, &info) && info.version > second && info.size == 6);
    close_region(region);
}

/*
 * FlushViewOfFile fails while the system writes dirty pages; as Java's MappedByteBuffer.force says.
 */
static void a_view_that_is_being_written_is_flushed(void)
{
    ULONGLONG version, durable;
    HSHAREDMEM region = open_region(0);
    CHECK(library.write(region, "value", 5, &version));
    imposed.writing = 5;
    CHECK(library.flush(region, version, &durable) && durable == version);
    CHECK(library.write(region, "other", 5, &version));
    imposed.writing = MAXDWORD;
    CHECK(!library.flush(region, version, &durable));
    CHECK_EQUAL(GetLastError(), ERROR_LOCK_VIOLATION);
    close_region(region);
}

int main(void)
{
    check_deadline(60);
    raw_file_fresh(L"sharedmem-test-windows-files.region", path);
    load();
    unusual_files_are_refused();
    unusual_devices_are_refused();
    a_read_only_file_is_read_only();
    others_are_waited_for();
    a_folder_may_be_read_only();
    a_full_disk_is_reported();
    a_failed_flush_confirms_nothing();
    a_view_that_is_being_written_is_flushed();
    imports_unload(&library);
    return check_passed();
}
