#include "notify_section.h"

#include "derived_security.h"
#include "pointer_once.h"

static DWORD create(struct section *section, const WCHAR *name, const struct section *region)
{
    const ACCESS_MASK read =
        (region->file != NULL ? FILE_READ_DATA : FILE_MAP_READ) | GENERIC_READ | GENERIC_ALL;
    const ACCESS_MASK use = FILE_MAP_READ | FILE_MAP_WRITE | READ_CONTROL;
    struct derived_security security;
    DWORD error;
    derived_security_read(&security, section_secured(region), read, use);
    do {
        error = section_create(section, name, LAYOUT_NOTIFY_SIZE, &security.attributes, NULL);
    } while (error != ERROR_SUCCESS && derived_security_remove_label(&security));
    derived_security_free(&security);
    return error;
}

static DWORD open_or_create(struct section *section, const WCHAR *region_name,
                            const struct section *region)
{
    WCHAR name[MAX_PATH];
    lstrcpyW(name, region_name); /* leaves room for the rest: see REGION_NAME_CCH */
    lstrcatW(name, L".notify");
    DWORD error = section_open(section, name, false, NULL);
    if (error == ERROR_FILE_NOT_FOUND && !region->read_only) {
        error = create(section, name, region);
    }
    if (error == ERROR_SUCCESS && section->size != LAYOUT_NOTIFY_SIZE) {
        section_close(section); /* another region's, for example, that has this name */
        error = ERROR_INVALID_DATA;
    }
    return error;
}

bool notify_section_attach(struct eventcount *waiters, const struct section *region)
{
    if (waiters->name == NULL) {
        return false;
    }
    struct section section;
    DWORD last_error = GetLastError();
    bool opened = open_or_create(&section, waiters->name, region) == ERROR_SUCCESS;
    if (opened) {
        /* The same section as that of another thread, whose handle keeps the name alive. */
        HANDLE mapping = pointer_set_once(&waiters->section, section.mapping);
        void *table = pointer_set_once(&waiters->table, section.view);
        if (mapping != section.mapping) {
            CloseHandle(section.mapping);
        }
        if (table != section.view) {
            UnmapViewOfFile(section.view);
        }
    }
    SetLastError(last_error);
    return opened;
}

void notify_section_detach(struct eventcount *waiters)
{
    if (waiters->table != NULL) {
        UnmapViewOfFile(waiters->table);
        CloseHandle(waiters->section);
        waiters->table = NULL;
    }
}
