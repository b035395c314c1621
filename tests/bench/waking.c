/*
 * From a change to its reader in another process, and back: what a round trip takes, of which half
 * is one wake-up.
 */
#include "bench.h"
#include "check.h"
#include "process.h"
#include "stopwatch.h"
#include "thread.h"

#include "sharedmem.h"

#include <wchar.h>

enum { TRIPS = 100 }; /* of each channel in a round */

enum side { HERE, THERE };

static enum side side;

/* Sends a number to the other side, which is then to be woken; receives one that it has sent. */
struct channel {
    const char *name;
    void (*open)(void);
    void (*send)(ULONGLONG number);
    ULONGLONG (*receive)(void);
};

/* A region for each direction; one handle to write, the other to wait. */

struct regions {
    HSHAREDMEM written, read;
    ULONGLONG seen;
};

static HSHAREDMEM open_region(const WCHAR *name, DWORD flags)
{
    HSHAREDMEM region = OpenSharedMem(name, sizeof(ULONGLONG), flags, NULL);
    CHECK(region != NULL);
    return region;
}

static void write_number(const struct regions *regions, ULONGLONG number)
{
    CHECK(WriteSharedMem(regions->written, &number, sizeof number, NULL));
}

static ULONGLONG read_number(struct regions *regions)
{
    ULONGLONG number;
    SIZE_T size = sizeof number;
    CHECK(ReadSharedMem(regions->read, &number, &size, &regions->seen));
    return number;
}

static ULONGLONG wait_for_number(struct regions *regions)
{
    CHECK(WaitSharedMem(regions->read, regions->seen, INFINITE));
    return read_number(regions);
}

static struct regions regions;

static void open_regions(void)
{
    static const WCHAR *const names[] = {L"sharedmem-bench-here", L"sharedmem-bench-there"};
    regions.written = open_region(names[side], 0);
    regions.read = open_region(names[!side], 0);
}

static void write_region(ULONGLONG number)
{
    write_number(&regions, number);
}

static ULONGLONG wait_for_region(void)
{
    return wait_for_number(&regions);
}

/* The same with waiters that may only read: the side that opens first has to make both regions. */

static struct regions read_only;

static void open_read_only(void)
{
    static const WCHAR *const names[] = {L"sharedmem-bench-read-here",
                                         L"sharedmem-bench-read-there"};
    open_region(names[!side], 0);
    read_only.written = open_region(names[side], 0);
    read_only.read = open_region(names[!side], SHARED_MEM_READ_ONLY);
}

static void write_read_only(ULONGLONG number)
{
    write_number(&read_only, number);
}

static ULONGLONG wait_for_read_only(void)
{
    return wait_for_number(&read_only);
}

/* The same through events as loops have them. */

static struct regions looped;
static HANDLE changed;

static void open_looped(void)
{
    static const WCHAR *const names[] = {L"sharedmem-bench-loop-here",
                                         L"sharedmem-bench-loop-there"};
    looped.written = open_region(names[side], 0);
    looped.read = open_region(names[!side], 0);
    changed = OpenSharedMemEvent(looped.read);
    CHECK(changed != NULL);
}

static void write_looped(ULONGLONG number)
{
    write_number(&looped, number);
}

/* An event may be set without a change. */
static ULONGLONG wait_for_looped(void)
{
    const ULONGLONG last = looped.seen;
    ULONGLONG number;
    do {
        CHECK(ArmSharedMemEvent(looped.read, changed, last));
        CHECK(WaitForSingleObject(changed, INFINITE) == WAIT_OBJECT_0);
        number = read_number(&looped);
    } while (looped.seen == last);
    return number;
}

/* An event for each direction: nothing but a wake-up. */

static HANDLE events[2];
static ULONGLONG sent;

static HANDLE open_event(const WCHAR *name)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, name);
    CHECK(event != NULL);
    return event;
}

static void open_events(void)
{
    events[HERE] = open_event(L"sharedmem-bench-event-here");
    events[THERE] = open_event(L"sharedmem-bench-event-there");
}

static void set_event(ULONGLONG number)
{
    sent = number;
    SetEvent(events[side]);
}

static ULONGLONG wait_for_event(void)
{
    WaitForSingleObject(events[!side], INFINITE);
    return sent;
}

/* The same beside a section that holds the number. */

static HANDLE section_events[2];
static volatile ULONGLONG *numbers;

static void open_section(void)
{
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096,
                                        L"sharedmem-bench-section");
    CHECK(section != NULL);
    numbers = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(numbers != NULL);
    section_events[HERE] = open_event(L"sharedmem-bench-section-here");
    section_events[THERE] = open_event(L"sharedmem-bench-section-there");
}

static void write_section(ULONGLONG number)
{
    numbers[side] = number;
    SetEvent(section_events[side]);
}

static ULONGLONG wait_for_section(void)
{
    WaitForSingleObject(section_events[!side], INFINITE);
    return numbers[!side];
}

/* A named pipe. */

static HANDLE pipe;

static void open_pipe(void)
{
    static const WCHAR name[] = L"\\\\.\\pipe\\sharedmem-bench";
    if (side == HERE) {
        pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
    } else {
        pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    }
    CHECK(pipe != INVALID_HANDLE_VALUE);
}

static void write_pipe(ULONGLONG number)
{
    DWORD written;
    CHECK(WriteFile(pipe, &number, sizeof number, &written, NULL));
}

static ULONGLONG read_pipe(void)
{
    ULONGLONG number;
    DWORD got;
    CHECK(ReadFile(pipe, &number, sizeof number, &got, NULL) && got == sizeof number);
    return number;
}

static struct channel channels[] = {
    {"sharedmem", open_regions, write_region, wait_for_region},
    {"sharedmem_read_only", open_read_only, write_read_only, wait_for_read_only},
    {"sharedmem_event", open_looped, write_looped, wait_for_looped},
    {"named_event", open_events, set_event, wait_for_event},
    {"section_and_event", open_section, write_section, wait_for_section},
    {"named_pipe", open_pipe, write_pipe, read_pipe},
};

static void open_all(void)
{
    for (size_t i = 0; i < ARRAYSIZE(channels); i++) {
        channels[i].open();
    }
}

/* The other side answers on every channel until it is ended. */

static void answer(void *argument)
{
    const struct channel *channel = argument;
    bench_pin(1);
    for (;;) {
        channel->send(channel->receive());
    }
}

static void be_there(void)
{
    side = THERE;
    open_all();
    HANDLE is_open = open_event(L"sharedmem-bench-is-open");
    for (size_t i = 0; i < ARRAYSIZE(channels); i++) {
        thread_start(answer, &channels[i]);
    }
    CHECK(SetEvent(is_open));
    Sleep(INFINITE);
}

static void make_trips(const struct channel *channel, struct samples *samples)
{
    static ULONGLONG number;
    for (int i = 0; i < TRIPS; i++) {
        LONGLONG start = stopwatch_start();
        channel->send(++number);
        ULONGLONG received = channel->receive();
        double taken = stopwatch_milliseconds(start);
        CHECK(received == number);
        if (samples != NULL) {
            samples_add(samples, taken * 1000);
        }
    }
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    if (argc == 3) {
        be_there();
    }
    HANDLE is_open = open_event(L"sharedmem-bench-is-open");
    open_all();
    WCHAR role[32];
    swprintf(role, ARRAYSIZE(role), L"%u there", bench_rounds());
    HANDLE there = process_start_self(role);
    CHECK(WaitForSingleObject(is_open, INFINITE) == WAIT_OBJECT_0);

    static struct samples samples[ARRAYSIZE(channels)];
    bench_pin(0);
    for (unsigned round = 0; round <= bench_rounds(); round++) { /* the first one is warm-up */
        for (size_t i = 0; i < ARRAYSIZE(channels); i++) {
            make_trips(&channels[i], round > 0 ? &samples[i] : NULL);
        }
    }
    for (size_t i = 0; i < ARRAYSIZE(channels); i++) {
        samples_report(&samples[i], "round_trip", sizeof(ULONGLONG), channels[i].name, "us");
    }
    process_kill(there);
    return check_passed();
}
