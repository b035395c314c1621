#include "mutex_cell.h"

#include "check.h"

#include <string.h>
#include <windows.h>

static HANDLE mutex;
static unsigned char *section;

void mutex_cell_open(size_t capacity)
{
    mutex = CreateMutexW(NULL, FALSE, L"sharedmem-bench-mutex");
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        (DWORD)capacity, L"sharedmem-bench-section");
    CHECK(mutex != NULL && mapping != NULL);
    section = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(section != NULL);
}

void mutex_cell_write(const void *data, size_t size)
{
    WaitForSingleObject(mutex, INFINITE);
    memcpy(section, data, size);
    ReleaseMutex(mutex);
}

size_t mutex_cell_read(void *buffer, size_t room)
{
    WaitForSingleObject(mutex, INFINITE);
    memcpy(buffer, section, room);
    ReleaseMutex(mutex);
    return room;
}
