/*
 * Processes that write, replace, read and wait, all at once and without a pause. Any of them, and
 * single threads that write, may be killed at any moment, and another one takes their place. Every
 * value read is whole, none is older than one read before, no write is lost or made twice; and
 * after each death, the next write succeeds at once. A reader of the history gets each version
 * once, or knows how many are lost. In a file, values are flushed, too, and now and then all
 * processes are killed: the next one has the newest value.
 *
 *     storm text|NAME [SECONDS [PROCESSES [FOLDER]]]    with every other process from that folder
 *
 * A name with a dot is that of a file.
 */
#include "check.h"
#include "checked_text.h"
#include "process.h"
#include "query.h"
#include "raw_file.h"
#include "roles.h"
#include "stopwatch.h"
#include "tally.h"

#include "durable.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define TALLY L"sharedmem-test-storm-tally"

enum {
    SECONDS = 4,          /* for how long, */
    PROCESSES = 12,       /* and among how many, unless an argument says */
    DEPTH = 1024,         /* of a region whose name says that it has a history */
    KILL_MS = 60,         /* from one kill to the next, at most */
    NEXT_WRITE_MS = 2000, /* what a write after a death takes at most */
    LIFE_BITS = 24,       /* of a writer's count, below the number of the process that counts */
};

static const char *name;
static HSHAREDMEM region;
static unsigned number;     /* of the process, as a writer */
static uint64_t life;       /* how many processes had that number before */
static uint64_t next_count; /* of a text that this process writes */

static bool is_text(void)
{
    return region == SHARED_MEM_TEXT;
}

static bool is_file(void)
{
    return strchr(name, '.') != NULL;
}

/* Of a section, or of a file in the current folder, which all processes of the test have. */
static const WCHAR *region_name(void)
{
    static WCHAR wide[64];
    mbstowcs(wide, name, ARRAYSIZE(wide));
    return wide;
}

static HSHAREDMEM open_region(DWORD flags)
{
    SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .flags = flags, .file = is_file() ? region_name() : NULL};
    if (flags != SHARED_MEM_READ_ONLY) {
        options.capacity = CHECKED_TEXT_CCH * sizeof(WCHAR);
        options.depth = strstr(name, "history") != NULL ? DEPTH : 1;
    }
    HSHAREDMEM opened = OpenSharedMemEx(is_file() ? NULL : region_name(), &options);
    CHECK(opened != NULL);
    return opened;
}

static LONGLONG start;

static void count_call(enum tally_number calls, enum tally_number longest)
{
    tally_add(calls, 1);
    tally_maximum(longest, (LONGLONG)(stopwatch_milliseconds(start) * 1000));
}

/*
 * When each of the latest versions came to be, as far as its writer lived to tell: waiters find out
 * how long it took them to notice. In a region of the system, not of ours.
 */

enum { BIRTHS = 65536 };

static volatile LONGLONG *births; /* the version's low half, and below it the time, in ms */

static void open_births(void)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        BIRTHS * sizeof *births, TALLY L"-births");
    CHECK(mapping != NULL);
    births = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(births != NULL);
}

static LONGLONG now_ms(void)
{
    return (LONGLONG)stopwatch_milliseconds(0);
}

static void note_birth(ULONGLONG version)
{
    InterlockedExchange64(&births[version % BIRTHS], (LONGLONG)(version << 32 | (DWORD)now_ms()));
}

/* 0 where it is not known. */
static DWORD milliseconds_since_birth(ULONGLONG version)
{
    ULONGLONG birth = (ULONGLONG)InterlockedCompareExchange64(&births[version % BIRTHS], 0, 0);
    if ((DWORD)(birth >> 32) != (DWORD)version) {
        return 0;
    }
    DWORD age = (DWORD)now_ms() - (DWORD)birth;
    return age < MAXLONG ? age : 0; /* its writer may note it after we have noticed */
}

/* What the processes do. */

static ULONGLONG step(void)
{
    return is_text() ? 2 : 1;
}

/* Copies it, or makes it in place. */
static void write_record(const WCHAR *text, SIZE_T size, ULONGLONG *version)
{
    LPVOID data;
    SIZE_T room;
    if (is_text() || next_count % 3 != 0) {
        CHECK(WriteSharedMem(region, text, size, version));
        return;
    }
    if (next_count % 5 == 0) {
        CHECK(ReserveSharedMem(region, NULL, &data, &room));
        memset(data, 'x', room);
        CHECK(DiscardSharedMem(region));
    }
    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    CHECK(room >= size);
    memcpy(data, text, size);
    CHECK(PublishSharedMem(region, size, version));
}

static void write_records(void)
{
    WCHAR text[CHECKED_TEXT_CCH];
    ULONGLONG version;
    for (; !tally_is_over(); next_count++) {
        SIZE_T size = (checked_text_make(text, number, next_count) + 1) * sizeof *text;
        start = stopwatch_start();
        if (is_text() && next_count % 2 != 0) { /* does not tell its version */
            SetSharedMem(text);
            CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
        } else {
            write_record(text, size, &version);
            note_birth(version);
        }
        count_call(TALLY_WRITES, TALLY_LONGEST_WRITE_US);
        if (next_count % 64 == 0) {
            Sleep(1); /* now and then, waiters have something to wait for */
        }
    }
}

static void replace_records(void)
{
    WCHAR text[CHECKED_TEXT_CCH];
    ULONGLONG version = 0;
    for (; !tally_is_over(); next_count++) {
        SIZE_T size = (checked_text_make(text, number, next_count) + 1) * sizeof *text;
        start = stopwatch_start();
        while (!ReplaceSharedMem(region, text, size, &version)) {
            CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
        }
        note_birth(version);
        count_call(TALLY_WRITES, TALLY_LONGEST_WRITE_US);
    }
}

static ULONGLONG last_version;
static WCHAR last_text[CHECKED_TEXT_CCH];
static struct checked_text_log seen;

/* What was read where it stands, and found to be whole afterwards. */
static void copy_loan(HSHAREDMEM from, WCHAR text[CHECKED_TEXT_CCH], ULONGLONG *version)
{
    LPCVOID data;
    SIZE_T size;
    do {
        CHECK(BorrowSharedMem(from, &data, &size, version));
        CHECK(size <= CHECKED_TEXT_CCH * sizeof *text);
        memcpy(text, data, size);
    } while (!ValidateSharedMem(from, *version));
}

/* Versions never go backwards, nor do they belong to two values. */
static void read_record(HSHAREDMEM from)
{
    WCHAR text[CHECKED_TEXT_CCH];
    ULONGLONG version;
    start = stopwatch_start();
    if (is_text() || tally_get(TALLY_READS) % 2 == 0) {
        SIZE_T size = sizeof text;
        CHECK(ReadSharedMem(from, text, &size, &version));
    } else {
        copy_loan(from, text, &version);
    }
    count_call(TALLY_READS, TALLY_LONGEST_READ_US);
    checked_text_check(&seen, text);
    CHECK(version >= last_version);
    CHECK(version > last_version || wcscmp(text, last_text) == 0);
    last_version = version;
    wcscpy(last_text, text);
}

static void read_text(void)
{
    WCHAR text[CHECKED_TEXT_CCH];
    start = stopwatch_start();
    GetSharedMem(text, CHECKED_TEXT_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    count_call(TALLY_READS, TALLY_LONGEST_READ_US);
    checked_text_check(&seen, text);
}

/* Every other reader's handle is for reading only. */
static HSHAREDMEM reading_handle(void)
{
    if (is_text() || life % 2 == 0) {
        return region;
    }
    return open_region(SHARED_MEM_READ_ONLY);
}

static void read_records(void)
{
    HSHAREDMEM from = reading_handle();
    while (!tally_is_over()) {
        read_record(from);
        if (is_text()) {
            read_text();
        }
    }
}

static void flush_record(void)
{
    ULONGLONG durable;
    CHECK(FlushSharedMem(region, last_version, &durable));
    CHECK(durable >= last_version);
}

static void wait_for_records(void)
{
    HSHAREDMEM from = reading_handle();
    while (!tally_is_over()) {
        read_record(from);
        if (is_file()) {
            flush_record();
        }
        if (WaitSharedMem(from, last_version, 1000)) {
            tally_add(TALLY_WAITS, 1);
            tally_maximum(TALLY_LONGEST_WAIT_US,
                          milliseconds_since_birth(last_version + step()) * 1000ll);
        } else {
            CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
        }
    }
}

static bool may_leave_out(unsigned writer);

/*
 * Each record follows the one that its writer wrote before, except for those that are lost: of
 * these, *lost is what has not turned out to be missing yet. A life's first record is followed by
 * its own.
 */
static void check_succession(const WCHAR *text, uint64_t *lost)
{
    unsigned writer;
    uint64_t count;
    CHECK(checked_text_parse(text, &writer, &count) && writer < CHECKED_TEXT_WRITERS);
    uint64_t expected = seen.next[writer], first = count >> LIFE_BITS << LIFE_BITS;
    if (expected != 0 && !may_leave_out(writer)) {
        uint64_t missing = count - (expected > first ? expected : first);
        CHECK(count >= expected && missing <= *lost);
        *lost -= missing;
    }
    checked_text_check(&seen, text);
}

static void follow_records(void)
{
    HSHAREDMEM from = reading_handle();
    ULONGLONG version = 0, missed;
    uint64_t lost = 0;
    while (!tally_is_over()) {
        WCHAR text[CHECKED_TEXT_CCH];
        SIZE_T size = sizeof text;
        ULONGLONG before = version;
        start = stopwatch_start();
        if (!ReadNextSharedMem(from, text, &size, &version, &missed)) {
            CHECK_EQUAL(GetLastError(), ERROR_NO_MORE_ITEMS);
            CHECK(version == before);
            WaitSharedMem(from, version, 10);
            continue;
        }
        count_call(TALLY_READS, TALLY_LONGEST_READ_US);
        CHECK_EQUAL(version, before + (missed + 1) * step());
        lost += before == 0 ? 0 : missed;
        check_succession(text, &lost);

        SHARED_MEM_INFO info = query(from);
        bool may_be_missed = missed == 0 || (is_file() && before == 0); /* before a recovery */
        CHECK(may_be_missed || version + (info.depth - 1) * step() <= info.version);
    }
}

/* Threads, one after the other, that write until they are terminated; and, after each, a write. */

static volatile LONG thread_has_written;

static DWORD WINAPI write_in_thread(void *unused)
{
    static WCHAR text[CHECKED_TEXT_CCH];
    (void)unused;
    while (next_count < UINT64_MAX) { /* until it is terminated */
        SIZE_T size = (checked_text_make(text, number, next_count++) + 1) * sizeof *text;
        write_record(text, size, NULL);
        tally_add(TALLY_WRITES, 1);
        thread_has_written = 1;
    }
    return 0;
}

static void check_next_write(void)
{
    static WCHAR text[CHECKED_TEXT_CCH];
    SIZE_T size = (checked_text_make(text, number, next_count++) + 1) * sizeof *text;
    LONGLONG begin = stopwatch_start();
    CHECK(WriteSharedMem(region, text, size, NULL));
    CHECK(stopwatch_milliseconds(begin) < NEXT_WRITE_MS);
    tally_add(TALLY_WRITES, 1);
    read_record(region);
}

static void kill_threads(void)
{
    while (!tally_is_over()) {
        thread_has_written = 0;
        HANDLE victim = CreateThread(NULL, 65536, write_in_thread, NULL, 0, NULL);
        CHECK(victim != NULL);
        while (thread_has_written == 0) {
            SwitchToThread();
        }
        for (volatile int spin = rand() % 20000; spin > 0; spin--) {
        }
        CHECK(TerminateThread(victim, 1));
        CHECK(WaitForSingleObject(victim, INFINITE) == WAIT_OBJECT_0);
        tally_add(TALLY_KILLED_THREADS, 1);
        tally_add(TALLY_DIED_INSIDE, query(region).writer == GetThreadId(victim));
        check_next_write();
        CloseHandle(victim);
    }
}

static const struct {
    const char *name;
    void (*play)(void);
    unsigned writers; /* of which each may have written what it had no time to count */
} parts[] = {
    {"write", write_records, 1},       {"read", read_records, 0},
    {"wait", wait_for_records, 0},     {"replace", replace_records, 1},
    {"kill-threads", kill_threads, 2}, {"follow", follow_records, 0},
};

/* A thread that is killed has counted what it may not have written. */
static bool may_leave_out(unsigned writer)
{
    return parts[writer % ARRAYSIZE(parts)].play == kill_threads;
}

static void open_all(const char *text_or_name)
{
    name = text_or_name;
    tally_open(TALLY);
    open_births();
    region = strcmp(name, "text") == 0 ? SHARED_MEM_TEXT : open_region(0);
}

/* play NAME PART NUMBER LIFE */
static int play(char **arguments)
{
    open_all(arguments[0]);
    number = (unsigned)atoi(arguments[2]);
    life = (uint64_t)atoi(arguments[3]);
    next_count = life << LIFE_BITS;
    for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
        if (strcmp(parts[i].name, arguments[1]) == 0) {
            parts[i].play();
        }
    }
    return 0;
}

static const struct role roles[] = {{"play", play}};

static HANDLE start_process(const char *folder, unsigned process, unsigned lives)
{
    WCHAR arguments[128];
    swprintf(arguments, ARRAYSIZE(arguments), L"play %hs %hs %u %u", name,
             parts[process % ARRAYSIZE(parts)].name, process, lives);
    /* Of two with one part, the one comes from the folder. */
    return roles_start(folder, process / ARRAYSIZE(parts) + process, arguments);
}

static HANDLE processes[CHECKED_TEXT_WRITERS];
static unsigned lives[CHECKED_TEXT_WRITERS]; /* how many processes had that number */
static unsigned kills, uncounted;            /* writes that killed processes may have made */

static void start_next(const char *folder, unsigned process)
{
    processes[process] = start_process(folder, process, ++lives[process]);
}

static void kill_one(unsigned process)
{
    CHECK(WaitForSingleObject(processes[process], 0) == WAIT_TIMEOUT); /* or it has failed */
    process_kill(processes[process]);
    kills++;
    uncounted += parts[process % ARRAYSIZE(parts)].writers;
}

/* What the last writer has not published may be whole all the same. */
static void recover(void)
{
    SIZE_T size = sizeof last_text;
    CHECK(ReadSharedMem(region, last_text, &size, &last_version));
    CHECK(CloseSharedMem(region));
    region = open_region(0);
    SHARED_MEM_INFO info = query(region);
    CHECK_EQUAL(info.flags, SHARED_MEM_RECOVERED);
    CHECK_EQUAL(info.durable, info.version);
    last_version += DURABLE_LEAP;
    CHECK(info.version == last_version || info.version == last_version + 1);
    read_record(region);
}

static void kill_all(const char *folder, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        kill_one(i);
    }
    recover();
    for (unsigned i = 0; i < count; i++) {
        start_next(folder, i);
    }
}

static void storm(unsigned seconds, unsigned count, const char *folder)
{
    WCHAR text[CHECKED_TEXT_CCH];

    CHECK(count >= 2 && count < CHECKED_TEXT_WRITERS);
    number = count; /* this process writes, too */
    SIZE_T size = (checked_text_make(text, number, next_count++) + 1) * sizeof *text;
    CHECK(WriteSharedMem(region, text, size, NULL)); /* what the first readers find */
    ULONGLONG first = query(region).version;

    for (unsigned i = 0; i < count; i++) {
        start_next(folder, i);
    }
    ULONGLONG end = GetTickCount64() + seconds * 1000ull;
    for (unsigned i = 1; GetTickCount64() < end; i++) {
        Sleep((DWORD)rand() % KILL_MS);
        unsigned victim = (unsigned)rand() % count;
        kill_one(victim);
        check_next_write();
        start_next(folder, victim);
        if (is_file() && i % ((count + 1) / 2) == 0) {
            kill_all(folder, count);
        }
    }
    tally_end_round(0);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQUAL(process_finish(processes[i]), 0);
    }
    if (is_file()) {
        recover();
    }

    LONGLONG writes = tally_get(TALLY_WRITES), threads = tally_get(TALLY_KILLED_THREADS);
    LONGLONG versions = (LONGLONG)((query(region).version - first) % DURABLE_LEAP / step());
    CHECK(versions >= writes && versions <= writes + uncounted + threads);
    printf("%s, %u processes, %u s: %lld values written, %lld read, none torn, none backwards, "
           "%lld waits\n",
           name, count, seconds, writes, tally_get(TALLY_READS), tally_get(TALLY_WAITS));
    printf("longest write %.1f ms, read %.1f ms, wake-up %.0f ms; killed: %u processes, %lld "
           "threads, %lld of these inside the lock\n",
           tally_get_milliseconds(TALLY_LONGEST_WRITE_US),
           tally_get_milliseconds(TALLY_LONGEST_READ_US),
           tally_get_milliseconds(TALLY_LONGEST_WAIT_US), kills, threads,
           tally_get(TALLY_DIED_INSIDE));
    if (is_file()) {
        ULONGLONG recoveries = (query(region).version - first) / DURABLE_LEAP;
        printf("all killed: %llu times\n", recoveries - 1);
    }
    CHECK(writes > 100 && tally_get(TALLY_READS) > 100 && kills > 0);
    CHECK(count < ARRAYSIZE(parts) || threads > 0);
}

/* In this program's folder. */
static void make_file(void)
{
    WCHAR path[MAX_PATH];
    CHECK(SetCurrentDirectoryW(process_sibling(L"", path)));
    raw_file_fresh(region_name(), path);
}

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    CHECK(argc > 1);
    unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : SECONDS;
    check_deadline(seconds + 60);
    name = argv[1];
    if (is_file()) {
        make_file();
    }
    open_all(name);
    storm(seconds, argc > 3 ? (unsigned)atoi(argv[3]) : PROCESSES, argc > 4 ? argv[4] : NULL);
    if (is_file()) {
        CHECK(CloseSharedMem(region) && DeleteFileW(region_name()));
    }
    return check_passed();
}
