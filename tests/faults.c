/*
 * Bad pointers given for a region's value: the call ends in an access violation before it has
 * touched anything that others share, not even the lock.
 */
#include "by_hand.h"
#include "check.h"
#include "guarded.h"
#include "owner.h"
#include "process.h"

#include "layout.h"
#include "sharedmem.h"

#include <string.h>

#define NAME L"sharedmem-test-faults"
#define CAPACITY 16384
#define SIZE (3 * LAYOUT_PAGE) /* of the value */

static HSHAREDMEM region;
static struct layout_control *control;
static unsigned char value[SIZE];

/* The value is as it was, and nobody has the lock, not even a dead writer. */
static void check_unharmed(uint64_t writer)
{
    static unsigned char present[CAPACITY];
    SIZE_T size = sizeof present;
    ULONGLONG version;
    CHECK(ReadSharedMem(region, present, &size, &version));
    CHECK(size == SIZE && memcmp(present, value, SIZE) == 0 && version == 1);
    CHECK(control->writer == writer);
}

static void write_faults(const WCHAR *role)
{
    CHECK_EQUAL(process_finish(process_start_self(role)), EXCEPTION_ACCESS_VIOLATION);
    check_unharmed(0);
}

static char *pages[2]; /* of a buffer; one of them cannot be accessed */

/* Whenever a copy comes to the one, that becomes the other, and there is a new publication. */
static LONG CALLBACK overtake(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    DWORD old;
    for (int i = 0; i < 2 && record->ExceptionCode == EXCEPTION_ACCESS_VIOLATION; i++) {
        if (record->ExceptionInformation[1] - (ULONG_PTR)pages[i] < LAYOUT_PAGE) {
            VirtualProtect(pages[i], LAYOUT_PAGE, PAGE_READWRITE, &old);
            VirtualProtect(pages[1 - i], LAYOUT_PAGE, PAGE_NOACCESS, &old);
            control->sequence += LAYOUT_MAX_SLOTS; /* and the current slot stays the current one */
            return EXCEPTION_CONTINUE_EXECUTION;
        }
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

/*
 * The value would fit in what there is of the buffer, but a longer one might come: a reader that is
 * overtaken for ever finds out before it takes the lock.
 */
static void read_overtaken(char *buffer)
{
    DWORD old;
    SIZE_T size = SIZE + 1;
    pages[0] = buffer;
    pages[1] = buffer + LAYOUT_PAGE;
    CHECK(VirtualProtect(pages[0], LAYOUT_PAGE, PAGE_NOACCESS, &old));
    CHECK(AddVectoredExceptionHandler(TRUE, overtake) != NULL);
    ReadSharedMem(region, buffer, &size, NULL);
}

static int run_role(const char *role)
{
    struct guarded memory = guarded_allocate(SIZE);
    DWORD old;
    if (strcmp(role, "write-bad-start") == 0) {
        WriteSharedMem(region, memory.start - 1, 100, NULL);
    } else if (strcmp(role, "write-bad-end") == 0) {
        WriteSharedMem(region, memory.start, SIZE + 1, NULL);
    } else if (strcmp(role, "write-bad-last-byte") == 0) {
        WriteSharedMem(region, memory.end - 10, 11, NULL);
    } else if (strcmp(role, "write-bad-middle") == 0) {
        CHECK(VirtualProtect(memory.start + LAYOUT_PAGE, LAYOUT_PAGE, PAGE_NOACCESS, &old));
        WriteSharedMem(region, memory.start, SIZE, NULL);
    } else if (strcmp(role, "read-bad-end") == 0) {
        read_overtaken(memory.start);
    }
    return 3; /* no exception: not what was expected */
}

/* Two writes in the middle of a copy: they go to other slots, and what was begun is whole. */
static LONG CALLBACK write_twice(EXCEPTION_POINTERS *pointers)
{
    static unsigned char other[SIZE];
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    DWORD old;
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION ||
        record->ExceptionInformation[1] - (ULONG_PTR)pages[1] >= LAYOUT_PAGE) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    VirtualProtect(pages[1], LAYOUT_PAGE, PAGE_READWRITE, &old);
    for (int letter = 'a'; letter <= 'b'; letter++) {
        memset(other, letter, sizeof other);
        CHECK(WriteSharedMem(region, other, sizeof other, NULL));
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void a_slot_stays_while_it_is_copied(void)
{
    struct guarded memory = guarded_allocate(SIZE);
    SIZE_T size = SIZE;
    ULONGLONG version, read_version;
    DWORD old;
    CHECK(WriteSharedMem(region, value, sizeof value, &version));
    pages[1] = memory.start + LAYOUT_PAGE;
    CHECK(VirtualProtect(pages[1], LAYOUT_PAGE, PAGE_NOACCESS, &old));
    void *handler = AddVectoredExceptionHandler(TRUE, write_twice);
    CHECK(ReadSharedMem(region, memory.start, &size, &read_version));
    RemoveVectoredExceptionHandler(handler);
    CHECK(size == SIZE && memcmp(memory.start, value, SIZE) == 0);
    CHECK_EQUAL(read_version, version);
}

int main(int argc, char **argv)
{
    check_deadline(30);
    region = OpenSharedMem(NAME, CAPACITY, 0, NULL);
    CHECK(region != NULL);
    struct by_hand section = by_hand_open(NAME, FILE_MAP_WRITE);
    control = by_hand_control(&section);
    if (argc > 1) {
        return run_role(argv[1]);
    }

    memset(value, 'v', sizeof value);
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));
    write_faults(L"write-bad-start");
    write_faults(L"write-bad-end");
    write_faults(L"write-bad-last-byte");
    write_faults(L"write-bad-middle");

    control->writer = OWNER_NOBODY; /* who stays there as long as nobody takes the lock */
    CHECK_EQUAL(process_finish(process_start_self(L"read-bad-end")), EXCEPTION_ACCESS_VIOLATION);
    control->sequence = 1;
    check_unharmed(OWNER_NOBODY);
    CHECK(WriteSharedMem(region, "next", 4, NULL));
    CHECK_EQUAL(control->writer, 0);
    a_slot_stays_while_it_is_copied();
    return check_passed();
}
