/* What the header promises of BorrowSharedMem and ValidateSharedMem. */
#include "check.h"
#include "process.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <string.h>

#define NAME L"sharedmem-test-borrow"
#define NOTHING 0xDEAD /* a last error that no function sets */

enum { CAPACITY = 10000, THREADS = 8 };

static HSHAREDMEM writer, reader; /* of one region */

struct loan {
    LPCVOID data;
    SIZE_T size;
    ULONGLONG version;
};

static struct loan borrow(HSHAREDMEM region)
{
    struct loan loan;
    SetLastError(NOTHING);
    CHECK(BorrowSharedMem(region, &loan.data, &loan.size, &loan.version));
    CHECK(ValidateSharedMem(region, loan.version));
    CHECK_EQUAL(GetLastError(), NOTHING);
    return loan;
}

static void is_stale(HSHAREDMEM region, ULONGLONG version)
{
    CHECK(!ValidateSharedMem(region, version));
    CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
}

static void an_empty_region_has_an_empty_value(void)
{
    HSHAREDMEM regions[] = {writer, reader};
    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        struct loan loan = borrow(regions[i]);
        CHECK(loan.data != NULL && loan.size == 0 && loan.version == 0);
    }
}

static void a_loan_is_the_value(void)
{
    static unsigned char value[CAPACITY];
    static const SIZE_T sizes[] = {1, 8, 4096, CAPACITY, 0, 100};
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        ULONGLONG version;
        memset(value, 'a' + (int)i, sizes[i]);
        CHECK(WriteSharedMem(writer, value, sizes[i], &version));
        struct loan own = borrow(writer), others = borrow(reader);
        CHECK(own.size == sizes[i] && memcmp(own.data, value, sizes[i]) == 0);
        CHECK(others.size == sizes[i] && memcmp(others.data, value, sizes[i]) == 0);
        CHECK(own.version == version && others.version == version);
    }
}

/* A loan lasts for N - 2 publications, and its bytes for one more, which cannot be told. */
static void a_loan_lasts(HSHAREDMEM region, unsigned slots)
{
    CHECK(WriteSharedMem(region, "first", 5, NULL));
    struct loan loan = borrow(region);
    for (unsigned i = 1; i <= slots - 2; i++) {
        CHECK(WriteSharedMem(region, "next", 4, NULL));
        CHECK(ValidateSharedMem(region, loan.version));
        CHECK(memcmp(loan.data, "first", 5) == 0);
    }
    CHECK(WriteSharedMem(region, "next", 4, NULL));
    is_stale(region, loan.version);
    CHECK(memcmp(loan.data, "first", 5) == 0); /* the next write begins here */
    CHECK(WriteSharedMem(region, "later", 5, NULL));
    is_stale(region, loan.version);
    CHECK(memcmp(loan.data, "later", 5) == 0);
}

static void a_history_lends_for_longer(void)
{
    SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .capacity = 8, .depth = 7};
    HSHAREDMEM region = OpenSharedMemEx(NAME L"-history", &options);
    CHECK(region != NULL);
    a_loan_lasts(region, 16);
    CHECK(CloseSharedMem(region));
}

static void another_time_is_stale(void)
{
    struct loan loan = borrow(writer);
    CHECK(loan.version > 4);
    is_stale(writer, 0);
    is_stale(reader, loan.version + 1);
    is_stale(writer, loan.version + ((ULONGLONG)1 << 32));
    is_stale(writer, (ULONGLONG)-1);
}

static MEMORY_BASIC_INFORMATION look_at(LPCVOID address)
{
    MEMORY_BASIC_INFORMATION run;
    CHECK(VirtualQuery(address, &run, sizeof run) != 0);
    return run;
}

static void nothing_is_written_by_mistake(void)
{
    HSHAREDMEM regions[] = {writer, reader};
    for (size_t i = 0; i < ARRAYSIZE(regions); i++) {
        struct loan loan = borrow(regions[i]);
        MEMORY_BASIC_INFORMATION run = look_at(loan.data);
        DWORD old;
        CHECK(run.Type == MEM_MAPPED && run.Protect == PAGE_READONLY);
        CHECK(!VirtualProtect(run.BaseAddress, 1, PAGE_READWRITE, &old));
    }
}

static void a_reader_has_one_view(void)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(reader, &info));
    CHECK(look_at(borrow(reader).data).AllocationBase == info.address);
    CHECK(QuerySharedMem(writer, &info));
    CHECK(look_at(borrow(writer).data).AllocationBase != info.address);
}

static HSHAREDMEM fresh;
static LPCVOID lent[THREADS];

static void borrow_first(void *argument)
{
    *(LPCVOID *)argument = borrow(fresh).data;
}

/* Of threads that borrow first at once, one makes the view, which goes with the handle. */
static void the_view_is_made_once(void)
{
    thread threads[THREADS];
    unsigned ranges = 0;
    for (unsigned round = 0; round < 50; round++) {
        fresh = OpenSharedMem(NAME, 0, 0, NULL);
        CHECK(fresh != NULL);
        for (unsigned i = 0; i < THREADS; i++) {
            threads[i] = thread_start(borrow_first, &lent[i]);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            thread_join(threads[i]);
            CHECK(lent[i] == lent[0]);
        }
        CHECK(CloseSharedMem(fresh));
        CHECK_EQUAL(look_at(lent[0]).State, MEM_FREE);
        ranges = round == 10 ? process_used_ranges() : ranges;
    }
    CHECK(process_used_ranges() <= ranges + 4);
}

int main(void)
{
    check_deadline(60);
    writer = OpenSharedMem(NAME, CAPACITY, 0, NULL);
    reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(writer != NULL && reader != NULL);
    an_empty_region_has_an_empty_value();
    a_loan_is_the_value();
    a_loan_lasts(writer, 4);
    a_history_lends_for_longer();
    another_time_is_stale();
    nothing_is_written_by_mistake();
    a_reader_has_one_view();
    the_view_is_made_once();
    CHECK(CloseSharedMem(reader) && CloseSharedMem(writer));
    return check_passed();
}
