/*
 * A process that is killed at instruction k of the DLL, in a call on a region that a file backs,
 * for every k until the call is complete; a call of the system is one step. No other process has
 * the file open, or one has. The next process that opens the file has the newest whole value, the
 * old or the new one, and no version is given out twice.
 *
 *     crash_file          a sample of the instructions
 *     crash_file every    every k
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "raw_file.h"
#include "roles.h"
#include "stepping.h"
#include "stopwatch.h"

#include "durable.h"
#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define FILE_NAME L"sharedmem-test-crash.region"
#define MOST_MS 3000.0 /* what a call after a death takes at most; the machine is busy */

enum {
    CAPACITY = 300,
    DIED = 2, /* exit code of a process that was killed */
};

/* What it is killed in. */
enum call { CREATE, OPEN, WRITE, FLUSH, CLOSE, CALLS };

static const char *const call_names[] = {"create", "open", "write", "flush", "close"};

enum setting {
    ALONE,    /* no other process has the file open, */
    BESIDE,   /* or this one does; */
    HALF_WAY, /* none does, and the last that had was killed, too; */
    TORN,     /* none does, and what is not durable is lost with the victim */
};

static const char *const setting_names[] = {"alone", "beside another process",
                                            "after one that was killed", "with power failure"};

static WCHAR path[MAX_PATH], temporary[MAX_PATH];

static HSHAREDMEM open_file(ULONGLONG capacity)
{
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = capacity, .file = path};
    return OpenSharedMemEx(NULL, &options);
}

/* Values follow from a number, which is not 0. */

struct value {
    unsigned char data[CAPACITY];
    SIZE_T size;
    ULONGLONG version;
};

static SIZE_T make_value(unsigned char data[CAPACITY], unsigned seed)
{
    SIZE_T size = 1 + seed * 37 % CAPACITY;
    for (SIZE_T i = 0; i < size; i++) {
        data[i] = (unsigned char)(seed + i * (seed % 7 + 1));
    }
    return size;
}

static bool write_value(HSHAREDMEM region, unsigned seed)
{
    unsigned char data[CAPACITY];
    SIZE_T size = make_value(data, seed);
    return WriteSharedMem(region, data, size, NULL);
}

static void read_value(HSHAREDMEM region, struct value *value)
{
    value->size = sizeof value->data;
    CHECK(ReadSharedMem(region, value->data, &value->size, &value->version));
}

static bool is_same(const struct value *value, const unsigned char *data, SIZE_T size)
{
    return value->size == size && memcmp(value->data, data, size) == 0;
}

static bool is_value(const struct value *value, unsigned seed)
{
    unsigned char data[CAPACITY];
    SIZE_T size = make_value(data, seed);
    return is_same(value, data, size);
}

/* The victim. */

static unsigned last; /* the instruction at which it is killed */

static void live_or_die(void *unused, unsigned step)
{
    (void)unused;
    if (step == last) {
        TerminateProcess(GetCurrentProcess(), DIED);
    }
}

static bool make_call(enum call call, HSHAREDMEM region, unsigned seed)
{
    switch (call) {
    case CREATE:
        return open_file(CAPACITY) != NULL;
    case OPEN:
        return open_file(0) != NULL;
    case WRITE:
        return write_value(region, seed);
    case FLUSH:
        return FlushSharedMem(region, MAXULONGLONG, NULL);
    default:
        return CloseSharedMem(region);
    }
}

/* victim CALL LAST SEED */
static int be_victim(char **arguments)
{
    enum call call = (enum call)atoi(arguments[0]);
    unsigned seed = (unsigned)atoi(arguments[2]);
    HSHAREDMEM region = NULL;
    last = (unsigned)atoi(arguments[1]);
    process_sibling(FILE_NAME, path);
    if (call > OPEN) {
        region = open_file(0);
        CHECK(region != NULL);
    }
    CHECK(call != FLUSH || write_value(region, seed));
    stepping_begin_in_dll(live_or_die, NULL);
    bool succeeded = make_call(call, region, seed);
    stepping_end();
    CHECK(succeeded);
    return 0;
}

/* TRUE: the call was complete. */
static bool run_victim(enum call call, unsigned at, unsigned seed)
{
    WCHAR arguments[64];
    swprintf(arguments, ARRAYSIZE(arguments), L"victim %u %u %u", (unsigned)call, at, seed);
    DWORD exit_code = process_finish(process_start_self(arguments));
    CHECK(exit_code == 0 || exit_code == DIED);
    return exit_code == 0;
}

/* What came of it. */

static struct {
    unsigned points, taken_over, replaced, died_writing, died_flushing;
    double longest_open, longest_write;
} totals;

static unsigned next_seed = 1;
static unsigned steps[CALLS];          /* of the complete call */
static HSHAREDMEM present;             /* of this process, BESIDE the victim */
static struct layout_control *control; /* of the same */
static struct value before;            /* at rest */
static ULONGLONG durable_before;

static void note_time(double *longest, LONGLONG start)
{
    double taken = stopwatch_milliseconds(start);
    *longest = taken > *longest ? taken : *longest;
    CHECK(taken < MOST_MS);
}

static HSHAREDMEM open_in_time(ULONGLONG capacity)
{
    LONGLONG start = stopwatch_start();
    HSHAREDMEM region = open_file(capacity);
    CHECK(region != NULL);
    note_time(&totals.longest_open, start);
    return region;
}

/* What the next victim finds: a value that is not durable, and an older one that is. */
static void write_in_time(HSHAREDMEM region)
{
    LONGLONG start = stopwatch_start();
    unsigned seed = next_seed++;
    CHECK(write_value(region, next_seed++));
    CHECK(FlushSharedMem(region, MAXULONGLONG, &durable_before));
    CHECK(write_value(region, seed));
    note_time(&totals.longest_write, start);
    read_value(region, &before);
    CHECK(is_value(&before, seed));
    CHECK_EQUAL(durable_before, before.version - 1);
}

/* Others go on, and so do those that come. */
static void check_beside(ULONGLONG version)
{
    struct value seen;
    read_value(present, &seen);
    CHECK_EQUAL(seen.version, version);
    CHECK(query(present).durable >= durable_before);
    totals.died_writing += control->lock.owner != 0;
    totals.died_flushing += control->flush_lock.owner != 0;
    write_in_time(present);
    CHECK(control->lock.owner == 0 && control->flush_lock.owner == 0);
    HSHAREDMEM other = open_in_time(0);
    read_value(other, &seen);
    CHECK(seen.version == before.version && is_same(&seen, before.data, before.size));
    CHECK(CloseSharedMem(other));
}

static void lose_what_is_not_durable(void)
{
    struct raw_file file = raw_file_open(path);
    unsigned char *start = file.view + LAYOUT_PAGE;
    memset(start, 0xA5, (size_t)((unsigned char *)raw_file_copy(&file, 0) - start));
    raw_file_close(&file);
}

/* The value is the one from before, or one of these. */
static bool is_one_of(const struct value *after, const unsigned *seeds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (is_value(after, seeds[i])) {
            return true;
        }
    }
    CHECK(is_same(after, before.data, before.size));
    return false;
}

/* A victim before this one, and where it is killed, differ from point to point. */
static void leave_half_way(unsigned seed)
{
    static const enum call calls[] = {WRITE, FLUSH, OPEN};
    enum call call = calls[totals.points % ARRAYSIZE(calls)];
    run_victim(call, 1 + (unsigned)rand() % steps[call], seed);
}

/* TRUE: the call was complete. */
static bool try_point(enum call call, enum setting setting, unsigned at)
{
    const unsigned seeds[] = {next_seed, next_seed + 1};
    struct value after;
    next_seed += 2;
    if (setting == HALF_WAY) {
        leave_half_way(seeds[1]);
    }
    bool complete = run_victim(call, at, seeds[0]);
    if (setting == TORN) {
        lose_what_is_not_durable();
    }
    HSHAREDMEM region = present != NULL ? present : open_in_time(0);
    read_value(region, &after);
    bool is_new = is_one_of(&after, seeds, ARRAYSIZE(seeds));
    totals.replaced += is_new;
    CHECK(is_new || !(complete && call == WRITE));
    CHECK(is_new || call != FLUSH || (setting == TORN && !complete));
    if (present != NULL) {
        CHECK_EQUAL(after.version, before.version + is_new);
        check_beside(after.version);
    } else {
        CHECK(after.version >= before.version + DURABLE_LEAP);
        CHECK_EQUAL((after.version - before.version) % DURABLE_LEAP, is_new);
        CHECK_EQUAL(query(region).durable, after.version);
        write_in_time(region);
        CHECK(CloseSharedMem(region));
    }
    return complete;
}

static bool exists(const WCHAR *file)
{
    return GetFileAttributesW(file) != INVALID_FILE_ATTRIBUTES;
}

/* A file that is there is complete; of one that is not, the next creator takes over the rest. */
static bool try_creating(unsigned at)
{
    struct value after;
    raw_file_fresh(FILE_NAME, path);
    bool complete = run_victim(CREATE, at, 0);
    bool created = exists(path);
    CHECK(created || !complete);
    CHECK(!created || !exists(temporary));
    totals.taken_over += exists(temporary);
    if (!created) {
        CHECK(open_file(0) == NULL && GetLastError() == ERROR_FILE_NOT_FOUND);
    }
    HSHAREDMEM region = open_in_time(created ? 0 : CAPACITY);
    CHECK(!exists(temporary));
    read_value(region, &after);
    CHECK(after.size == 0 && after.version % DURABLE_LEAP == 0);
    CHECK(created || after.version == 0);
    write_in_time(region);
    CHECK(CloseSharedMem(region));
    return complete;
}

/* Tries the points first, first + stride, ... until the call is complete. */
static void try_points(enum call call, enum setting setting, unsigned stride)
{
    unsigned tried = totals.points, at = 1 + (unsigned)rand() % stride;
    struct raw_file file;
    if (setting == BESIDE) {
        present = open_in_time(0);
        file = raw_file_open(path);
        control = raw_file_control(&file);
        write_in_time(present);
    }
    while (!(call == CREATE ? try_creating(at) : try_point(call, setting, at))) {
        totals.points++;
        at += stride;
    }
    steps[call] = at;
    if (setting == BESIDE) {
        raw_file_close(&file);
        CHECK(CloseSharedMem(present));
        present = NULL;
    }
    printf("%s %s: %u points%s\n", call_names[call], setting_names[setting], totals.points - tried,
           stride == 1 ? ", every instruction" : "");
    fflush(stdout);
    CHECK(totals.points > tried);
}

static const struct role roles[] = {{"victim", be_victim}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    if (!stepping_works(argc, argv)) {
        return stepping_skip();
    }
    static const struct {
        enum call call;
        enum setting setting;
        unsigned stride; /* of the sample */
    } plays[] = {
        {CREATE, ALONE, 311},  {WRITE, ALONE, 97},  {WRITE, BESIDE, 67},  {FLUSH, ALONE, 97},
        {FLUSH, BESIDE, 53},   {FLUSH, TORN, 67},   {OPEN, ALONE, 307},   {OPEN, BESIDE, 211},
        {OPEN, HALF_WAY, 307}, {CLOSE, ALONE, 211}, {CLOSE, BESIDE, 211},
    };
    bool every = argc > 1 && strcmp(argv[1], "every") == 0;
    check_deadline(every ? 24 * 60 * 60 : 270);
    raw_file_fresh(FILE_NAME, path);
    raw_file_fresh(FILE_NAME L".creating", temporary);
    for (size_t i = 0; i < ARRAYSIZE(plays); i++) {
        try_points(plays[i].call, plays[i].setting, every ? 1 : plays[i].stride);
    }
    printf(
        "%u points: %u files taken over, %u new values, %u locks taken over from writers, %u from "
        "flushers\n",
        totals.points, totals.taken_over, totals.replaced, totals.died_writing,
        totals.died_flushing);
    printf("longest: open %.1f ms, write and flush %.1f ms\n", totals.longest_open,
           totals.longest_write);
    CHECK(totals.taken_over > 0 && totals.replaced > 0);
    CHECK(totals.died_writing > 0 && totals.died_flushing > 0);
    CHECK(DeleteFileW(path));
    return check_passed();
}
