#include "unusable_section.h"

#include "check.h"

HANDLE unusable_section_file(const WCHAR *name, DWORD size)
{
    WCHAR folder[MAX_PATH - 32], path[MAX_PATH];
    CHECK(GetTempPathW(ARRAYSIZE(folder), folder) > 0);
    CHECK(GetTempFileNameW(folder, L"smt", 0, path) != 0);
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_DELETE, NULL,
                              CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, size, name);
    CHECK(mapping != NULL);
    return mapping; /* the file stays open: one that is deleted has no name to be known by */
}

HANDLE unusable_section_memory(const WCHAR *name, DWORD size, DWORD kind)
{
    HANDLE mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | kind, 0, size, name);
    CHECK(mapping != NULL);
    return mapping;
}

/* A section of this program's own file. */
static HANDLE section_of_this_program(const WCHAR *name, DWORD protection)
{
    WCHAR path[MAX_PATH];
    CHECK(GetModuleFileNameW(NULL, path, MAX_PATH) < MAX_PATH);
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    HANDLE mapping = CreateFileMappingW(file, NULL, protection, 0, 0, name);
    CHECK(mapping != NULL);
    CloseHandle(file);
    return mapping;
}

HANDLE unusable_section_image(const WCHAR *name)
{
    return section_of_this_program(name, PAGE_READONLY | SEC_IMAGE);
}

HANDLE unusable_section_read_only_file(const WCHAR *name)
{
    return section_of_this_program(name, PAGE_READONLY);
}
