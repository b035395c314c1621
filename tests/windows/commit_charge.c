/*
 * CreateFileMapping: "If an application specifies a size for the file mapping object that is larger
 * than the size of the paging file, [it] fails". The size is charged before the name is looked up,
 * so that joining a section by creating it can fail with ERROR_COMMITMENT_LIMIT.
 */
#include "check.h"
#include "imports.h"

#include <stdint.h>

#define NAME L"sharedmem-test-commit-charge"

enum {
    CAPACITY = 1 << 20,
    NOTIFY = 4096, /* bytes, and a region's in all: */
    REGION = 4 * CAPACITY + 2 * 4096 + NOTIFY,
};

static uint64_t left;   /* bytes that can be charged */
static unsigned hidden; /* opens that come before another process has created the section */

static HANDLE WINAPI create_file_mapping(HANDLE file, SECURITY_ATTRIBUTES *security,
                                         DWORD protection, DWORD size_high, DWORD size_low,
                                         const WCHAR *name)
{
    uint64_t size = (uint64_t)size_high << 32 | size_low;
    if (size > left) {
        SetLastError(ERROR_COMMITMENT_LIMIT);
        return NULL;
    }
    left -= size;
    return CreateFileMappingW(file, security, protection, size_high, size_low, name);
}

static HANDLE WINAPI open_file_mapping(DWORD access, BOOL inherit, const WCHAR *name)
{
    if (hidden > 0) {
        hidden--;
        SetLastError(ERROR_FILE_NOT_FOUND);
        return NULL;
    }
    return OpenFileMappingW(access, inherit, name);
}

static const struct import replacements[] = {
    IMPORT("CreateFileMappingW", create_file_mapping),
    IMPORT("OpenFileMappingW", open_file_mapping),
};

int main(void)
{
    check_deadline(30);
    left = 12288 + NOTIFY; /* the text's */
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    library.set(L"text");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);

    CHECK(library.open(NAME, CAPACITY, 0, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_COMMITMENT_LIMIT);
    left = REGION;
    HSHAREDMEM creator = library.open(NAME, CAPACITY, 0, NULL);
    CHECK(creator != NULL);
    CHECK_EQUAL(left, 0);

    HSHAREDMEM joining = library.open(NAME, CAPACITY, 0, NULL);
    CHECK(joining != NULL);
    CHECK(library.close(joining));
    left = REGION;
    joining = library.open(NAME, CAPACITY, 0, NULL);
    CHECK(joining != NULL);
    CHECK_EQUAL(left, REGION); /* it is free for another region */
    CHECK(library.close(joining));

    left = 0;
    SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = SHARED_MEM_CREATE_NEW, .capacity = CAPACITY};
    CHECK(library.open_ex(NAME, &options) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);

    hidden = 1; /* between looking for the section and creating it, another process creates it */
    joining = library.open(NAME, CAPACITY, 0, NULL);
    CHECK(joining != NULL);
    CHECK(library.close(joining));
    CHECK(library.close(creator));
    imports_unload(&library);
    return check_passed();
}
