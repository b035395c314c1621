/* Named regions: capacities, sizes, versions, names, and the text as a region. */
#include "check.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "unusable_section.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-regions"
#define KEPT 0x1234 /* a last error that success leaves alone */

enum {
    CONTROL = 5 * 4096, /* where it is in the smallest section of a region: */
    SMALLEST = CONTROL + 4096,
};

static HSHAREDMEM open_region(const WCHAR *name, SIZE_T capacity, DWORD flags)
{
    SetLastError(KEPT);
    HSHAREDMEM region = OpenSharedMem(name, capacity, flags, NULL);
    CHECK(region != NULL);
    CHECK_EQUAL(GetLastError(), KEPT);
    return region;
}

static void fail_to_open(const WCHAR *name, SIZE_T capacity, DWORD flags, DWORD error)
{
    SetLastError(KEPT);
    CHECK(OpenSharedMem(name, capacity, flags, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), error);
}

static void close_region(HSHAREDMEM region)
{
    SetLastError(KEPT);
    CHECK(CloseSharedMem(region));
    CHECK_EQUAL(GetLastError(), KEPT);
}

static ULONGLONG write_region(HSHAREDMEM region, const void *data, SIZE_T size)
{
    ULONGLONG version = 0;
    SetLastError(KEPT);
    CHECK(WriteSharedMem(region, data, size, &version));
    CHECK_EQUAL(GetLastError(), KEPT);
    return version;
}

/* Checks that the region's value is these bytes, with this version. */
static void expect_value(HSHAREDMEM region, const void *data, SIZE_T size, ULONGLONG version)
{
    SIZE_T room = size + 16, got = room;
    ULONGLONG got_version = 99;
    unsigned char *buffer = malloc(room);
    CHECK(buffer != NULL);
    memset(buffer, 0xEE, room);

    SetLastError(KEPT);
    CHECK(ReadSharedMem(region, buffer, &got, &got_version));
    CHECK_EQUAL(GetLastError(), KEPT);
    CHECK_EQUAL(got, size);
    CHECK_EQUAL(got_version, version);
    CHECK(size == 0 || memcmp(buffer, data, size) == 0);
    for (SIZE_T i = size; i < room; i++) {
        CHECK(buffer[i] == 0xEE);
    }
    free(buffer);
}

static SHARED_MEM_INFO query(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    SetLastError(KEPT);
    CHECK(QuerySharedMem(region, &info));
    CHECK_EQUAL(GetLastError(), KEPT);
    return info;
}

static void fill(unsigned char *data, SIZE_T size, unsigned seed)
{
    for (SIZE_T i = 0; i < size; i++) {
        data[i] = (unsigned char)(seed + i * 31 + (i >> 8));
    }
}

static void capacity_is_exact(SIZE_T capacity)
{
    HSHAREDMEM creator = open_region(NAME, capacity, 0);
    HSHAREDMEM opener = open_region(NAME, 0, 0);
    HSHAREDMEM reader = open_region(NAME, 0, SHARED_MEM_READ_ONLY);
    HSHAREDMEM all[] = {creator, opener, reader};
    unsigned char *data = malloc(capacity + 1);
    CHECK(data != NULL);

    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        SHARED_MEM_INFO info = query(all[i]);
        CHECK_EQUAL(info.capacity, capacity);
        CHECK_EQUAL(info.size, 0);
        CHECK_EQUAL(info.version, 0);
        CHECK_EQUAL(info.writer, 0);
        CHECK_EQUAL(info.waiters, 0);
        CHECK_EQUAL(info.flags, all[i] == reader ? SHARED_MEM_READ_ONLY : 0);
        expect_value(all[i], NULL, 0, 0);
        SIZE_T none = 0;
        CHECK(ReadSharedMem(all[i], NULL, &none, NULL)); /* no buffer for no bytes */
        CHECK_EQUAL(none, 0);
    }

    const SIZE_T sizes[] = {capacity, 0, capacity - 1, 1, capacity};
    ULONGLONG version = 0;
    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        fill(data, sizes[i], i);
        const void *source = sizes[i] > 0 ? data : NULL;
        CHECK_EQUAL(write_region(all[i % 2], source, sizes[i]), ++version);
        for (size_t j = 0; j < ARRAYSIZE(all); j++) {
            expect_value(all[j], data, sizes[i], version);
        }
        CHECK_EQUAL(query(reader).size, sizes[i]);
        CHECK_EQUAL(query(reader).version, version);
    }

    CHECK(!WriteSharedMem(opener, data, capacity + 1, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK(!WriteSharedMem(reader, data, 1, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    expect_value(reader, data, capacity, version);

    if (capacity > 1) { /* too small a buffer */
        unsigned char small = 0xEE;
        SIZE_T size = 1;
        CHECK(!ReadSharedMem(reader, &small, &size, NULL));
        CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
        CHECK_EQUAL(size, capacity);
        CHECK_EQUAL(small, 0xEE);
        size = 0;
        CHECK(!ReadSharedMem(reader, NULL, &size, NULL));
        CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
        CHECK_EQUAL(size, capacity);
    }

    fail_to_open(NAME, capacity + 1, 0, ERROR_INSUFFICIENT_BUFFER);
    fail_to_open(NAME, capacity + 4096, SHARED_MEM_READ_ONLY, ERROR_INSUFFICIENT_BUFFER);
    HSHAREDMEM modest = open_region(NAME, 1, 0);
    CHECK_EQUAL(query(modest).capacity, capacity);
    close_region(modest);

    free(data);
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        close_region(all[i]);
    }
    fail_to_open(NAME, 0, 0, ERROR_FILE_NOT_FOUND); /* gone with its last handle */
    fail_to_open(NAME, 0, SHARED_MEM_READ_ONLY, ERROR_FILE_NOT_FOUND);
}

static void every_capacity_is_exact(void)
{
    capacity_is_exact(1);
    capacity_is_exact(4095);
    capacity_is_exact(4096);
    capacity_is_exact(4097);
    capacity_is_exact(1 << 20);
#ifdef _WIN64
    capacity_is_exact(256 << 20);
#endif
    fail_to_open(NAME, SIZE_MAX, 0, ERROR_NOT_ENOUGH_MEMORY);
    fail_to_open(NAME, SIZE_MAX / 4, 0, ERROR_NOT_ENOUGH_MEMORY);
}

/* Roles of other processes: they come and go, and go on where the last one stopped. */
static void either_side_may_come_first(void)
{
    HSHAREDMEM reader = open_region(NAME, 64, 0); /* before the first write */
    process_check_role(L"write first");
    expect_value(reader, "first", 5, 1);
    process_check_role(L"write second"); /* the writer was restarted */
    expect_value(reader, "second", 6, 2);
    process_check_role(L"expect second");
    close_region(reader);

    HSHAREDMEM writer = open_region(NAME, 64, 0);
    write_region(writer, "third", 5);
    process_check_role(L"expect third"); /* a reader that comes later, and one that is restarted */
    process_check_role(L"expect third");
    close_region(writer);
}

static void replacing_takes_the_present_version(void)
{
    HSHAREDMEM region = open_region(NAME, 16, 0);
    ULONGLONG version = 0;
    SetLastError(KEPT);
    CHECK(ReplaceSharedMem(region, "a", 1, &version));
    CHECK_EQUAL(GetLastError(), KEPT);
    CHECK_EQUAL(version, 1);
    write_region(region, "b", 1);
    CHECK(!ReplaceSharedMem(region, "c", 1, &version));
    CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
    CHECK_EQUAL(version, 2); /* the present one, to try again with */
    CHECK_EQUAL(query(region).writer, 0);
    expect_value(region, "b", 1, 2);
    CHECK(ReplaceSharedMem(region, "c", 1, &version));
    CHECK_EQUAL(version, 3);
    expect_value(region, "c", 1, 3);
    close_region(region);
}

static void names_are_the_systems(void)
{
    HSHAREDMEM local = open_region(L"Local\\" NAME, 8, 0);
    write_region(local, "same", 4);
    HSHAREDMEM plain = open_region(NAME, 0, 0);
    expect_value(plain, "same", 4, 1);
    fail_to_open(L"Sharedmem-Test-Regions", 0, 0, ERROR_FILE_NOT_FOUND); /* another case */
    close_region(plain);
    close_region(local);

    /* On Windows, creating this takes a privilege; under Wine it does not. */
    HSHAREDMEM global = OpenSharedMem(L"Global\\" NAME, 8, 0, NULL);
    CHECK(global != NULL || GetLastError() == ERROR_ACCESS_DENIED);
    if (global != NULL) {
        write_region(global, "global", 6);
        close_region(global);
    }

    HANDLE taken = CreateMutexW(NULL, FALSE, NAME);
    CHECK(taken != NULL);
    fail_to_open(NAME, 8, 0, ERROR_INVALID_HANDLE);
    fail_to_open(NAME, 0, 0, ERROR_INVALID_HANDLE);
    fail_to_open(NAME, 0, SHARED_MEM_READ_ONLY, ERROR_INVALID_HANDLE);
    CloseHandle(taken);

    WCHAR name[300];
    wmemset(name, L'n', 300);
    name[249] = 0; /* the longest: its events can be had, too */
    HSHAREDMEM longest = open_region(name, 8, 0);
    CHECK(!WaitSharedMem(longest, 0, 1));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    WCHAR event_name[300];
    swprintf(event_name, 300, L"%ls.waiter.00", name);
    HANDLE event = OpenEventW(SYNCHRONIZE, FALSE, event_name);
    CHECK(event != NULL);
    CloseHandle(event);
    close_region(longest);
    name[249] = L'n';
    name[250] = 0;
    fail_to_open(name, 8, 0, ERROR_FILENAME_EXCED_RANGE);
    CHECK(OpenFileMappingW(FILE_MAP_READ, FALSE, name) == NULL);
}

/* A section of that name, which this closes, is not taken for a region. */
static void section_is_refused(HANDLE mapping)
{
    DWORD handles = process_open_handles();
    fail_to_open(NAME, 1, 0, ERROR_INVALID_DATA);
    fail_to_open(NAME, 0, 0, ERROR_INVALID_DATA);
    fail_to_open(NAME, 0, SHARED_MEM_READ_ONLY, ERROR_INVALID_DATA);
    CHECK_EQUAL(process_open_handles(), handles);
    CloseHandle(mapping);
}

/* Sections that other programs made. `stamp` stands where ours has its own. */
static void foreign_section_is_refused(DWORD size, size_t stamp_at, uint64_t stamp)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, size, NAME);
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(view != NULL);
    memcpy(view + stamp_at, &stamp, sizeof stamp);
    section_is_refused(mapping);
    UnmapViewOfFile(view);
}

/* A section that can be opened for writing, but not be mapped. */
static void read_only_file_is_refused(void)
{
    DWORD handles = process_open_handles();
    HANDLE mapping = unusable_section_read_only_file(NAME);
    HANDLE writable = OpenFileMappingW(FILE_MAP_WRITE, FALSE, NAME);
    CHECK(writable != NULL);
    CHECK(MapViewOfFile(writable, FILE_MAP_WRITE, 0, 0, 0) == NULL);
    DWORD error = GetLastError(); /* for which systems have different ones */
    CloseHandle(writable);
    fail_to_open(NAME, 1, 0, error);
    fail_to_open(NAME, 0, 0, error);
    fail_to_open(NAME, 0, SHARED_MEM_READ_ONLY, ERROR_INVALID_DATA);
    CloseHandle(mapping);
    CHECK_EQUAL(process_open_handles(), handles);
}

static void foreign_sections_are_refused(void)
{
    foreign_section_is_refused(4096, 0, 0);
    foreign_section_is_refused(12288, 0, 0);
    foreign_section_is_refused(65536, 0, 0);
    foreign_section_is_refused(5 * 4096, 0, 0); /* version 1.0 */
    foreign_section_is_refused(SMALLEST, CONTROL, 0x5555555555555555);
    foreign_section_is_refused(SMALLEST, CONTROL, LAYOUT_MAGIC(2));
    foreign_section_is_refused(SMALLEST, CONTROL, LAYOUT_MAGIC(8));
    foreign_section_is_refused(SMALLEST, CONTROL + 8, 4097); /* a capacity that cannot be */
    foreign_section_is_refused(SMALLEST, CONTROL + 16, 3);   /* a depth that cannot be */
    foreign_section_is_refused(SMALLEST + 4 * 4096, CONTROL + 4 * 4096 + 8, 4096);
    section_is_refused(unusable_section_file(NAME, SMALLEST));
    section_is_refused(unusable_section_image(NAME));
    section_is_refused(unusable_section_memory(NAME, SMALLEST, SEC_NOCACHE | SEC_COMMIT));
    section_is_refused(unusable_section_memory(NAME, SMALLEST, SEC_RESERVE));
    read_only_file_is_refused();
    fail_to_open(SHARED_MEM_TEXT_NAME, 0, 0, ERROR_INVALID_DATA);
    fail_to_open(SHARED_MEM_TEXT_NAME, 1, 0, ERROR_INVALID_DATA);
}

/* So that any process finds out what it is, whatever DLL that one has. */
static void section_says(const WCHAR *name, uint64_t stamp, uint64_t capacity)
{
    struct raw_section section = raw_section_open(name, FILE_MAP_READ);
    CHECK(raw_section_control(&section)->magic == stamp);
    CHECK_EQUAL(raw_section_control(&section)->capacity, capacity);
    raw_section_close(&section);
}

/* A creator that was killed before it said what capacity it wanted. */
static void a_region_without_a_capacity_gets_one(void)
{
    HANDLE mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SMALLEST, NAME);
    CHECK(mapping != NULL);
    HSHAREDMEM reader = open_region(NAME, 0, SHARED_MEM_READ_ONLY);
    CHECK_EQUAL(query(reader).capacity, 4096);
    HSHAREDMEM region = open_region(NAME, 100, 0); /* states for all what a slot holds */
    section_says(NAME, LAYOUT_MAGIC(LAYOUT_SLOTS), 4096);
    HSHAREDMEM later = open_region(NAME, 0, 0);
    CHECK_EQUAL(query(region).capacity, 4096);
    CHECK_EQUAL(query(later).capacity, 4096);
    close_region(later);
    close_region(reader);
    close_region(region);
    CloseHandle(mapping);

    mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SMALLEST, NAME);
    CHECK(mapping != NULL);
    region = open_region(NAME, 0, 0); /* a process that may write decides for all */
    CHECK_EQUAL(query(region).capacity, 4096);
    close_region(region);
    fail_to_open(NAME, 4097, 0, ERROR_INSUFFICIENT_BUFFER);
    CloseHandle(mapping);
}

/* Whatever the control page says, sizes stay within the capacity, and the next write heals it. */
static void wild_numbers_stay_inside(void)
{
    HSHAREDMEM region = open_region(NAME, 100, 0);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct raw_section notify = raw_section_open_notify(NAME);
    struct layout_control *control = raw_section_control(&section);
    struct layout_record *records = raw_section_records(&section);
    unsigned char buffer[100];

    static const uint64_t wild[] = {UINT64_MAX, 101, UINT64_C(0x100000000), UINT64_C(1) << 63};
    for (size_t i = 0; i < ARRAYSIZE(wild); i++) {
        memset(records, 0xFF, LAYOUT_SLOTS * sizeof *records);
        records[0].length = records[1].length = wild[i];
        control->sequence = wild[i];
        raw_section_waiters(&notify)->armed = control->contenders.armed = wild[i];
        control->lock.heir = control->lock.turn = wild[i];
        control->lock.claims = control->lock.served = wild[i];
        SIZE_T size = sizeof buffer;
        CHECK(ReadSharedMem(region, buffer, &size, NULL));
        CHECK_EQUAL(size, 100);
        CHECK_EQUAL(query(region).size, 100);
        write_region(region, "healed", 6);
        size = sizeof buffer;
        CHECK(ReadSharedMem(region, buffer, &size, NULL));
        CHECK(size == 6 && memcmp(buffer, "healed", 6) == 0);
        CHECK(raw_section_waiters(&notify)->armed == 0);
        CHECK(control->lock.owner == 0);
    }
    raw_section_close(&section);
    raw_section_close(&notify);
    close_region(region);
}

static void expect_capacity(HSHAREDMEM region, SIZE_T capacity)
{
    static unsigned char value[LAYOUT_PAGE];
    ULONGLONG version = write_region(region, value, capacity);
    CHECK_EQUAL(query(region).capacity, capacity);
    expect_value(region, value, capacity, version);
    CHECK(!WriteSharedMem(region, value, capacity + 1, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
}

/*
 * The capacity was overwritten while a process opened the region: it takes the right one for
 * granted as soon as the section states it again, and does not spread the wrong one. The creator
 * knows it.
 */
static void a_forged_capacity_is_forgotten(void)
{
    HSHAREDMEM creator = open_region(NAME, 100, 0);
    HSHAREDMEM modest = open_region(NAME, 90, 0);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    static unsigned char value[100];

    control->capacity = 50;
    HSHAREDMEM fooled = open_region(NAME, 0, 0);
    HSHAREDMEM reader = open_region(NAME, 0, SHARED_MEM_READ_ONLY);
    expect_capacity(fooled, 50);
    CHECK_EQUAL(query(creator).capacity, 100);
    fail_to_open(NAME, 100, 0, ERROR_INSUFFICIENT_BUFFER);
    control->capacity = 100; /* as it was */
    expect_capacity(fooled, 100);
    fill(value, sizeof value, 1);
    expect_value(reader, value, sizeof value, write_region(fooled, value, sizeof value));
    CHECK_EQUAL(query(reader).capacity, 100);
    CHECK_EQUAL(control->capacity, 100);

    static const uint64_t forged[] = {50, 99, 101, 4096, 0, 4097, UINT64_MAX};
    for (size_t i = 0; i < ARRAYSIZE(forged); i++) {
        control->capacity = forged[i];
        expect_capacity(creator, 100);
        CHECK_EQUAL(control->capacity, 100);
        CHECK_EQUAL(query(fooled).capacity, 100);
        close_region(open_region(NAME, 100, 0));
    }
    control->capacity = 89; /* less than this process was told that there is */
    expect_capacity(modest, 100);
    CHECK_EQUAL(control->capacity, 100);
    raw_section_close(&section);
    HSHAREDMEM all[] = {creator, modest, fooled, reader};
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        close_region(all[i]);
    }
}

static void a_region_says_what_it_is(void)
{
    HSHAREDMEM region = open_region(NAME, 5000, 0);
    section_says(NAME, LAYOUT_MAGIC(LAYOUT_SLOTS), 5000);
    section_says(SHARED_MEM_TEXT_NAME, LAYOUT_MAGIC(LAYOUT_TEXT_SLOTS), LAYOUT_TEXT_SLOT_SIZE);
    close_region(region);
}

static void the_text_is_a_region(void)
{
    static WCHAR longest[SHARED_MEM_TEXT_CCH];
    wmemset(longest, L'x', SHARED_MEM_TEXT_CCH);
    SHARED_MEM_INFO info = query(SHARED_MEM_TEXT);
    CHECK_EQUAL(info.flags, 0);
    CHECK_EQUAL(info.capacity, SHARED_MEM_TEXT_CCH * sizeof(WCHAR));
    CHECK_EQUAL(info.size, sizeof L"");
    expect_value(SHARED_MEM_TEXT, L"", sizeof L"", 0);

    SetSharedMem(L"classic");
    expect_value(SHARED_MEM_TEXT, L"classic", sizeof L"classic", 2);
    CHECK_EQUAL(write_region(SHARED_MEM_TEXT, L"with a NUL", sizeof L"with a NUL"), 4);
    expect_value(SHARED_MEM_TEXT, L"with a NUL", sizeof L"with a NUL", 4);
    CHECK_EQUAL(write_region(SHARED_MEM_TEXT, L"without", sizeof L"without" - sizeof(WCHAR)), 6);
    expect_value(SHARED_MEM_TEXT, L"without", sizeof L"without", 6);
    write_region(SHARED_MEM_TEXT, L"cut\0off", sizeof L"cut\0off");
    expect_value(SHARED_MEM_TEXT, L"cut", sizeof L"cut", 8);
    write_region(SHARED_MEM_TEXT, NULL, 0);
    expect_value(SHARED_MEM_TEXT, L"", sizeof L"", 10);

    ULONGLONG version = 8;
    CHECK(!ReplaceSharedMem(SHARED_MEM_TEXT, L"r", sizeof L"r", &version));
    CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
    CHECK_EQUAL(version, 10);
    CHECK(ReplaceSharedMem(SHARED_MEM_TEXT, L"r", sizeof L"r", &version));
    expect_value(SHARED_MEM_TEXT, L"r", sizeof L"r", 12);

    CHECK(!WriteSharedMem(SHARED_MEM_TEXT, longest, sizeof longest, NULL)); /* no NUL in it */
    CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK(!WriteSharedMem(SHARED_MEM_TEXT, longest, 3, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
    expect_value(SHARED_MEM_TEXT, L"r", sizeof L"r", 12);
    write_region(SHARED_MEM_TEXT, longest, sizeof longest - sizeof(WCHAR));
    longest[SHARED_MEM_TEXT_CCH - 1] = 0;
    expect_value(SHARED_MEM_TEXT, longest, sizeof longest, 14);
    write_region(SHARED_MEM_TEXT, longest, sizeof longest); /* the same, with its terminator */
    expect_value(SHARED_MEM_TEXT, longest, sizeof longest, 16);

    static _Alignas(WCHAR) const char odd[] = " o\0d\0d"; /* at an odd address, and without a NUL */
    write_region(SHARED_MEM_TEXT, odd + 1, 3 * sizeof(WCHAR));
    expect_value(SHARED_MEM_TEXT, L"odd", sizeof L"odd", 18);
    write_region(SHARED_MEM_TEXT, longest, sizeof longest);

    SIZE_T size = sizeof(WCHAR);
    WCHAR small = 0xBEEF;
    CHECK(!ReadSharedMem(SHARED_MEM_TEXT, &small, &size, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
    CHECK_EQUAL(size, sizeof longest);
    CHECK_EQUAL(small, 0xBEEF);
}

/*
 * Its writer was killed between its two publications: the text is the new one, the version settled.
 */
static void a_half_settled_text_has_its_final_version(void)
{
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    ULONGLONG version = write_region(SHARED_MEM_TEXT, L"settled", sizeof L"settled");
    wcscpy(section.text, L"old"); /* slot 0, which the second publication was to replace */
    control->sequence--;

    expect_value(SHARED_MEM_TEXT, L"settled", sizeof L"settled", version);
    CHECK_EQUAL(query(SHARED_MEM_TEXT).version, version);
    CHECK(!WaitSharedMem(SHARED_MEM_TEXT, version, 1)); /* settling is no change */
    CHECK(WaitSharedMem(SHARED_MEM_TEXT, version - 1, 0));
    ULONGLONG expected = version - 2; /* what comes too late settles the text, and no more */
    CHECK(!ReplaceSharedMem(SHARED_MEM_TEXT, L"late", sizeof L"late", &expected));
    CHECK_EQUAL(expected, version);
    expect_value(SHARED_MEM_TEXT, L"settled", sizeof L"settled", version);
    CHECK(wcscmp(section.text, L"settled") == 0);
    CHECK(ReplaceSharedMem(SHARED_MEM_TEXT, L"next", sizeof L"next", &expected));
    CHECK_EQUAL(expected, version + 2);
    expect_value(SHARED_MEM_TEXT, L"next", sizeof L"next", version + 2);
    CHECK(wcscmp(section.text, L"next") == 0);
    raw_section_close(&section);
}

static void handles_are_told_apart(void)
{
    enum { MOST = 4096, ROUNDS = 5000 };
    static HSHAREDMEM regions[MOST];

    for (int round = 0; round < 3; round++) {
        HSHAREDMEM old = open_region(NAME, 8, 0);
        close_region(old);
        HSHAREDMEM young = open_region(NAME, 8, 0);
        CHECK(old != young);
        CHECK(!CloseSharedMem(old));
        CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
        write_region(young, "young", 5);
        close_region(young);
    }

    DWORD handles = process_open_handles();
    for (int i = 0; i < ROUNDS; i++) {
        HSHAREDMEM region = open_region(NAME, 8, 0);
        if (i % 100 == 0) { /* with an event, too */
            CHECK(!WaitSharedMem(region, 0, 1));
        }
        close_region(region);
    }
    CHECK_EQUAL(process_open_handles(), handles);

    for (int i = 0; i < MOST; i++) {
        regions[i] = open_region(NAME, 8, 0);
        CHECK(i == 0 || regions[i] != regions[i - 1]);
    }
    fail_to_open(NAME, 8, 0, ERROR_NOT_ENOUGH_MEMORY);
    write_region(regions[0], "all", 3);
    expect_value(regions[MOST - 1], "all", 3, 1);
    for (int i = 0; i < MOST; i++) {
        close_region(regions[i]);
    }
    CHECK_EQUAL(process_open_handles(), handles);
}

/* Both leave the region open: the system closes it. */

static int write_text(char **arguments)
{
    CHECK(arguments[0] != NULL);
    write_region(open_region(NAME, 0, 0), arguments[0], strlen(arguments[0]));
    return 0;
}

static int expect_text(char **arguments)
{
    char buffer[64];
    SIZE_T size = sizeof buffer;
    CHECK(arguments[0] != NULL);
    CHECK(ReadSharedMem(open_region(NAME, 0, 0), buffer, &size, NULL));
    CHECK(size == strlen(arguments[0]) && memcmp(buffer, arguments[0], size) == 0);
    return 0;
}

static const struct role roles[] = {{"write", write_text}, {"expect", expect_text}};

int main(int argc, char **argv)
{
    check_deadline(85);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    the_text_is_a_region();
    a_half_settled_text_has_its_final_version();
    a_region_says_what_it_is();
    every_capacity_is_exact();
    either_side_may_come_first();
    replacing_takes_the_present_version();
    names_are_the_systems();
    foreign_sections_are_refused();
    a_region_without_a_capacity_gets_one();
    wild_numbers_stay_inside();
    a_forged_capacity_is_forgotten();
    handles_are_told_apart();
    return check_passed();
}
