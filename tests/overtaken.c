/*
 * Readers that are overtaken at every instruction: single-stepped, with a new publication after
 * each step. They succeed as soon as that ends, and else give up in due time, with nothing in the
 * buffer, also if they are overtaken although they have the lock.
 */
#include "by_hand.h"
#include "check.h"
#include "owner.h"
#include "stepping.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-overtaken"

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
    {.read = read_bytes},
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
    struct by_hand section; /* stays open */
    if (reader->text) {
        section = by_hand_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
        SetSharedMem(L"value");
        reader->slots = LAYOUT_TEXT_SLOTS;
        return by_hand_control(&section);
    }
    WCHAR name[64];
    swprintf(name, ARRAYSIZE(name), NAME L"-%u", regions++);
    HSHAREDMEM writer = OpenSharedMem(name, 100, 0, NULL);
    CHECK(writer != NULL && WriteSharedMem(writer, "value", 5, NULL));
    reader->region =
        reader->read_only ? OpenSharedMem(name, 0, SHARED_MEM_READ_ONLY, NULL) : writer;
    reader->slots = LAYOUT_MAX_SLOTS;
    CHECK(reader->region != NULL);
    section = by_hand_open(name, FILE_MAP_WRITE);
    return by_hand_control(&section);
}

int main(int argc, char **argv)
{
    if (!stepping_works(argc, argv)) {
        return stepping_skip();
    }
    check_deadline(60);
    thread threads[ARRAYSIZE(readers)];
    uint64_t owner;
    owner_start(NULL, &owner);
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        struct layout_control *control = open_control(&readers[i]);
        for (unsigned slot = 0; slot < LAYOUT_MAX_SLOTS; slot++) {
            control->length[slot] = 5;
        }
        control->writer = readers[i].is_locked_out ? owner : 0;
        readers[i].control = control;
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        threads[i] = thread_start(run, &readers[i]);
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        thread_join(threads[i]);
        CHECK(readers[i].control->writer == (readers[i].is_locked_out ? owner : 0));
    }
    return check_passed();
}
