#include "raw_section.h"

#include "check.h"

#include "geometry.h"
#include "layout.h"
#include "sharedmem.h"

#include <sddl.h>
#include <wchar.h>

static struct raw_section map(HANDLE mapping, DWORD access)
{
    CHECK(mapping != NULL);
    struct raw_section section = {.mapping = mapping,
                                  .text = MapViewOfFile(mapping, access, 0, 0, 0)};
    CHECK(section.text != NULL);
    MEMORY_BASIC_INFORMATION run;
    CHECK(VirtualQuery(section.text, &run, sizeof run) != 0);
    section.size = run.RegionSize;
    return section;
}

struct raw_section raw_section_open(const WCHAR *name, DWORD access)
{
    return map(OpenFileMappingW(access, FALSE, name), access);
}

struct raw_section raw_section_create(DWORD size, const WCHAR *access_control)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    if (access_control != NULL) {
        CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
            access_control, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL));
    }
    HANDLE mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, access_control != NULL ? &security : NULL,
                           PAGE_READWRITE, 0, size, SHARED_MEM_TEXT_NAME);
    CHECK(GetLastError() != ERROR_ALREADY_EXISTS);
    LocalFree(security.lpSecurityDescriptor);
    return map(mapping, FILE_MAP_WRITE);
}

void raw_section_close(struct raw_section *section)
{
    UnmapViewOfFile(section->text);
    CloseHandle(section->mapping);
}

struct layout_control *raw_section_control(const struct raw_section *section)
{
    return (void *)((char *)section->text + section->size - LAYOUT_PAGE);
}

struct layout_record *raw_section_records(const struct raw_section *section)
{
    struct geometry geometry;
    CHECK(geometry_find(&geometry, section->size));
    return (void *)((char *)section->text + geometry_records(&geometry));
}

struct raw_section raw_section_open_notify(const WCHAR *region)
{
    WCHAR name[MAX_PATH];
    swprintf(name, MAX_PATH, L"%ls.notify", region);
    return raw_section_open(name, FILE_MAP_WRITE);
}

struct layout_waiters *raw_section_waiters(const struct raw_section *notify)
{
    CHECK_EQUAL(notify->size, LAYOUT_NOTIFY_SIZE);
    return (void *)notify->text;
}

void raw_section_occupy(struct layout_waiters *table, unsigned count, uint64_t owner)
{
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        table->owner[entry] = entry < count ? owner : 0;
    }
}
