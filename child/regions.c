#include "regions.h"

#include "sections.h"

#include <stdlib.h>
#include <wchar.h>

#define NOTIFY_SUFFIX L".notify"
#define GLOBAL_PREFIX L"Global\\"
#define FILE_PREFIX L"sharedmem.file."
#define FILE_ID_CCH 32

/* Returns one more sample, all zero but for its name; NULL if there is no memory. */
static struct region_sample *add(struct region_list *list, const WCHAR *prefix, const WCHAR *name)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        struct region_sample *more = realloc(list->regions, room * sizeof *more);
        if (more == NULL) {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        list->regions = more;
        list->room = room;
    }
    struct region_sample *sample = &list->regions[list->count++];
    *sample = (struct region_sample){.info.cbSize = sizeof sample->info, .write_rate = -1};
    swprintf(sample->name, ARRAYSIZE(sample->name), L"%ls%ls", prefix, name);
    return sample;
}

static const struct region_sample *find(const struct region_list *list, const WCHAR *name)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (wcscmp(list->regions[i].name, name) == 0) {
            return &list->regions[i];
        }
    }
    return NULL;
}

/* A lower version is that of a region which has been created anew. */
static void set_rate(struct region_sample *sample, const struct region_sample *before)
{
    LARGE_INTEGER now, frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    sample->time = now.QuadPart;
    if (before != NULL && before->note[0] == 0 && before->info.version <= sample->info.version &&
        before->time < sample->time) {
        double seconds = (double)(sample->time - before->time) / (double)frequency.QuadPart;
        sample->write_rate = (double)(sample->info.version - before->info.version) / seconds;
    }
}

/* Whether it is no region, or not any more. */
static BOOL is_none(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_INVALID_DATA ||
           error == ERROR_INVALID_HANDLE || error == ERROR_FILENAME_EXCED_RANGE;
}

static DWORD query_by_name(const struct library *library, const WCHAR *name, SHARED_MEM_INFO *info)
{
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .flags = SHARED_MEM_READ_ONLY};
    HSHAREDMEM region = library->open(name, &options);
    if (region == NULL) {
        return GetLastError();
    }
    DWORD error = library->query(region, info) ? ERROR_SUCCESS : GetLastError();
    library->close(region);
    return error;
}

static void finish(struct region_sample *sample, DWORD error, const struct region_list *before)
{
    if (error == ERROR_SUCCESS) {
        set_rate(sample, find(before, sample->name));
    } else {
        swprintf(sample->note, ARRAYSIZE(sample->note), L"cannot be read (error %lu)", error);
    }
}

static BOOL add_region(struct region_list *list, const struct library *library,
                       const struct region_list *before, const WCHAR *prefix, const WCHAR *name)
{
    struct region_sample *sample = add(list, prefix, name);
    if (sample == NULL) {
        return FALSE;
    }
    DWORD error = query_by_name(library, sample->name, &sample->info);
    if (is_none(error)) {
        list->count--;
    } else {
        finish(sample, error, before);
    }
    return TRUE;
}

static BOOL add_text(struct region_list *list, const struct library *library,
                     const struct region_list *before)
{
    struct region_sample *sample = add(list, L"", SHARED_MEM_TEXT_NAME);
    if (sample == NULL) {
        return FALSE;
    }
    BOOL known = library->query(SHARED_MEM_TEXT, &sample->info);
    finish(sample, known ? ERROR_SUCCESS : GetLastError(), before);
    if (sample->write_rate > 0) {
        sample->write_rate /= 2; /* a text's version grows by two */
    }
    return TRUE;
}

static BOOL add_file(struct region_list *list, const WCHAR *id)
{
    struct region_sample *sample = add(list, L"", id);
    if (sample == NULL) {
        return FALSE;
    }
    wcscpy(sample->note, L"a file's region");
    return TRUE;
}

/* The name of the region that a notify section of that name belongs to; FALSE if it is none. */
static BOOL name_region(const WCHAR *section, WCHAR name[REGION_NAME_CCH])
{
    size_t cch = wcslen(section), suffix = wcslen(NOTIFY_SUFFIX);
    if (cch <= suffix || cch >= REGION_NAME_CCH - wcslen(GLOBAL_PREFIX) ||
        wcscmp(section + cch - suffix, NOTIFY_SUFFIX) != 0) {
        return FALSE;
    }
    wmemcpy(name, section, cch - suffix);
    name[cch - suffix] = 0;
    return TRUE;
}

/* The id in the name, which the notify section of a file's region has; NULL if it is not one. */
static const WCHAR *file_id(const WCHAR *name)
{
    size_t cch = wcslen(FILE_PREFIX);
    return wcsncmp(name, FILE_PREFIX, cch) == 0 && wcslen(name) == cch + FILE_ID_CCH &&
                   wcsspn(name + cch, L"0123456789abcdef") == FILE_ID_CCH
               ? name + cch
               : NULL;
}

static BOOL add_named(struct region_list *list, const struct library *library,
                      const struct region_list *before, BOOL global)
{
    struct section_names sections;
    BOOL done = section_names_read(&sections, global);
    for (size_t i = 0; done && i < sections.count; i++) {
        WCHAR name[REGION_NAME_CCH];
        if (!name_region(sections.names[i], name) ||
            (!global && wcscmp(name, SHARED_MEM_TEXT_NAME) == 0)) {
            continue;
        }
        if (section_names_have(&sections, name)) {
            done = add_region(list, library, before, global ? GLOBAL_PREFIX : L"", name);
        } else if (file_id(name) != NULL) {
            done = add_file(list, file_id(name));
        }
    }
    DWORD error = GetLastError();
    section_names_free(&sections);
    SetLastError(error);
    return done;
}

BOOL region_list_read(struct region_list *list, const struct library *library,
                      const struct region_list *before)
{
    *list = (struct region_list){0};
    return add_text(list, library, before) && add_named(list, library, before, FALSE) &&
           (add_named(list, library, before, TRUE) || GetLastError() == ERROR_ACCESS_DENIED);
}

void region_list_free(struct region_list *list)
{
    free(list->regions);
    *list = (struct region_list){0};
}
