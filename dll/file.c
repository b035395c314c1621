#include "file.h"

#include <winternl.h>

/* Of the temporary file, behind the path of the one that is being made. */
#define TEMPORARY_SUFFIX L".creating"

enum {
    ZEROS = 65536,     /* written at once */
    FLUSH_TRIES = 100, /* of some milliseconds */
};

typedef NTSTATUS(NTAPI *query_volume)(HANDLE file, IO_STATUS_BLOCK *status, void *information,
                                      ULONG size, ULONG kind);

static query_volume query_volume_information; /* NULL: not found yet */

void file_attach(void)
{
    HMODULE module = GetModuleHandleW(L"ntdll.dll");
    if (module != NULL) {
        query_volume_information =
            (query_volume)(void (*)(void))GetProcAddress(module, "NtQueryVolumeInformationFile");
    }
}

/* FILE_FS_DEVICE_INFORMATION of the Windows Driver Kit, and what it can be here. */
struct device_information {
    ULONG type;
    ULONG characteristics;
};

enum {
    DEVICE_INFORMATION = 4, /* FileFsDeviceInformation */
    TYPE_DISK = 7,
    TYPE_DISK_FILE_SYSTEM = 8, /* Wine's, for most file systems */
    TYPE_VIRTUAL_DISK = 0x24,
    REMOVABLE_MEDIA = 0x01,
    READ_ONLY_DEVICE = 0x02,
    REMOTE_DEVICE = 0x10,
};

static bool is_on_local_disk(HANDLE file, bool read_only)
{
    struct device_information device;
    IO_STATUS_BLOCK status;
    ULONG refused = REMOVABLE_MEDIA | REMOTE_DEVICE | (read_only ? 0u : READ_ONLY_DEVICE);
    if (query_volume_information == NULL) {
        file_attach(); /* it could not be had when the DLL was loaded */
    }
    return query_volume_information != NULL &&
           query_volume_information(file, &status, &device, sizeof device, DEVICE_INFORMATION) ==
               0 &&
           (device.type == TYPE_DISK || device.type == TYPE_DISK_FILE_SYSTEM ||
            device.type == TYPE_VIRTUAL_DISK) &&
           (device.characteristics & refused) == 0;
}

/* Whether views of the file are its bytes on the disk, in place. */
static bool is_plain(HANDLE file)
{
    const DWORD recall = 0x00040000 | 0x00400000; /* ON_OPEN, ON_DATA_ACCESS: since Windows 10 */
    const DWORD refused = FILE_ATTRIBUTE_COMPRESSED | FILE_ATTRIBUTE_SPARSE_FILE |
                          FILE_ATTRIBUTE_ENCRYPTED | FILE_ATTRIBUTE_OFFLINE |
                          FILE_ATTRIBUTE_REPARSE_POINT | recall;
    FILE_BASIC_INFO info;
    return GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof info) &&
           (info.FileAttributes & refused) == 0;
}

static DWORD check_support(HANDLE file, bool read_only)
{
    return GetFileType(file) == FILE_TYPE_DISK && is_plain(file) &&
                   is_on_local_disk(file, read_only)
               ? ERROR_SUCCESS
               : ERROR_NOT_SUPPORTED;
}

DWORD file_open(HANDLE *file, const WCHAR *path, bool read_only)
{
    HANDLE opened = CreateFileW(path, GENERIC_READ | (read_only ? 0 : GENERIC_WRITE),
                                FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                                FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (opened == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    DWORD error = check_support(opened, read_only);
    if (error != ERROR_SUCCESS) {
        CloseHandle(opened);
        return error;
    }
    *file = opened;
    return ERROR_SUCCESS;
}

DWORD file_read_identity(HANDLE file, struct file_identity *identity, struct file_image *image)
{
    OVERLAPPED start = file_position(0);
    LARGE_INTEGER size;
    DWORD read = 0;
    if (!ReadFile(file, identity, sizeof *identity, &read, &start) &&
        GetLastError() != ERROR_HANDLE_EOF) {
        return GetLastError();
    }
    enum file_identity_verdict verdict =
        read == sizeof *identity ? file_identity_check(identity) : FILE_IDENTITY_FOREIGN;
    if (verdict == FILE_IDENTITY_FOREIGN) {
        return ERROR_INVALID_DATA;
    }
    if (verdict == FILE_IDENTITY_DAMAGED) {
        return ERROR_FILE_CORRUPT;
    }
    if (!file_image_plan(image, identity->capacity, identity->depth)) {
        return ERROR_NOT_ENOUGH_MEMORY; /* for a process of 32 bits */
    }
    if (!GetFileSizeEx(file, &size)) {
        return GetLastError();
    }
    return (uint64_t)size.QuadPart == image->size ? ERROR_SUCCESS : ERROR_FILE_CORRUPT;
}

/* Creating. Functions return FALSE, and the reason is the last error, if they fail. */

static bool write_at(HANDLE file, uint64_t offset, const void *data, DWORD size)
{
    OVERLAPPED at = file_position(offset);
    DWORD written = 0;
    return WriteFile(file, data, size, &written, &at) != 0;
}

/* A mapping alone would leave the file sparse, and a full disk would show when it is used. */
static bool write_zeros(HANDLE file, uint64_t from, uint64_t to)
{
    void *zeros = VirtualAlloc(NULL, ZEROS, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    bool written = zeros != NULL;
    for (uint64_t at = from; written && at < to; at += ZEROS) {
        written = write_at(file, at, zeros, to - at < ZEROS ? (DWORD)(to - at) : ZEROS);
    }
    if (zeros != NULL) {
        DWORD error = GetLastError();
        VirtualFree(zeros, 0, MEM_RELEASE);
        SetLastError(error);
    }
    return written;
}

/*
 * Whether a creator left it behind that was ended: then it is empty, or begins with the magic; or
 * with zeros, if the machine failed.
 */
static bool is_leftover(HANDLE file)
{
    OVERLAPPED start = file_position(0);
    uint64_t magic = FILE_IMAGE_MAGIC;
    DWORD read = 0;
    if (!ReadFile(file, &magic, sizeof magic, &read, &start) &&
        GetLastError() != ERROR_HANDLE_EOF) {
        return false;
    }
    SetLastError(ERROR_INVALID_DATA);
    return magic == FILE_IMAGE_MAGIC || magic == 0;
}

static bool fill(HANDLE file, const struct file_identity *identity, const struct file_image *image)
{
    FILE_END_OF_FILE_INFO empty = {.EndOfFile.QuadPart = 0};
    struct layout_record first = file_image_first_record(&identity->id);
    return SetFileInformationByHandle(file, FileEndOfFileInfo, &empty, sizeof empty) &&
           write_at(file, 0, identity, sizeof *identity) &&
           write_zeros(file, sizeof *identity, image->size) &&
           write_at(file, image->copy[0], &first, sizeof first) && FlushFileBuffers(file);
}

/* Gives the open file that name, unless there is one with it. */
static DWORD rename_new(HANDLE file, const WCHAR *path)
{
    size_t size = sizeof(FILE_RENAME_INFO) + (size_t)lstrlenW(path) * sizeof *path;
    FILE_RENAME_INFO *info = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (info == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    info->FileNameLength = (DWORD)lstrlenW(path) * (DWORD)sizeof *path;
    lstrcpyW(info->FileName, path);
    BOOL renamed = SetFileInformationByHandle(file, FileRenameInfo, info, (DWORD)size);
    DWORD error = renamed ? ERROR_SUCCESS : GetLastError();
    VirtualFree(info, 0, MEM_RELEASE);
    return error == ERROR_FILE_EXISTS ? ERROR_ALREADY_EXISTS : error;
}

static DWORD create_at(const WCHAR *temporary, const WCHAR *path,
                       const struct file_identity *identity, const struct file_image *image,
                       SECURITY_ATTRIBUTES *security)
{
    HANDLE file =
        CreateFileW(temporary, GENERIC_READ | GENERIC_WRITE | DELETE, 0, security, OPEN_ALWAYS,
                    FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    bool is_new = GetLastError() != ERROR_ALREADY_EXISTS;
    bool is_ours = is_new || is_leftover(file);
    DWORD error = !is_ours ? GetLastError() : check_support(file, false);
    if (error == ERROR_SUCCESS) {
        error = fill(file, identity, image) ? rename_new(file, path) : GetLastError();
    }
    if (is_ours && error != ERROR_SUCCESS) {
        FILE_DISPOSITION_INFO info = {.DeleteFile = TRUE};
        SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof info);
    }
    CloseHandle(file);
    return error;
}

DWORD file_create(const WCHAR *path, const struct file_identity *identity,
                  const struct file_image *image, SECURITY_ATTRIBUTES *security)
{
    size_t size = (size_t)lstrlenW(path) * sizeof *path + sizeof TEMPORARY_SUFFIX;
    WCHAR *temporary = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (temporary == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    lstrcpyW(temporary, path);
    lstrcatW(temporary, TEMPORARY_SUFFIX);
    DWORD error = create_at(temporary, path, identity, image, security);
    VirtualFree(temporary, 0, MEM_RELEASE);
    return error;
}

/* It fails with ERROR_LOCK_VIOLATION while the system itself writes pages of the view. */
static bool start_writing(const void *start, size_t size)
{
    unsigned tries = 0;
    while (!FlushViewOfFile(start, size)) {
        if (GetLastError() != ERROR_LOCK_VIOLATION || ++tries == FLUSH_TRIES) {
            return false;
        }
        Sleep(1);
    }
    return true;
}

bool file_flush(HANDLE file, const void *start, size_t size)
{
    return start_writing(start, size) && FlushFileBuffers(file); /* which waits for the disk */
}
