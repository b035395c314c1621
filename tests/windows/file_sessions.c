/*
 * Two sessions ("Kernel object namespaces": each has names of its own) share by a file, without any
 * privilege: the other one here is a process whose names differ. It shares values, versions and
 * the lock; it is not woken, and notices by itself.
 */
#include "check.h"
#include "imports.h"
#include "process.h"
#include "raw_file.h"
#include "roles.h"
#include "stopwatch.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

enum {
    ROUNDS = 3,
    ADDITIONS = 2000,
    NOTICE_MS = 250 /* between two looks of a waiter */,
    SLOW_MS = 1000 /* what a machine with other work may add */
};

static WCHAR path[MAX_PATH];

static const WCHAR *in_other_session(const WCHAR *name, WCHAR other[MAX_PATH])
{
    if (name == NULL) {
        return NULL;
    }
    swprintf(other, MAX_PATH, L"other-session-%ls", name);
    return other;
}

static HANDLE WINAPI create_mapping(HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protection,
                                    DWORD high, DWORD low, const WCHAR *name)
{
    WCHAR other[MAX_PATH];
    return CreateFileMappingW(file, security, protection, high, low, in_other_session(name, other));
}

static HANDLE WINAPI open_mapping(DWORD access, BOOL inherit, const WCHAR *name)
{
    WCHAR other[MAX_PATH];
    return OpenFileMappingW(access, inherit, in_other_session(name, other));
}

static HANDLE WINAPI create_event(SECURITY_ATTRIBUTES *security, const WCHAR *name, DWORD flags,
                                  DWORD access)
{
    WCHAR other[MAX_PATH];
    return CreateEventExW(security, in_other_session(name, other), flags, access);
}

static HSHAREDMEM open_region(const struct library *library, ULONGLONG capacity)
{
    process_sibling(L"sharedmem-test-file-sessions.region", path);
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = capacity, .file = path};
    HSHAREDMEM region = library->open_ex(NULL, &options);
    CHECK(region != NULL);
    return region;
}

/* Waits for a version, and then makes the next one, so many times. */
static void answer(const struct library *library, HSHAREDMEM region, ULONGLONG version)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        ULONGLONG made;
        LONGLONG start = stopwatch_start();
        CHECK(library->wait(region, version, INFINITE));
        CHECK(stopwatch_milliseconds(start) < 2 * NOTICE_MS + SLOW_MS);
        CHECK(library->write(region, "", 0, &made) && made == version + 2);
        version += 2;
    }
}

/* Adds 1 to the value, many times, beside another process: none is lost. */
static void add(const struct library *library, HSHAREDMEM region)
{
    for (unsigned i = 0; i < ADDITIONS; i++) {
        ULONGLONG version;
        do {
            uint64_t number = 0;
            SIZE_T size = sizeof number;
            CHECK(library->read(region, &number, &size, &version));
            number++;
            if (library->replace(region, &number, sizeof number, &version)) {
                break;
            }
            CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
        } while (true);
    }
}

static int be_in_other_session(char **arguments)
{
    static const struct import replacements[] = {
        IMPORT("CreateFileMappingW", create_mapping),
        IMPORT("OpenFileMappingW", open_mapping),
        IMPORT("CreateEventExW", create_event),
    };
    (void)arguments;
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HSHAREDMEM region = open_region(&library, 0);
    ULONGLONG version;
    SIZE_T size = 0;
    CHECK(library.read(region, NULL, &size, &version));
    CHECK(library.write(region, "", 0, &version)); /* it is here */
    answer(&library, region, version);
    add(&library, region);
    CHECK(library.close(region));
    imports_unload(&library);
    return 0;
}

static const struct role roles[] = {{"other-session", be_in_other_session}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    check_deadline(60);
    raw_file_fresh(L"sharedmem-test-file-sessions.region", path);
    struct library library = library_need(NULL);
    HSHAREDMEM region = open_region(&library, sizeof(uint64_t));
    HANDLE other = process_start_self(L"other-session");
    CHECK(library.wait(region, 0, INFINITE));
    for (ULONGLONG version = 1; version < 1 + 2 * ROUNDS; version += 2) {
        ULONGLONG made;
        Sleep(NOTICE_MS / 2); /* so that the other one waits */
        CHECK(library.write(region, "", 0, &made) && made == version + 1);
        CHECK(library.wait(region, made, INFINITE));
    }
    add(&library, region);
    CHECK_EQUAL(process_finish(other), 0);
    uint64_t number;
    SIZE_T size = sizeof number;
    CHECK(library.read(region, &number, &size, NULL) && size == sizeof number);
    CHECK_EQUAL(number, 2 * ADDITIONS);
    CHECK(library.close(region));
    library_free(&library);
    return check_passed();
}
