/* OpenSharedMemEx: a new region, the depth of its history, its address; what older callers get. */
#include "check.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "thread.h"

#include "geometry.h"
#include "sharedmem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-options"
#define KEPT 0x1234 /* a last error that success leaves alone */

enum { CAPACITY = 100, GRANULARITY = 65536 };

static HSHAREDMEM open_with(DWORD flags, DWORD depth, void *address)
{
    SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .depth = depth, .address = address};
    options.capacity = flags == SHARED_MEM_READ_ONLY ? 0 : CAPACITY;
    SetLastError(KEPT);
    HSHAREDMEM region = OpenSharedMemEx(NAME, &options);
    CHECK((region != NULL) == (GetLastError() == KEPT));
    return region;
}

static HSHAREDMEM open_region(DWORD flags, DWORD depth, void *address)
{
    HSHAREDMEM region = open_with(flags, depth, address);
    CHECK(region != NULL);
    return region;
}

static void fail_to_open(DWORD flags, DWORD depth, void *address, DWORD error)
{
    DWORD handles = process_open_handles();
    unsigned ranges = process_used_ranges();
    CHECK(open_with(flags, depth, address) == NULL);
    CHECK_EQUAL(GetLastError(), error);
    CHECK_EQUAL(process_open_handles(), handles);
    CHECK(process_used_ranges() <= ranges);
}

static SHARED_MEM_INFO query(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    CHECK_EQUAL(info.cbSize, sizeof info);
    CHECK_EQUAL(info.durable, 0);
    return info;
}

static void region_is_gone(void)
{
    CHECK(OpenSharedMem(NAME, 0, 0, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_FILE_NOT_FOUND);
}

/* Depth. */

/* Values of every size go to slot after slot, and come back. */
static void use(HSHAREDMEM writer, HSHAREDMEM reader, unsigned count)
{
    unsigned char data[CAPACITY], got[CAPACITY];
    ULONGLONG made, version;
    for (unsigned i = 0; i < count; i++) {
        SIZE_T size = i % (CAPACITY + 1), room = sizeof got;
        memset(data, (int)i, sizeof data);
        CHECK(WriteSharedMem(writer, data, size, &made));
        CHECK(ReadSharedMem(reader, got, &room, &version));
        CHECK(room == size && version == made && memcmp(got, data, size) == 0);
    }
}

static void a_depth_is_exact(DWORD asked)
{
    DWORD depth = asked == 0 ? 1 : asked;
    uint32_t slots = geometry_slots(depth);
    HSHAREDMEM region = open_region(0, asked, NULL);
    HSHAREDMEM reader = open_region(SHARED_MEM_READ_ONLY, depth, NULL);
    HSHAREDMEM other = OpenSharedMem(NAME, 1, 0, NULL);
    HSHAREDMEM all[] = {region, reader, other};
    struct raw_section section = raw_section_open(NAME, FILE_MAP_READ);
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        CHECK_EQUAL(query(all[i]).depth, depth);
        CHECK_EQUAL(query(all[i]).capacity, CAPACITY);
    }
    CHECK_EQUAL(section.size, slots * 4096 + slots / 4 * 4096 + 4096);
    CHECK(raw_section_control(&section)->magic == LAYOUT_MAGIC(slots));
    CHECK_EQUAL(raw_section_control(&section)->depth, depth);
    if (depth < 1024) {
        fail_to_open(0, depth + 1, NULL, ERROR_INSUFFICIENT_BUFFER);
        fail_to_open(SHARED_MEM_READ_ONLY, depth + 1, NULL, ERROR_INSUFFICIENT_BUFFER);
    }
    use(region, reader, 2 * slots + 1);
    use(other, region, slots);
    CHECK_EQUAL(raw_section_control(&section)->sequence, 3 * slots + 1);
    raw_section_close(&section);
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        CHECK(CloseSharedMem(all[i]));
    }
}

/* A creator that was killed before it said what depth it wanted. */
static void a_region_without_a_depth_gets_one(void)
{
    enum { SLOTS = 8 };
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        (DWORD)geometry_size(CAPACITY, SLOTS), NAME);
    CHECK(mapping != NULL);
    HSHAREDMEM reader = open_region(SHARED_MEM_READ_ONLY, 0, NULL);
    CHECK_EQUAL(query(reader).depth, SLOTS - 2);
    HSHAREDMEM writer = open_region(0, 3, NULL);
    CHECK_EQUAL(query(writer).depth, SLOTS - 2);
    use(writer, reader, 2 * SLOTS);
    CHECK(CloseSharedMem(reader) && CloseSharedMem(writer));
    CloseHandle(mapping);
}

/* As with the capacity: the creator knows it, others go by what the section states if it can be. */
static void a_forged_depth_is_forgotten(void)
{
    enum { DEPTH = 5 };
    static const uint64_t forged[] = {3, 4, 6, 2, 0, 7, UINT64_MAX};
    HSHAREDMEM creator = open_region(0, DEPTH, NULL);
    HSHAREDMEM other = open_region(0, 0, NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    for (size_t i = 0; i < ARRAYSIZE(forged); i++) {
        bool can_be = forged[i] >= 3 && forged[i] <= 6;
        control->depth = forged[i];
        CHECK_EQUAL(query(creator).depth, DEPTH);
        CHECK_EQUAL(query(other).depth, can_be ? forged[i] : DEPTH);
        use(other, creator, 10);
        CHECK_EQUAL(control->depth, can_be ? forged[i] : DEPTH);
        use(creator, other, 10);
        CHECK_EQUAL(control->depth, DEPTH);
        CHECK_EQUAL(query(other).depth, DEPTH);
    }
    raw_section_close(&section);
    CHECK(CloseSharedMem(creator) && CloseSharedMem(other));
}

/* What the magic says after a region was opened has no consequence, and the next write heals it. */
static void a_magic_with_other_slots_changes_nothing(void)
{
    HSHAREDMEM region = open_region(0, 6, NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    for (uint32_t slots = 1; slots <= 4096; slots *= 2) {
        if (slots == 8) {
            continue;
        }
        control->magic = LAYOUT_MAGIC(slots);
        fail_to_open(0, 0, NULL, ERROR_INVALID_DATA);
        fail_to_open(SHARED_MEM_READ_ONLY, 0, NULL, ERROR_INVALID_DATA);
        use(region, region, 20);
        CHECK(control->magic == LAYOUT_MAGIC(8));
        CHECK(CloseSharedMem(open_region(0, 6, NULL)));
    }
    raw_section_close(&section);
    CHECK(CloseSharedMem(region));
}

/* A new region. */

static volatile LONG created;

static void create_new(void *region)
{
    *(HSHAREDMEM *)region = open_with(SHARED_MEM_CREATE_NEW, 0, NULL);
    if (*(HSHAREDMEM *)region != NULL) {
        InterlockedIncrement(&created);
    } else {
        CHECK_EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);
    }
}

static void one_creates(void)
{
    enum { ROUNDS = 100, THREADS = 4 };
    for (unsigned round = 0; round < ROUNDS; round++) {
        HSHAREDMEM regions[THREADS];
        thread threads[THREADS];
        created = 0;
        for (unsigned i = 0; i < THREADS; i++) {
            threads[i] = thread_start(create_new, &regions[i]);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            thread_join(threads[i]);
        }
        CHECK_EQUAL(created, 1);
        for (unsigned i = 0; i < THREADS; i++) {
            CHECK(regions[i] == NULL || CloseSharedMem(regions[i]));
        }
    }
}

static void what_is_there_is_not_new(void)
{
    HANDLE foreign = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 10, NAME);
    CHECK(foreign != NULL);
    fail_to_open(SHARED_MEM_CREATE_NEW, 0, NULL, ERROR_ALREADY_EXISTS);
    CloseHandle(foreign);
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NAME);
    CHECK(event != NULL);
    fail_to_open(SHARED_MEM_CREATE_NEW, 0, NULL, ERROR_INVALID_HANDLE);
    CloseHandle(event);
    HSHAREDMEM region = OpenSharedMem(NAME, CAPACITY, SHARED_MEM_CREATE_NEW, NULL);
    CHECK(region != NULL);
    CHECK_EQUAL(query(region).flags, 0);
    use(region, region, 10);
    CHECK(CloseSharedMem(region));
}

/* Addresses. */

/* One that is free, here and very likely in another process of this program. */
static void *free_address(void)
{
    uintptr_t address = (uintptr_t)VirtualAlloc(NULL, 16 * GRANULARITY, MEM_RESERVE, PAGE_NOACCESS);
    CHECK(address != 0 && VirtualFree((void *)address, 0, MEM_RELEASE));
    return (void *)address;
}

/* at ADDRESS: writes the value that the other process waits for. */
static int open_at(char **arguments)
{
    CHECK(arguments[0] != NULL);
    void *address = (void *)(uintptr_t)strtoull(arguments[0], NULL, 16);
    HSHAREDMEM region = open_region(0, 0, address);
    CHECK(query(region).address == address);
    CHECK(WriteSharedMem(region, &address, sizeof address, NULL));
    CHECK(CloseSharedMem(region));
    return 0;
}

static void two_processes_have_one_address(void)
{
    WCHAR role[32];
    void *address = free_address(), *got = NULL;
    SIZE_T size = sizeof got;
    HSHAREDMEM region = open_region(0, 0, address);
    CHECK(query(region).address == address);
    swprintf(role, ARRAYSIZE(role), L"at %llx", (unsigned long long)(uintptr_t)address);
    process_check_role(role);
    CHECK(ReadSharedMem(region, &got, &size, NULL));
    CHECK(size == sizeof got && got == address);
    CHECK(memcmp((char *)address + 4096, &address, sizeof address) == 0); /* slot 1 */
    CHECK(CloseSharedMem(region));
}

static void bad_addresses(void)
{
    char *address = free_address();
    void *const beyond = (void *)(UINTPTR_MAX - GRANULARITY + 1); /* the system's */
    HSHAREDMEM region = open_region(0, 0, address);
    for (DWORD flags = 0; flags <= SHARED_MEM_READ_ONLY; flags++) {
        fail_to_open(flags, 0, address, ERROR_INVALID_ADDRESS);
        fail_to_open(flags, 0, (void *)GetModuleHandleW(NULL), ERROR_INVALID_ADDRESS);
        fail_to_open(flags, 0, beyond, ERROR_INVALID_ADDRESS);
        fail_to_open(flags, 0, address + 4096, ERROR_MAPPED_ALIGNMENT);
        fail_to_open(flags, 0, address + 8 * GRANULARITY + 1, ERROR_MAPPED_ALIGNMENT);
    }
    HSHAREDMEM reader = open_region(SHARED_MEM_READ_ONLY, 0, address + 8 * GRANULARITY);
    CHECK(query(reader).address == address + 8 * GRANULARITY);
    use(region, reader, 10);
    CHECK(CloseSharedMem(reader) && CloseSharedMem(region));

    fail_to_open(0, 0, beyond, ERROR_INVALID_ADDRESS); /* and nothing is created */
    region_is_gone();
    fail_to_open(SHARED_MEM_CREATE_NEW, 0, address + 4096, ERROR_MAPPED_ALIGNMENT);
    region_is_gone();
}

/* A structure of version 1.0. */
static void an_older_structure_is_served(void)
{
    enum { OLD = 40 };
    SHARED_MEM_INFO info;
    CHECK_EQUAL(offsetof(SHARED_MEM_INFO, durable), OLD);
    HSHAREDMEM regions[] = {open_region(0, 7, NULL), SHARED_MEM_TEXT};
    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        SHARED_MEM_INFO present = query(regions[i]);
        CHECK_EQUAL(present.depth, regions[i] == SHARED_MEM_TEXT ? 1 : 7);
        memset(&info, 0xEE, sizeof info);
        info.cbSize = OLD;
        CHECK(QuerySharedMem(regions[i], &info));
        CHECK_EQUAL(info.cbSize, OLD);
        CHECK(memcmp((char *)&info + 4, (char *)&present + 4, OLD - 4) == 0);
        for (size_t at = OLD; at < sizeof info; at++) {
            CHECK(((unsigned char *)&info)[at] == 0xEE);
        }
    }
    CHECK(CloseSharedMem(regions[0]));
}

static const struct role roles[] = {{"at", open_at}};

int main(int argc, char **argv)
{
    check_deadline(60);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    static const DWORD depths[] = {0, 1, 2, 3, 6, 7, 14, 15, 100, 1022, 1023, 1024};
    for (size_t i = 0; i < ARRAYSIZE(depths); i++) {
        a_depth_is_exact(depths[i]);
    }
    a_region_without_a_depth_gets_one();
    a_forged_depth_is_forgotten();
    a_magic_with_other_slots_changes_nothing();
    one_creates();
    what_is_there_is_not_new();
    two_processes_have_one_address();
    bad_addresses();
    an_older_structure_is_served();
    return check_passed();
}
