/*
 * Readers that are overtaken at every instruction: single-stepped, with a new publication after each
 * step. They succeed as soon as that ends, and else give up in due time, with nothing in the buffer.
 */
#include "by_hand.h"
#include "check.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <intrin.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define TRAP_FLAG 0x100u
#define NAME L"sharedmem-test-overtaken"

enum {
    TIMEOUT_MS = 5000,
    TICK_MS = 20,         /* of the clock */
    ENOUGH_STEPS = 30000, /* for far more than 64 attempts */
};

struct reader {
    void (*read)(HSHAREDMEM region);
    bool read_only;
    bool text;
    uint64_t steps; /* at which it is overtaken; 0: at all */
    DWORD thread_id;
    volatile bool stepping;
    uint64_t taken;
    HSHAREDMEM region;
    volatile uint64_t *sequence;
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
    {.read = read_bytes},
    {.read = read_text, .text = true},
    {.read = ask, .read_only = true},
    {.read = read_at_last, .read_only = true, .steps = ENOUGH_STEPS},
};

static LONG CALLBACK take_a_step(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        struct reader *self = &readers[i];
        if (self->thread_id == GetCurrentThreadId() && self->stepping) {
            *self->sequence += self->slots; /* and the current slot stays the current one */
            if (++self->taken != self->steps) {
                pointers->ContextRecord->EFlags |= TRAP_FLAG;
            }
        }
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void run(void *argument)
{
    struct reader *self = argument;
    ULONGLONG start = GetTickCount64();
    self->thread_id = GetCurrentThreadId();
    self->stepping = true;
    __writeeflags(__readeflags() | TRAP_FLAG);
    self->read(self->region);
    self->stepping = false;
    CHECK(self->taken >= ENOUGH_STEPS);
    CHECK(self->steps != 0 || GetTickCount64() - start >= TIMEOUT_MS - TICK_MS);
}

static void sleep_for_ever(void *unused)
{
    (void)unused;
    Sleep(INFINITE);
}

/* In the lock stands somebody who lives: those who could take it must do without, too. */
static uint64_t start_owner(void)
{
    FILETIME creation, exit, kernel, user;
    DWORD id;
    HANDLE owner =
        CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void (*)(void))sleep_for_ever, NULL, 0, &id);
    CHECK(owner != NULL && GetThreadTimes(owner, &creation, &exit, &kernel, &user));
    return (uint64_t)creation.dwLowDateTime << 32 | id;
}

static struct layout_control *open_control(struct reader *reader, size_t number)
{
    if (reader->text) {
        static struct by_hand section;
        section = by_hand_open(FILE_MAP_WRITE);
        SetSharedMem(L"value");
        reader->slots = LAYOUT_TEXT_SLOTS;
        return by_hand_control(&section);
    }
    WCHAR name[64];
    swprintf(name, ARRAYSIZE(name), NAME L"-%u", (unsigned)number);
    HSHAREDMEM writer = OpenSharedMem(name, 100, 0, NULL);
    CHECK(writer != NULL && WriteSharedMem(writer, "value", 5, NULL));
    reader->region =
        reader->read_only ? OpenSharedMem(name, 0, SHARED_MEM_READ_ONLY, NULL) : writer;
    reader->slots = LAYOUT_MAX_SLOTS;
    char *view =
        MapViewOfFile(OpenFileMappingW(FILE_MAP_WRITE, FALSE, name), FILE_MAP_WRITE, 0, 0, 0);
    CHECK(reader->region != NULL && view != NULL);
    return (void *)(view + LAYOUT_MAX_SLOTS * LAYOUT_PAGE);
}

int main(void)
{
    check_deadline(60);
    thread threads[ARRAYSIZE(readers)];
    uint64_t owner = start_owner();
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        struct layout_control *control = open_control(&readers[i], i);
        for (unsigned slot = 0; slot < LAYOUT_MAX_SLOTS; slot++) {
            control->length[slot] = 5;
        }
        control->writer = owner;
        readers[i].sequence = &control->sequence;
    }
    CHECK(AddVectoredExceptionHandler(TRUE, take_a_step) != NULL);
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        threads[i] = thread_start(run, &readers[i]);
    }
    for (size_t i = 0; i < ARRAYSIZE(readers); i++) {
        thread_join(threads[i]);
    }
    return check_passed();
}
