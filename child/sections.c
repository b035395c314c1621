#include "sections.h"

#include <stdlib.h>
#include <wchar.h>

#include <winternl.h>

typedef void (*function)(void);
typedef NTSTATUS(NTAPI *open_directory)(HANDLE *directory, ACCESS_MASK access,
                                        OBJECT_ATTRIBUTES *attributes);
typedef NTSTATUS(NTAPI *query_directory)(HANDLE directory, void *entries, ULONG size,
                                         BOOLEAN single, BOOLEAN restart, ULONG *context,
                                         ULONG *returned);
typedef ULONG(NTAPI *to_error)(NTSTATUS status);

enum {
    QUERY_DIRECTORY = 1,       /* DIRECTORY_QUERY */
    ENTRY_SIZE = 0x20000 + 64, /* a name and a type of 64 KiB each */
    PASSES = 8
};

#define NO_MORE_ENTRIES ((NTSTATUS)0x8000001AL)

struct entry { /* OBJECT_DIRECTORY_INFORMATION */
    UNICODE_STRING name, type;
};

static struct {
    open_directory open;
    query_directory query;
    to_error to_error;
} ntdll;

static BOOL find_functions(void)
{
    HMODULE module = GetModuleHandleW(L"ntdll.dll");
    if (module == NULL) {
        return FALSE;
    }
    ntdll.open = (open_directory)(function)GetProcAddress(module, "NtOpenDirectoryObject");
    ntdll.query = (query_directory)(function)GetProcAddress(module, "NtQueryDirectoryObject");
    ntdll.to_error = (to_error)(function)GetProcAddress(module, "RtlNtStatusToDosError");
    if (ntdll.open == NULL || ntdll.query == NULL || ntdll.to_error == NULL) {
        SetLastError(ERROR_PROC_NOT_FOUND);
        return FALSE;
    }
    return TRUE;
}

/* FALSE, with the reason in GetLastError, unless the call succeeded. */
static BOOL succeeded(NTSTATUS status)
{
    if (status != 0) {
        SetLastError(ntdll.to_error(status));
    }
    return status == 0;
}

static BOOL open_names(HANDLE *directory, WCHAR *path)
{
    UNICODE_STRING name = {
        .Length = (USHORT)(wcslen(path) * sizeof *path),
        .MaximumLength = (USHORT)((wcslen(path) + 1) * sizeof *path),
        .Buffer = path,
    };
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .ObjectName = &name};
    return succeeded(ntdll.open(directory, QUERY_DIRECTORY, &attributes));
}

static BOOL add(struct section_names *names, const UNICODE_STRING *name)
{
    size_t cch = name->Length / sizeof(WCHAR);
    if (cch >= MAX_PATH) {
        return TRUE;
    }
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : 2 * names->room;
        section_name *more = realloc(names->names, room * sizeof *more);
        if (more == NULL) {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return FALSE;
        }
        names->names = more;
        names->room = room;
    }
    WCHAR *copy = names->names[names->count++];
    wmemcpy(copy, name->Buffer, cch);
    copy[cch] = 0;
    return TRUE;
}

static BOOL is_section(const struct entry *entry)
{
    static const WCHAR section[] = L"Section";
    return entry->type.Length == sizeof section - sizeof *section &&
           wmemcmp(entry->type.Buffer, section, ARRAYSIZE(section) - 1) == 0;
}

/* One entry at a time: Wine returns no more. */
static BOOL read_entries(struct section_names *names, HANDLE directory, struct entry *entry)
{
    ULONG context = 0, returned;
    for (BOOLEAN restart = TRUE;; restart = FALSE) {
        NTSTATUS status =
            ntdll.query(directory, entry, ENTRY_SIZE, TRUE, restart, &context, &returned);
        if (status == NO_MORE_ENTRIES) {
            return TRUE;
        }
        if (!succeeded(status)) {
            return FALSE;
        }
        if (is_section(entry) && !add(names, &entry->name)) {
            return FALSE;
        }
    }
}

/* Whether the names from two places on are the same. */
static BOOL same(const struct section_names *names, size_t a, size_t b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wcscmp(names->names[a + i], names->names[b + i]) != 0) {
            return FALSE;
        }
    }
    return TRUE;
}

/*
 * The system counts entries: one that goes meanwhile makes it skip another. So the directory is
 * read until two passes are the same, or has been often enough that none was skipped each time.
 */
static BOOL read_passes(struct section_names *names, HANDLE directory, struct entry *entry)
{
    size_t before = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        size_t start = names->count;
        if (!read_entries(names, directory, entry)) {
            return FALSE;
        }
        size_t count = names->count - start;
        if (pass > 0 && count == start - before && same(names, before, start, count)) {
            break;
        }
        before = start;
    }
    return TRUE;
}

static BOOL read_directory(struct section_names *names, HANDLE directory)
{
    struct entry *entry = malloc(ENTRY_SIZE);
    if (entry == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    BOOL done = read_passes(names, directory, entry);
    free(entry);
    return done;
}

static int compare(const void *a, const void *b)
{
    return wcscmp(a, b);
}

/* Sorts the names, each of which is then there once. */
static void sort(struct section_names *names)
{
    size_t kept = 0;
    if (names->count > 0) {
        qsort(names->names, names->count, sizeof *names->names, compare);
    }
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || wcscmp(names->names[kept - 1], names->names[i]) != 0) {
            wmemmove(names->names[kept++], names->names[i], MAX_PATH);
        }
    }
    names->count = kept;
}

BOOL section_names_read(struct section_names *names, BOOL global)
{
    WCHAR path[64] = L"\\BaseNamedObjects";
    DWORD session;
    HANDLE directory;

    *names = (struct section_names){0};
    if (!find_functions() || !ProcessIdToSessionId(GetCurrentProcessId(), &session)) {
        return FALSE;
    }
    if (!global) {
        swprintf(path, ARRAYSIZE(path), L"\\Sessions\\%lu\\BaseNamedObjects", session);
    }
    if (!open_names(&directory, path)) {
        DWORD error = GetLastError();
        return !global && session == 0 &&
               (error == ERROR_PATH_NOT_FOUND || error == ERROR_FILE_NOT_FOUND);
    }
    BOOL done = read_directory(names, directory);
    DWORD error = GetLastError();
    CloseHandle(directory);
    SetLastError(error);
    sort(names);
    return done;
}

BOOL section_names_have(const struct section_names *names, const WCHAR *name)
{
    return names->count > 0 &&
           bsearch(name, names->names, names->count, sizeof *names->names, compare) != NULL;
}

void section_names_free(struct section_names *names)
{
    free(names->names);
    *names = (struct section_names){0};
}
