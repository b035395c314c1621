/*
 * A writer that ends after instruction k of a write, for every k until the write is complete: its
 * process, or only its thread; in a region at rest, or in one whose last writer ended half-way. All
 * the while a thread waits for the region to change. But for the text, values have a history, in
 * which no version is missing or there twice.
 *
 *     crash FUNCTION          a sample of the instructions
 *     crash FUNCTION every    every k
 *
 * What a writer does without the lock does not depend on the value's length, which is checked; and
 * how it gets the lock from a dead one is the same in every function. So each of the former is
 * tried for the shortest value only, each of the latter in `write` only; and of a loop that spins,
 * the first three passes.
 */
#include "check.h"
#include "lock_owner.h"
#include "process.h"
#include "raw_section.h"
#include "stepping.h"
#include "stopwatch.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* What the next write takes at most: where the machine has time for it, and in any case. */
#define WRITE_MS 100.0
#define MOST_MS 1000.0
#define WAKE_MS 300.0 /* what a waiter takes at most to notice a change, of a dead writer, too */

enum {
    LONGEST = 2047,    /* characters: the longest text, and all but two bytes of the region */
    STRIDE = 29,       /* of the sample, where points are quick, */
    LOCK_STRIDE = 97,  /* where they are few, */
    LONG_STRIDE = 131, /* and elsewhere */
    DEPTH = 6,         /* more values than are written at one point */
};

/* What is called, and on which region. */

static enum { SET, WRITE, REPLACE, RESERVE } function;
static const char *const function_names[] = {"set", "write", "replace", "reserve"};

static HSHAREDMEM region;

/* The name of an object of this run; runs for other functions have others. */
static const WCHAR *object_name(const WCHAR *object)
{
    static WCHAR name[64];
    swprintf(name, ARRAYSIZE(name), L"sharedmem-test-crash-%hs-%ls", function_names[function],
             object);
    return name;
}

static const WCHAR *region_name(void)
{
    return function == SET ? SHARED_MEM_TEXT_NAME : object_name(L"region");
}

/* Values tell by their first character what the others must be. */

static void make_value(WCHAR value[LONGEST + 1], unsigned seed, size_t cch)
{
    for (size_t i = 0; i < cch; i++) {
        value[i] = (WCHAR)(0x100 + (seed + i * (seed % 7 + 1)) % 0xD000);
    }
    value[cch] = 0;
}

struct value {
    WCHAR text[LONGEST + 1];
    SIZE_T size; /* bytes */
    ULONGLONG version;
};

static void read_value(struct value *value)
{
    value->size = sizeof value->text;
    CHECK(ReadSharedMem(region, value->text, &value->size, &value->version));
}

static SIZE_T size_of(size_t cch)
{
    return (function == SET ? cch + 1 : cch) * sizeof(WCHAR);
}

static bool is_value(const struct value *value, unsigned seed, size_t cch)
{
    WCHAR expected[LONGEST + 1];
    make_value(expected, seed, cch);
    return value->size == size_of(cch) && memcmp(value->text, expected, value->size) == 0;
}

/* What is read from the history since this was called last, and up to the present value. */
static void read_history(void)
{
    static struct value value, present;
    ULONGLONG missed;
    for (ULONGLONG next = value.version + 1;; next++) {
        value.size = sizeof value.text;
        if (!ReadNextSharedMem(region, value.text, &value.size, &value.version, &missed)) {
            break;
        }
        CHECK(value.version == next && missed == 0);
        CHECK(is_value(&value, value.text[0] - 0x100u, value.size / sizeof(WCHAR)));
    }
    CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
    read_value(&present);
    CHECK_EQUAL(present.version, value.version);
}

static ULONGLONG next_version(ULONGLONG version)
{
    return version + (function == SET ? 2 : 1);
}

/* What a caller does in place counts, too: it may end there. */
static bool write_in_place(const WCHAR *text, size_t cch, ULONGLONG version)
{
    LPVOID data;
    SIZE_T room;
    if (!ReserveSharedMem(region, &version, &data, &room) || room < cch * sizeof *text) {
        return false;
    }
    memcpy(data, text, cch * sizeof *text);
    return PublishSharedMem(region, cch * sizeof *text, NULL);
}

/* Replacing is told the version first. */
static bool call(const WCHAR *text, size_t cch, ULONGLONG version)
{
    switch (function) {
    case SET:
        SetSharedMem(text);
        return GetLastError() == ERROR_SUCCESS;
    case WRITE:
        return WriteSharedMem(region, text, cch * sizeof *text, NULL);
    case RESERVE:
        return write_in_place(text, cch, version);
    case REPLACE:
    default:
        return ReplaceSharedMem(region, text, cch * sizeof *text, &version);
    }
}

/* The victim. */

struct victim {
    bool is_process;
    bool is_locked; /* ends only where it has the lock, */
    unsigned last;  /* behind the instruction of this number, of those where it may end */
    unsigned seed;  /* of what it writes */
    size_t cch;
};

static struct victim victim;
static const struct layout_control *control;
static uint64_t self;               /* as an owner */
static unsigned locked, not_locked; /* its instructions with and without the lock, so far */
static unsigned places;             /* those where it may end */

/* Whether three equal passes of a short loop end here. */
static bool is_spinning(void)
{
    enum { LONGEST_PASS = 8, SEEN = 32 };
    static uintptr_t seen[SEEN];
    static unsigned now;
    seen[++now % SEEN] = stepping_address();
    for (unsigned pass = 1; pass <= LONGEST_PASS; pass++) {
        unsigned i = 0;
        while (i < 2 * pass && seen[(now - i) % SEEN] == seen[(now - i - pass) % SEEN]) {
            i++;
        }
        if (i == 2 * pass) {
            return true;
        }
    }
    return false;
}

static void live_or_die(void *unused, unsigned step)
{
    (void)unused;
    (void)step;
    bool has_lock = control->lock.owner == self;
    *(has_lock ? &locked : &not_locked) += 1;
    if (!has_lock && (victim.is_locked || is_spinning())) {
        return;
    }
    if (++places == victim.last) {
        if (victim.is_process) {
            TerminateProcess(GetCurrentProcess(), 1);
        } else {
            stepping_end();
            TerminateThread(GetCurrentThread(), 1);
        }
    }
}

static bool is_complete; /* of a thread; a process has its exit code */

static DWORD WINAPI write_stepping(void *unused)
{
    static WCHAR text[LONGEST + 1];
    static struct value present;
    (void)unused;
    make_value(text, victim.seed, victim.cch);
    read_value(&present);
    self = lock_owner_token(GetCurrentThread());
    locked = not_locked = places = 0;
    stepping_begin(live_or_die, NULL);
    bool written = call(text, victim.cch, present.version);
    stepping_end();
    CHECK(written);
    is_complete = true;
    return 0;
}

static void run_thread(void)
{
    is_complete = false;
    HANDLE writer =
        CreateThread(NULL, 65536, write_stepping, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK(writer != NULL);
    CHECK(WaitForSingleObject(writer, INFINITE) == WAIT_OBJECT_0);
    CloseHandle(writer);
}

/* A process dies in its first write; a thread does what others of its process have done before. */
static int be_a_process(char **arguments)
{
    victim = (struct victim){
        .is_process = true,
        .is_locked = atoi(arguments[0]) != 0,
        .last = (unsigned)atoi(arguments[1]),
        .seed = (unsigned)atoi(arguments[2]),
        .cch = (size_t)atoi(arguments[3]),
    };
    HANDLE ready = OpenEventW(EVENT_MODIFY_STATE, FALSE, object_name(L"ready"));
    HANDLE go = OpenEventW(SYNCHRONIZE, FALSE, object_name(L"go"));
    CHECK(ready != NULL && go != NULL);
    CHECK(SetEvent(ready));
    CHECK(WaitForSingleObject(go, INFINITE) == WAIT_OBJECT_0);
    write_stepping(NULL);
    return 0;
}

/* The waiter. */

static HANDLE wait_now, has_waited;
static ULONGLONG waited_for; /* the version that is to change */

static void wait_again_and_again(void *unused)
{
    (void)unused;
    for (;;) {
        CHECK(WaitForSingleObject(wait_now, INFINITE) == WAIT_OBJECT_0);
        CHECK(WaitSharedMem(region, waited_for, INFINITE));
        CHECK(SetEvent(has_waited));
    }
}

static void start_waiting(ULONGLONG version)
{
    waited_for = version;
    CHECK(SetEvent(wait_now));
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    do {
        SwitchToThread();
        CHECK(QuerySharedMem(region, &info));
    } while (info.waiters == 0);
}

/* What came of it. */

static struct {
    unsigned points, replaced, died_inside, late, leaks;
    double longest_write, longest_wake;
} totals;

static void check_waking(LONGLONG since)
{
    CHECK(WaitForSingleObject(has_waited, 10000) == WAIT_OBJECT_0);
    double taken = stopwatch_milliseconds(since);
    totals.longest_wake = taken > totals.longest_wake ? taken : totals.longest_wake;
    totals.late += taken > WAKE_MS;
    CHECK(taken < WAKE_MS + MOST_MS);
}

static void check_next_write(unsigned seed, size_t cch)
{
    WCHAR text[LONGEST + 1];
    struct value present;
    make_value(text, seed, cch);
    read_value(&present);

    LONGLONG start = stopwatch_start();
    CHECK(call(text, cch, present.version));
    double taken = stopwatch_milliseconds(start);
    totals.longest_write = taken > totals.longest_write ? taken : totals.longest_write;
    totals.late += taken > WRITE_MS;
    CHECK(taken < MOST_MS);

    struct value written;
    read_value(&written);
    CHECK(is_value(&written, seed, cch));
    CHECK(written.version == next_version(present.version));
    CHECK(control->lock.owner == 0);
}

static unsigned next_seed = 1;

/* A writer that ends where it has the lock, at another of its instructions each time. */
static void leave_half_way(size_t cch)
{
    static unsigned turn;
    victim = (struct victim){.is_locked = true, .seed = next_seed++, .cch = cch};
    run_thread(); /* to its end */
    CHECK(is_complete && locked > 0);

    struct value before, after;
    read_value(&before);
    unsigned before_seed = victim.seed;
    victim.seed = next_seed++;
    victim.last = 1 + turn++ * STRIDE % locked;
    run_thread();
    CHECK(!is_complete && control->lock.owner != 0);
    read_value(&after);
    CHECK(is_value(&after, before_seed, cch) || is_value(&after, victim.seed, cch));
    CHECK(is_value(&after, before_seed, cch) == (after.version == before.version));
}

/* A victim for each point, in the same way. */
struct row {
    size_t cch;
    bool is_process;
    bool half_way;  /* what it finds: a region whose last writer ended half-way, or at rest */
    bool is_locked; /* where it ends */
};

/* Whether the victim's write was complete before its last instruction. */
static bool try_point(const struct row *row, unsigned last)
{
    size_t cch = row->cch;
    struct value before, after;
    HANDLE process = NULL, ready = NULL, go = NULL;
    unsigned seed = next_seed++;

    if (row->is_process) { /* it must have come by before the region is made what it is to find */
        WCHAR role[100];
        ready = CreateEventW(NULL, FALSE, FALSE, object_name(L"ready"));
        go = CreateEventW(NULL, FALSE, FALSE, object_name(L"go"));
        CHECK(ready != NULL && go != NULL);
        swprintf(role, ARRAYSIZE(role), L"%hs victim %u %u %u %u", function_names[function],
                 row->is_locked, last, seed, (unsigned)cch);
        process = process_start_self(role);
        CHECK(WaitForSingleObject(ready, INFINITE) == WAIT_OBJECT_0);
    }
    check_next_write(next_seed++, cch / 2 + 1);
    if (row->half_way) {
        leave_half_way(cch / 3 + 1);
    }
    read_value(&before);
    start_waiting(before.version);

    bool complete;
    if (row->is_process) {
        CHECK(SetEvent(go));
        complete = process_finish(process) == 0;
        CloseHandle(ready);
        CloseHandle(go);
    } else {
        victim =
            (struct victim){.is_locked = row->is_locked, .last = last, .seed = seed, .cch = cch};
        run_thread();
        complete = is_complete;
    }
    LONGLONG death = stopwatch_start();

    totals.died_inside += control->lock.owner != 0;
    read_value(&after);
    bool is_new = is_value(&after, seed, cch);
    totals.replaced += is_new;
    CHECK(is_new ||
          (after.size == before.size && memcmp(after.text, before.text, after.size) == 0));
    CHECK(after.version == (is_new ? next_version(before.version) : before.version));
    CHECK(is_new || !complete);
    if (is_new) {
        check_waking(death);
        check_next_write(next_seed++, cch);
    } else {
        CHECK(WaitForSingleObject(has_waited, 0) == WAIT_TIMEOUT);
        death = stopwatch_start();
        check_next_write(next_seed++, cch);
        check_waking(death);
    }
    if (function != SET) {
        read_history();
    }
    return complete;
}

/*
 * Tries the points first, first + stride, ... until the write is complete. One that takes longer
 * than 250 ms here can be shorter by the instructions that wake a waiter, which has looked by
 * itself by then: only three in a row are believed. Returns how many instructions those of a thread
 * had without the lock.
 */
static unsigned try_points(const struct row *row, unsigned stride)
{
    enum { BELIEVED = 3 };
    unsigned points = 0, leaks = 0, completed = 0, most = 0;
    unsigned last = 1 + (unsigned)rand() % stride;
    while (completed < BELIEVED) {
        DWORD handles = process_open_handles();
        bool complete = try_point(row, last);
        DWORD more = process_open_handles() - handles;
        /*
         * A thread may have had a handle of another in its hands, of which no other knows. And
         * where one has died that waited for the lock, the next one needs the next event.
         */
        CHECK(more == 0 || (row->half_way && more == 1));
        leaks += more;
        completed = complete ? completed + 1 : 0;
        if (complete) {
            most = not_locked > most ? not_locked : most;
        } else {
            points++;
            last += stride;
        }
    }
    printf("%s, %4u characters, %s %s: %u points, %s%s", function_names[function],
           (unsigned)row->cch, row->is_process ? "process" : "thread",
           row->half_way ? "after one that ended half-way" : "at rest", points,
           stride == 1 ? "every instruction" : "a sample",
           row->is_locked ? " inside the lock" : "");
    printf(leaks > 0 ? ", %u after which there was a handle more\n" : "\n", leaks);
    fflush(stdout);
    totals.points += points;
    totals.leaks += leaks;
    return most;
}

static void try_rows(bool every)
{
    static const size_t lengths[] = {21, 260, LONGEST};
    unsigned not_locked_first = 0;
    for (size_t i = 0; i < ARRAYSIZE(lengths); i++) {
        for (unsigned kind = 0; kind < 4; kind++) {
            struct row row = {
                .cch = lengths[i], .half_way = kind >= 2, .is_process = kind % 2 != 0};
            row.is_locked = i > 0 || (row.half_way && function != WRITE);
            unsigned stride = row.is_locked ? LOCK_STRIDE : kind == 0 ? STRIDE : LONG_STRIDE;
            unsigned others = try_points(&row, every ? 1 : stride);
            if (kind == 0) { /* the value's length makes no difference to them */
                not_locked_first = i == 0 ? others : not_locked_first;
                CHECK_EQUAL(others, not_locked_first);
            }
        }
    }
}

static void open_all(const char *name)
{
    while (strcmp(function_names[function], name) != 0) {
        CHECK(function != RESERVE);
        function++;
    }
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = LAYOUT_PAGE, .depth = DEPTH};
    region = function == SET ? SHARED_MEM_TEXT : OpenSharedMemEx(region_name(), &options);
    CHECK(region != NULL);
}

int main(int argc, char **argv)
{
    bool is_victim = argc == 7 && strcmp(argv[2], "victim") == 0;
    if (!is_victim && !stepping_works(argc, argv)) {
        return stepping_skip();
    }
    CHECK(argc > 1);
    bool every = argc > 2 && strcmp(argv[2], "every") == 0;
    check_deadline(every ? 24 * 60 * 60 : 270);
    open_all(argv[1]);
    struct raw_section section = raw_section_open(region_name(), FILE_MAP_READ);
    control = raw_section_control(&section);
    if (is_victim) {
        return be_a_process(argv + 3);
    }

    wait_now = CreateEventW(NULL, FALSE, FALSE, NULL);
    has_waited = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(wait_now != NULL && has_waited != NULL);
    thread_start(wait_again_and_again, NULL);
    check_next_write(next_seed++, 1);
    const struct row in_peace = {.cch = 1, .half_way = true};
    CHECK(try_point(&in_peace, UINT_MAX)); /* what a process needs once is there, then */
    memset(&totals, 0, sizeof totals);
    try_rows(every);

    printf("%u points, in %u of them the lock was taken, in %u the new value stood\n",
           totals.points, totals.died_inside, totals.replaced);
    printf("next write: longest %.1f ms; waking: longest %.1f ms; %u late\n", totals.longest_write,
           totals.longest_wake, totals.late);
    CHECK(totals.died_inside > 0 && totals.replaced > 0);
    CHECK(totals.late <= totals.points / 100);
    return check_passed();
}
