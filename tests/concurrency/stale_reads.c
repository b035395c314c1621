/*
 * Readers that writers overtake again and again, so that each copy they make is stale: with the
 * argument `stepping` at every instruction, with a new publication after each step; else as often
 * as another thread can. They succeed as soon as that ends, or with the lock, without waiting for
 * it; else they give up in due time, with nothing in the buffer, also if they are overtaken
 * although they have the lock.
 */
#include "check.h"
#include "lock_owner.h"
#include "query.h"
#include "raw_section.h"
#include "stepping.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-stale-reads"
#define KEPT 0x1234 /* a last error that success leaves alone */

enum {
    TIMEOUT_MS = 5000,
    TICK_MS = 20,         /* of the clock */
    ENOUGH_STEPS = 30000, /* for far more than 64 attempts */
    LEAST_STEPS = 1000,   /* that a loaded machine takes in that time */
};

struct reader {
    void (*read)(HSHAREDMEM region);
    bool read_only;
    bool text;
    bool is_locked_out; /* the lock belongs to another thread, which lives */
    unsigned steps;     /* at which it is overtaken; 0: at all */
    unsigned taken;
    HSHAREDMEM region;
    struct layout_control *control;
    uint64_t slots;
};

static void read_bytes(HSHAREDMEM region)
{
    unsigned char buffer[100];
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 99;
    memset(buffer, 0xEE, sizeof buffer);
    CHECK(!ReadSharedMem(region, buffer, &size, &version));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(size == sizeof buffer && version == 99);
    CHECK(memcmp(buffer, "\0\0\0\0\0\xEE", 6) == 0);
}

static void read_text(HSHAREDMEM unused)
{
    WCHAR buffer[100] = L"before";
    (void)unused;
    GetSharedMem(buffer, ARRAYSIZE(buffer));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK_EQUAL(buffer[0], 0);
}

static void read_next(HSHAREDMEM region)
{
    char buffer[100];
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 0, missed = 0;
    CHECK(!ReadNextSharedMem(region, buffer, &size, &version, &missed));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(size == sizeof buffer && version == 0 && missed == 0);
}

static void ask(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(!QuerySharedMem(region, &info));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
}

static void read_at_last(HSHAREDMEM region)
{
    char buffer[100];
    SIZE_T size = sizeof buffer;
    CHECK(ReadSharedMem(region, buffer, &size, NULL));
    CHECK(size == 5 && memcmp(buffer, "value", 5) == 0);
}

static struct reader readers[] = {
    {.read = read_bytes, .read_only = true},
    {.read = read_bytes, .is_locked_out = true},
    {.read = read_text, .text = true},
    {.read = read_next},
    {.read = ask},
    {.read = ask, .read_only = true},
    {.read = read_at_last, .steps = ENOUGH_STEPS, .is_locked_out = true},
    {.read = read_at_last, .steps = ENOUGH_STEPS, .read_only = true},
};

static void take_a_step(void *argument, unsigned step)
{
    struct reader *self = argument;
    *(volatile uint64_t *)&self->control->sequence +=
        self->slots; /* and the current slot stays the current one */
    self->taken = step;
    if (step == self->steps) {
        stepping_end();
    }
}

static void run(void *argument)
{
    struct reader *self = argument;
    ULONGLONG start = GetTickCount64();
    stepping_begin(take_a_step, self);
    self->read(self->region);
    stepping_end();
    CHECK(self->taken >= (self->steps != 0 ? self->steps : LEAST_STEPS));
    CHECK(self->steps != 0 || GetTickCount64() - start >= TIMEOUT_MS - TICK_MS);
}

static struct layout_control *open_control(struct reader *reader)
{
    static unsigned regions;
    struct raw_section section; /* stays open */
    if (reader->text) {
        section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
        SetSharedMem(L"value");
        reader->slots = LAYOUT_TEXT_SLOTS;
        return raw_section_control(&section);
    }
    WCHAR name[64];
    swprintf(name, ARRAYSIZE(name), NAME L"-%u", regions++);
    HSHAREDMEM writer = OpenSharedMem(name, 100, 0, NULL);
    CHECK(writer != NULL && WriteSharedMem(writer, "value", 5, NULL));
    reader->region =
        reader->read_only ? OpenSharedMem(name, 0, SHARED_MEM_READ_ONLY, NULL) : writer;
    reader->slots = LAYOUT_SLOTS;
    CHECK(reader->region != NULL);
    section = raw_section_open(name, FILE_MAP_WRITE);
    struct layout_record *records = raw_section_records(&section);
    for (unsigned slot = 0; slot < LAYOUT_SLOTS; slot++) {
        records[slot].length = 5;
    }
    return raw_section_control(&section);
}

/* Readers that another thread overtakes, as often as it can. */

static HSHAREDMEM open_region(SIZE_T capacity)
{
    HSHAREDMEM region = OpenSharedMem(NAME, capacity, 0, NULL);
    CHECK(region != NULL);
    return region;
}

static void fill(unsigned char *data, SIZE_T size)
{
    for (SIZE_T i = 0; i < size; i++) {
        data[i] = (unsigned char)(i * 31 + (i >> 8));
    }
}

static volatile LONG storm_is_over, lock_was_taken;

/*
 * Counts publications that never were, so that no reader finds the sequence unchanged; except while
 * one has the lock.
 */
static void count_for_ever(void *argument)
{
    volatile struct layout_control *control = argument;
    while (!storm_is_over) {
        if (control->lock.owner == 0) {
            control->sequence += LAYOUT_SLOTS; /* and the current slot stays the current one */
        } else {
            lock_was_taken = 1;
        }
    }
}

static void a_stale_reader_takes_the_lock(void)
{
    static unsigned char value[65536], copy[65536];
    HSHAREDMEM region = open_region(sizeof value);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    fill(value, sizeof value);
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));

    thread storm = thread_start(count_for_ever, control);
    while (!lock_was_taken) {
        SIZE_T size = sizeof copy;
        SetLastError(KEPT);
        CHECK(ReadSharedMem(region, copy, &size, NULL));
        CHECK_EQUAL(GetLastError(), KEPT);
        CHECK(size == sizeof value && memcmp(copy, value, size) == 0);
        CHECK(*(volatile uint64_t *)&control->lock.owner == 0);
    }
    storm_is_over = 1;
    thread_join(storm);
    raw_section_close(&section);
    CHECK(CloseSharedMem(region));
}

/* The same for GetSharedMem, which comes to the lock by a path of its own. */
static void a_stale_reader_of_the_text_takes_the_lock(void)
{
    static WCHAR text[SHARED_MEM_TEXT_CCH], copy[SHARED_MEM_TEXT_CCH];
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    wmemset(text, L't', SHARED_MEM_TEXT_CCH - 1);
    SetSharedMem(text);

    storm_is_over = lock_was_taken = 0;
    thread storm = thread_start(count_for_ever, control);
    while (!lock_was_taken) {
        SetLastError(KEPT);
        GetSharedMem(copy, SHARED_MEM_TEXT_CCH);
        CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
        CHECK(wcscmp(copy, text) == 0);
        CHECK(*(volatile uint64_t *)&control->lock.owner == 0);
    }
    storm_is_over = 1;
    thread_join(storm);
    raw_section_close(&section);
}

/* Counts publications that never were, with the lock taken, too, for some time. */
static void count_for_a_while(void *argument)
{
    enum { RUN_MS = 300 };
    volatile struct layout_control *control = argument;
    for (ULONGLONG end = GetTickCount64() + RUN_MS; GetTickCount64() < end;) {
        control->sequence += LAYOUT_SLOTS;
    }
    storm_is_over = 1;
}

/* Its owner is suspended; the value comes to rest, and is read. */
static void a_reader_does_not_wait_for_the_lock(void)
{
    static unsigned char value[65536], copy[65536];
    uint64_t owner;
    HANDLE suspended = lock_owner_start(NULL, &owner);
    HSHAREDMEM region = open_region(sizeof value);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct layout_control *control = raw_section_control(&section);
    fill(value, sizeof value);
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));

    control->lock.owner = owner;
    for (int asks = 0; asks < 2; asks++) {
        storm_is_over = 0;
        thread storm = thread_start(count_for_a_while, control);
        do {
            SIZE_T size = sizeof copy;
            if (asks) {
                CHECK_EQUAL(query(region).writer, (DWORD)owner);
            } else {
                CHECK(ReadSharedMem(region, copy, &size, NULL));
                CHECK(memcmp(copy, value, size) == 0);
            }
        } while (!storm_is_over);
        thread_join(storm);
    }
    CHECK(control->lock.owner == owner);
    lock_owner_end(suspended);
    CloseHandle(suspended);
    raw_section_close(&section);
    CHECK(CloseSharedMem(region));
}

enum { FITS = 60000, ROOM = 60001, OUTGROWN = 65536 };

/* Makes values of the two sizes in turn that never were, as for ever overtaken ones are. */
static void grow_for_ever(void *argument)
{
    volatile struct layout_control *control = raw_section_control(argument);
    volatile struct layout_record *records = raw_section_records(argument);
    while (!storm_is_over) {
        if (control->lock.owner != 0) {
            continue; /* a reader's, that was overtaken too often */
        }
        uint64_t size = records[0].length == FITS ? OUTGROWN : FITS;
        for (unsigned i = 0; i < LAYOUT_SLOTS; i++) {
            records[i].length = size;
        }
        control->sequence += LAYOUT_SLOTS;
    }
}

/* A reader copies values that are overtaken, and then finds one that does not fit. */
static void a_value_that_does_not_fit_leaves_nothing(void)
{
    enum { RUN_MS = 1000 };
    static unsigned char value[OUTGROWN], buffer[OUTGROWN];
    HSHAREDMEM region = open_region(OUTGROWN);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    memset(value, 'v', sizeof value);
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));

    storm_is_over = 0;
    thread storm = thread_start(grow_for_ever, &section);
    unsigned cleared = 0;
    for (ULONGLONG end = GetTickCount64() + RUN_MS; GetTickCount64() < end;) {
        SIZE_T size = ROOM, touched = 0;
        memset(buffer, 0xEE, sizeof buffer);
        if (ReadSharedMem(region, buffer, &size, NULL)) {
            CHECK(size == FITS && memcmp(buffer, value, size) == 0);
            continue;
        }
        CHECK(GetLastError() == ERROR_MORE_DATA && size == OUTGROWN);
        while (touched < sizeof buffer && buffer[touched] == 0) {
            touched++;
        }
        CHECK(touched == 0 || touched == FITS);
        for (SIZE_T i = touched; i < sizeof buffer; i++) {
            CHECK(buffer[i] == 0xEE);
        }
        cleared += touched != 0;
    }
    storm_is_over = 1;
    thread_join(storm);
    printf("%u buffers cleared\n", cleared);
    raw_section_close(&section);
    CHECK(CloseSharedMem(region));
}

static void step_through_readers(void)
{
    thread threads[ARRAYSIZE(readers)];
    uint64_t owner;
    lock_owner_start(NULL, &owner);
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        struct layout_control *control = open_control(&readers[i]);
        control->lock.owner = readers[i].is_locked_out ? owner : 0;
        readers[i].control = control;
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        threads[i] = thread_start(run, &readers[i]);
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        thread_join(threads[i]);
        CHECK(readers[i].control->lock.owner == (readers[i].is_locked_out ? owner : 0));
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && !stepping_works(argc, argv)) {
        return stepping_skip();
    }
    check_deadline(60);
    if (argc == 1) {
        a_stale_reader_takes_the_lock();
        a_stale_reader_of_the_text_takes_the_lock();
        a_reader_does_not_wait_for_the_lock();
        a_value_that_does_not_fit_leaves_nothing();
        return check_passed();
    }
    CHECK(strcmp(argv[1], "stepping") == 0);
    step_through_readers();
    return check_passed();
}
