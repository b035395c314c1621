/*
 * A process that is killed in a call on a region that a file backs, behind each instruction of the
 * DLL after which others find something else than before: it has stored to the file, or called the
 * system, which is one step. No other process has the file open, or one has. The next process that
 * opens the file has the newest whole value, the old or the new one, and no version is given out
 * twice.
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
    DIED = 2,  /* exit code of a process that was killed */
    LEAST = 5, /* states that each call goes through */
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

static unsigned last; /* of the states that others find, the one that it is killed in */

/* A call or a jump through a pointer: that may be to the system. */
static bool may_leave(const unsigned char *instruction)
{
    instruction += (*instruction & 0xF0) == 0x40; /* REX */
    unsigned operation = instruction[1] >> 3 & 7;
    return instruction[0] == 0xFF && (operation == 2 || operation == 4);
}

/* Not while it is being made. */
static bool can_be_opened(void)
{
    HANDLE handle = CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, 0, NULL);
    return handle != INVALID_HANDLE_VALUE && CloseHandle(handle);
}

/* Whether others find, after the instruction that was executed last, what they did not before. */
static bool has_changed(void)
{
    static const unsigned char *executed;
    static struct raw_file file;
    static unsigned char *seen;
    bool left = executed != NULL && may_leave(executed);
    bool changed = seen != NULL && memcmp(seen, file.view, file.size) != 0;
    if (seen == NULL && can_be_opened()) {
        file = raw_file_open(path);
        seen = malloc(file.size);
        CHECK(seen != NULL);
        changed = true;
    }
    if (changed) {
        memcpy(seen, file.view, file.size);
    }
    executed = (const unsigned char *)stepping_address();
    return left || changed;
}

static void live_or_die(void *unused, unsigned step)
{
    static unsigned state;
    (void)unused;
    (void)step;
    state += has_changed();
    if (state == last) {
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
static unsigned states[CALLS];         /* of the complete call */
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
    run_victim(call, 1 + (unsigned)rand() % states[call], seed);
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

static void try_points(enum call call, enum setting setting)
{
    unsigned at = 1;
    struct raw_file file;
    if (setting == BESIDE) {
        present = open_in_time(0);
        file = raw_file_open(path);
        control = raw_file_control(&file);
        write_in_time(present);
    }
    while (!(call == CREATE ? try_creating(at) : try_point(call, setting, at))) {
        totals.points++;
        at++;
    }
    states[call] = at;
    if (setting == BESIDE) {
        raw_file_close(&file);
        CHECK(CloseSharedMem(present));
        present = NULL;
    }
    printf("%s %s: %u points\n", call_names[call], setting_names[setting], at - 1);
    fflush(stdout);
    CHECK(at > LEAST);
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
    } plays[] = {
        {CREATE, ALONE},  {WRITE, ALONE}, {WRITE, BESIDE}, {FLUSH, ALONE},
        {FLUSH, BESIDE},  {FLUSH, TORN},  {OPEN, ALONE},   {OPEN, BESIDE},
        {OPEN, HALF_WAY}, {CLOSE, ALONE}, {CLOSE, BESIDE},
    };
    check_deadline(270);
    raw_file_fresh(FILE_NAME, path);
    raw_file_fresh(FILE_NAME L".creating", temporary);
    for (size_t i = 0; i < ARRAYSIZE(plays); i++) {
        try_points(plays[i].call, plays[i].setting);
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
