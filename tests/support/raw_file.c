#include "raw_file.h"

#include "check.h"
#include "process.h"

#include "file_image.h"

#include <stdlib.h>

const WCHAR *raw_file_fresh(const WCHAR *name, WCHAR path[MAX_PATH])
{
    process_sibling(name, path);
    CHECK(DeleteFileW(path) || GetLastError() == ERROR_FILE_NOT_FOUND);
    return path;
}

static HANDLE open_file(const WCHAR *path, DWORD access, DWORD disposition)
{
    HANDLE file = CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, disposition,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    return file;
}

static size_t size_of(HANDLE file)
{
    LARGE_INTEGER size;
    CHECK(GetFileSizeEx(file, &size));
    return (size_t)size.QuadPart;
}

struct raw_file raw_file_open(const WCHAR *path)
{
    HANDLE handle = open_file(path, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING);
    HANDLE mapping = CreateFileMappingW(handle, NULL, PAGE_READWRITE, 0, 0, NULL);
    CHECK(mapping != NULL);
    struct raw_file file = {MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0), size_of(handle)};
    CHECK(file.view != NULL);
    CloseHandle(mapping);
    CloseHandle(handle);
    return file;
}

void raw_file_close(struct raw_file *file)
{
    CHECK(UnmapViewOfFile(file->view));
    *file = (struct raw_file){0};
}

struct file_identity *raw_file_identity(const struct raw_file *file)
{
    return (void *)file->view;
}

static struct geometry geometry_of(const struct raw_file *file)
{
    struct geometry geometry;
    const struct file_identity *identity = raw_file_identity(file);
    CHECK(geometry_find(
        &geometry, geometry_size(identity->capacity, geometry_slots((uint32_t)identity->depth))));
    return geometry;
}

struct layout_control *raw_file_control(const struct raw_file *file)
{
    struct geometry geometry = geometry_of(file);
    return (void *)(file->view + LAYOUT_PAGE + geometry_control(&geometry));
}

struct layout_record *raw_file_records(const struct raw_file *file)
{
    struct geometry geometry = geometry_of(file);
    return (void *)(file->view + LAYOUT_PAGE + geometry_records(&geometry));
}

struct layout_record *raw_file_copy(const struct raw_file *file, unsigned copy)
{
    struct geometry geometry = geometry_of(file);
    size_t size = LAYOUT_PAGE + geometry.slot_size;
    return (void *)(file->view + file->size - (FILE_IMAGE_COPIES - copy) * size);
}

unsigned char *raw_file_read(const WCHAR *path, size_t *size)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    DWORD read;
    *size = size_of(file);
    unsigned char *data = malloc(*size + 1);
    CHECK(data != NULL && ReadFile(file, data, (DWORD)*size, &read, NULL) && read == *size);
    CloseHandle(file);
    return data;
}

void raw_file_write(const WCHAR *path, const void *data, size_t size)
{
    HANDLE file = open_file(path, GENERIC_WRITE, CREATE_ALWAYS);
    DWORD written;
    CHECK(WriteFile(file, data, (DWORD)size, &written, NULL) && written == size);
    CloseHandle(file);
}
