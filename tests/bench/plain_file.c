#include "plain_file.h"

#include "check.h"
#include "process.h"

enum { ZEROS = 65536 }; /* written at once, as the DLL does */

struct plain_file plain_file_create(const WCHAR *name, size_t size)
{
    static const char zeros[ZEROS];
    WCHAR path[MAX_PATH];
    struct plain_file file = {
        .handle = CreateFileW(process_sibling(name, path), GENERIC_READ | GENERIC_WRITE, 0, NULL,
                              CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL)};
    DWORD written;
    CHECK(file.handle != INVALID_HANDLE_VALUE);
    for (size_t at = 0; at < size; at += written) {
        CHECK(WriteFile(file.handle, zeros, size - at < ZEROS ? (DWORD)(size - at) : ZEROS,
                        &written, NULL));
    }
    CHECK(FlushFileBuffers(file.handle));
    HANDLE mapping = CreateFileMappingW(file.handle, NULL, PAGE_READWRITE, 0, 0, NULL);
    CHECK(mapping != NULL);
    file.view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(file.view != NULL);
    CloseHandle(mapping);
    return file;
}

void plain_file_close(struct plain_file *file)
{
    CHECK(UnmapViewOfFile(file->view));
    CloseHandle(file->handle);
    *file = (struct plain_file){0};
}

void plain_file_write(const struct plain_file *file, const void *data, size_t size)
{
    OVERLAPPED start = {0};
    DWORD written;
    CHECK(WriteFile(file->handle, data, (DWORD)size, &written, &start) && written == size);
}

size_t plain_file_read(const struct plain_file *file, void *buffer, size_t room)
{
    OVERLAPPED start = {0};
    DWORD read;
    CHECK(ReadFile(file->handle, buffer, (DWORD)room, &read, &start));
    return read;
}
