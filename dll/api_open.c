#include "api.h"
#include "geometry.h"
#include "handle_table.h"
#include "region.h"
#include "shared_copy.h"
#include "sharedmem.h"

_Static_assert(SHARED_MEM_MAX_DEPTH + 2 <= LAYOUT_MAX_SLOTS, "slots for the longest history");

/* Copies a name, each unit once: the caller's memory may change. FALSE if it is too long. */
static BOOL copy_name(WCHAR copy[REGION_NAME_CCH], LPCWSTR name)
{
    for (size_t i = 0; i < REGION_NAME_CCH; i++) {
        copy[i] = shared_load_unit(name + i);
        if (copy[i] == 0) {
            return TRUE;
        }
    }
    return FALSE;
}

static const WCHAR *skip_prefix(const WCHAR *name, const WCHAR *prefix)
{
    size_t i = 0;
    while (prefix[i] != 0 && name[i] == prefix[i]) {
        i++;
    }
    return prefix[i] == 0 ? name + i : name;
}

/* A name has no backslash but the one of its prefix, and does not end there. */
static BOOL is_valid_name(const WCHAR *name)
{
    const WCHAR *rest = skip_prefix(name, L"Local\\");
    if (rest == name) {
        rest = skip_prefix(name, L"Global\\");
    }
    if (*rest == 0) {
        return FALSE;
    }
    while (*rest != 0 && *rest != L'\\') {
        rest++;
    }
    return *rest == 0;
}

/* Copies the options, each field once; FALSE if they contradict each other. */
static BOOL copy_options(SHARED_MEM_OPTIONS *copy, const SHARED_MEM_OPTIONS *options)
{
    const DWORD known_flags = SHARED_MEM_READ_ONLY | SHARED_MEM_CREATE_NEW;
    if (options == NULL || options->cbSize != sizeof *options) {
        return FALSE;
    }
    shared_copy(copy, options, sizeof *copy);
    copy->depth = copy->depth == 0 ? 1 : copy->depth;
    BOOL can_create = (copy->flags & SHARED_MEM_READ_ONLY) == 0 && copy->capacity != 0;
    return (copy->flags & ~known_flags) == 0 &&
           ((copy->flags & SHARED_MEM_CREATE_NEW) == 0 || can_create) &&
           copy->depth <= SHARED_MEM_MAX_DEPTH;
}

/* Makes a handle of an entry whose region has been opened; or frees it, and returns the error. */
static DWORD publish(HSHAREDMEM *handle, struct region *region, DWORD error)
{
    if (error != ERROR_SUCCESS) {
        handle_table_release(region);
    } else {
        *handle = handle_table_publish(region);
    }
    return error;
}

/*
 * Opens the section first: a bad pointer in `security` raises an exception before anything is kept.
 */
static DWORD open_named(HSHAREDMEM *handle, LPCWSTR callers_name, const SHARED_MEM_OPTIONS *options)
{
    struct section section;
    WCHAR name[REGION_NAME_CCH];
    if (!copy_name(name, callers_name)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    if (!is_valid_name(name)) {
        return ERROR_INVALID_PARAMETER;
    }
    DWORD error = region_open_section(&section, name, options);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    struct region *region = handle_table_reserve();
    if (region == NULL) {
        section_close(&section);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return publish(handle, region, region_attach(region, &section, name, options));
}

/* The file's full path, which the caller frees with VirtualFree; NULL as for system functions. */
static WCHAR *full_path(LPCWSTR path)
{
    DWORD cch = GetFullPathNameW(path, 0, NULL, NULL);
    WCHAR *full =
        cch == 0 ? NULL
                 : VirtualAlloc(NULL, cch * sizeof *full, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (full == NULL) {
        return NULL;
    }
    DWORD length = GetFullPathNameW(path, cch, full, NULL);
    if (length == 0 || length >= cch) { /* it has changed, for example */
        DWORD error = length == 0 ? GetLastError() : ERROR_INVALID_PARAMETER;
        VirtualFree(full, 0, MEM_RELEASE);
        SetLastError(error);
        return NULL;
    }
    return full;
}

/* Bad pointers raise an exception before anything is kept. */
static DWORD open_file(HSHAREDMEM *handle, const SHARED_MEM_OPTIONS *callers)
{
    SHARED_MEM_OPTIONS options = *callers;
    SECURITY_ATTRIBUTES security;
    if (options.security != NULL) {
        security = *options.security;
        options.security = &security;
    }
    if (options.file[0] == 0) {
        return ERROR_INVALID_PARAMETER;
    }
    WCHAR *path = full_path(options.file);
    if (path == NULL) {
        return GetLastError();
    }
    struct region *region = handle_table_reserve();
    DWORD error = region == NULL
                      ? ERROR_NOT_ENOUGH_MEMORY
                      : publish(handle, region, region_open_file(region, path, &options));
    VirtualFree(path, 0, MEM_RELEASE);
    return error;
}

static DWORD open_region(HSHAREDMEM *handle, LPCWSTR name, const SHARED_MEM_OPTIONS *callers)
{
    SHARED_MEM_OPTIONS options;
    if (!copy_options(&options, callers) || (name == NULL) == (options.file == NULL)) {
        return ERROR_INVALID_PARAMETER;
    }
    return options.file != NULL ? open_file(handle, &options) : open_named(handle, name, &options);
}

HSHAREDMEM __cdecl OpenSharedMemEx(LPCWSTR name, const SHARED_MEM_OPTIONS *options)
{
    HSHAREDMEM handle = NULL;
    DWORD last_error = GetLastError();
    result_keeping(last_error, open_region(&handle, name, options));
    return handle;
}

HSHAREDMEM __cdecl OpenSharedMem(LPCWSTR name, SIZE_T capacity, DWORD flags,
                                 LPSECURITY_ATTRIBUTES security)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .capacity = capacity, .security = security};
    return OpenSharedMemEx(name, &options);
}
