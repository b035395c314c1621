/* Sections and names that Windows handles otherwise than Wine. */
#include "check.h"
#include "imports.h"
#include "unusable_section.h"

#define PSAPI_VERSION 2 /* its functions are in kernel32.dll */
#include <psapi.h>
#include <wchar.h>

#define NAME L"sharedmem-test-sections"

enum { SMALLEST = 6 * 4096 }; /* section of a region */

static void fail_to_open(const struct library *library, const WCHAR *name, SIZE_T capacity,
                         DWORD error)
{
    CHECK(library->open(name, capacity, 0, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), error);
}

/*
 * MapViewOfFileEx: the access "must be compatible with the protection" that the section was made
 * with; where it is not, STATUS_SECTION_PROTECTION becomes error 87.
 */
static bool made_read_only;

/* The same error, if a view would end beyond the address space. */
static bool ends_beyond;

static void *WINAPI map_view(HANDLE mapping, DWORD access, DWORD high, DWORD low, SIZE_T size,
                             void *address)
{
    if ((made_read_only && (access & FILE_MAP_WRITE) != 0) || (ends_beyond && address != NULL)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return MapViewOfFileEx(mapping, access, high, low, size, address);
}

static void one_error_has_two_reasons(void)
{
    static const struct import replacements[] = {IMPORT("MapViewOfFileEx", map_view)};
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HANDLE mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, SMALLEST, NAME);
    CHECK(mapping != NULL);
    made_read_only = true;
    fail_to_open(&library, NAME, 10, ERROR_INVALID_DATA);
    fail_to_open(&library, NAME, 0, ERROR_INVALID_DATA);
    SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .address = (void *)0x20000000};
    CHECK(library.open_ex(NAME, &options) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_DATA);
    made_read_only = false;
    CloseHandle(mapping);

    options.capacity = 10;
    ends_beyond = true;
    CHECK(library.open_ex(NAME, &options) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_ADDRESS);
    ends_beyond = false;
    HSHAREDMEM region = library.open_ex(NAME, &options);
    CHECK(region != NULL);
    CHECK(library.close(region));
    imports_unload(&library);
}

/*
 * GetMappedFileName fails with ERROR_FILE_INVALID where there is no file, and with other errors for
 * other reasons, of which memory is one.
 */
static DWORD WINAPI get_mapped_file_name(HANDLE process, void *address, WCHAR *name, DWORD cch)
{
    DWORD length = GetMappedFileNameW(process, address, name, cch);
    if (length > 0) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    }
    return 0;
}

static void a_file_without_a_name_is_a_file(void)
{
    static const struct import replacements[] = {
        IMPORT("K32GetMappedFileNameW", get_mapped_file_name)};
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HANDLE mapping = unusable_section_file(NAME, SMALLEST);
    fail_to_open(&library, NAME, 10, ERROR_INVALID_DATA);
    fail_to_open(&library, NAME, 0, ERROR_INVALID_DATA);
    CloseHandle(mapping);
    HSHAREDMEM region = library.open(NAME, 10, 0, NULL);
    CHECK(region != NULL);
    CHECK(library.close(region));
    imports_unload(&library);
}

/*
 * CreateFileMapping: "Creating a file mapping object in the global namespace from a session other
 * than session zero requires the SeCreateGlobalPrivilege privilege. [...] Opening requires none."
 */
static bool privileged;

static HANDLE WINAPI create_with_privilege(HANDLE file, SECURITY_ATTRIBUTES *security,
                                           DWORD protection, DWORD high, DWORD low,
                                           const WCHAR *name)
{
    if (!privileged && wcsncmp(name, L"Global\\", 7) == 0) {
        SetLastError(ERROR_ACCESS_DENIED);
        return NULL;
    }
    return CreateFileMappingW(file, security, protection, high, low, name);
}

static void global_names_are_opened_without_privilege(void)
{
    static const struct import replacements[] = {
        IMPORT("CreateFileMappingW", create_with_privilege)};
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    fail_to_open(&library, L"Global\\" NAME, 10, ERROR_ACCESS_DENIED);
    fail_to_open(&library, L"Global\\" NAME, 0, ERROR_FILE_NOT_FOUND);
    privileged = true;
    HSHAREDMEM service = library.open(L"Global\\" NAME, 10, 0, NULL);
    CHECK(service != NULL);
    privileged = false;
    HSHAREDMEM user = library.open(L"Global\\" NAME, 10, 0, NULL);
    CHECK(user != NULL);
    CHECK(library.close(user));
    CHECK(library.close(service));
    imports_unload(&library);
}

int main(void)
{
    check_deadline(30);
    one_error_has_two_reasons();
    a_file_without_a_name_is_a_file();
    global_names_are_opened_without_privilege();
    return check_passed();
}
