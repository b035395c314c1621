/* child --record and parent --replay, as a person runs them. */
#include "check.h"
#include "query.h"
#include "raw_file.h"
#include "shown.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define MAGIC "SHMREC1\n"
#define MAGIC_SIZE 8

/* As in the file: see recording.h. */
struct entry {
    ULONGLONG time, version, missed, size;
};

static WCHAR path[MAX_PATH]; /* of the recording, which each test finds missing */

static HSHAREDMEM create(const WCHAR *name, ULONGLONG capacity, DWORD depth)
{
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options,
                                        .flags = SHARED_MEM_CREATE_NEW,
                                        .capacity = capacity,
                                        .depth = depth};
    HSHAREDMEM region = OpenSharedMemEx(name, &options);
    CHECK(region != NULL);
    return region;
}

/* Runs a program with an option for the recording and further arguments; its input ends at once. */
static void run_for(const WCHAR *program, const WCHAR *option, const WCHAR *arguments)
{
    WCHAR line[4 * MAX_PATH];
    swprintf(line, ARRAYSIZE(line), L"%ls \"%ls\" %ls", option, path, arguments);
    run(program, line);
}

static void expect_recorded(unsigned versions, unsigned missed)
{
    char expected[128];
    snprintf(expected, sizeof expected,
             "Recording until Ctrl+C or the end of the input...\r\n"
             "Recorded %u version%s, missed %u.\r\n",
             versions, versions == 1 ? "" : "s", missed);
    expect(0, expected, "");
}

static void expect_replayed(unsigned versions)
{
    char expected[64];
    snprintf(expected, sizeof expected, "Replaying %u version%s...\r\n", versions,
             versions == 1 ? "" : "s");
    expect(0, expected, "");
}

/* Takes the next entry of a recording's bytes, and returns where its value is. */
static const unsigned char *take(const unsigned char *bytes, size_t size, size_t *offset,
                                 struct entry *entry)
{
    CHECK(size - *offset >= sizeof *entry);
    memcpy(entry, bytes + *offset, sizeof *entry);
    *offset += sizeof *entry;
    CHECK(size - *offset >= entry->size);
    *offset += (size_t)entry->size;
    return bytes + *offset - entry->size;
}

enum { LARGEST = 100000 }; /* more than what the programs read or write at once */

static const size_t sizes[] = {1, 0, 37, LARGEST, 65535, 65536, 65537, 8};

static void fill(unsigned char *value, size_t size, size_t number)
{
    for (size_t i = 0; i < size; i++) {
        value[i] = (unsigned char)(i * 7 + i / 251 + number);
    }
}

static size_t file_size(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    return GetFileAttributesExW(path, GetFileExInfoStandard, &data) ? data.nFileSizeLow : 0;
}

static HANDLE start_recorder(const WCHAR *region, HANDLE *keyboard)
{
    WCHAR line[2 * MAX_PATH];
    swprintf(line, ARRAYSIZE(line), L"--record \"%ls\" --region \"%ls\"", path, region);
    return run_until_input_ends(child, line, keyboard);
}

/* Values before, and while it is recorded; what the file says of them, to the byte. */
static ULONGLONG record_sizes(unsigned char *value)
{
    enum { BEFORE = 3 };
    HANDLE keyboard = NULL, recorder = NULL;
    size_t expected = MAGIC_SIZE, found, offset = MAGIC_SIZE;
    struct entry entry, last = {0};
    HSHAREDMEM region = create(L"recordings source", LARGEST, 16);
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        fill(value, sizes[i], i);
        CHECK(WriteSharedMem(region, value, sizes[i], NULL));
        expected += sizeof entry + sizes[i];
        if (i == BEFORE) {
            recorder = start_recorder(L"recordings source", &keyboard);
        }
        while (recorder != NULL && file_size() < expected) { /* it flushes before it sleeps */
            thread_sleep(5);
        }
    }
    CHECK(CloseHandle(keyboard));
    CHECK_EQUAL(process_finish(recorder), 0);
    CHECK(CloseSharedMem(region));

    unsigned char *bytes = raw_file_read(path, &found);
    CHECK_EQUAL(found, expected);
    CHECK(memcmp(bytes, MAGIC, MAGIC_SIZE) == 0);
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        const unsigned char *kept = take(bytes, found, &offset, &entry);
        CHECK(entry.time >= last.time);
        CHECK_EQUAL(entry.version, i + 1);
        CHECK_EQUAL(entry.missed, 0);
        CHECK_EQUAL(entry.size, sizes[i]);
        fill(value, sizes[i], i);
        CHECK(memcmp(kept, value, sizes[i]) == 0);
        last = entry;
    }
    CHECK_EQUAL(offset, found);
    free(bytes);
    return last.time;
}

static void a_round_trip_is_exact(void)
{
    static unsigned char value[LARGEST], expected[LARGEST];
    ULONGLONG version = 0, missed;
    ULONGLONG duration = record_sizes(value);
    HSHAREDMEM region = create(L"recordings target", LARGEST, 16);
    long long start = stopwatch_start();
    run_for(parent, L"--replay", L"--region \"recordings target\"");
    CHECK(stopwatch_milliseconds(start) >= (double)duration);
    expect_replayed(ARRAYSIZE(sizes));
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {
        SIZE_T size = sizeof value;
        CHECK(ReadNextSharedMem(region, value, &size, &version, &missed));
        CHECK_EQUAL(version, i + 1);
        CHECK_EQUAL(missed, 0);
        CHECK_EQUAL(size, sizes[i]);
        fill(expected, sizes[i], i);
        CHECK(memcmp(value, expected, sizes[i]) == 0);
    }
    CHECK_EQUAL(query(region).version, ARRAYSIZE(sizes));
    CHECK(CloseSharedMem(region));
    CHECK(DeleteFileW(path));
}

/* A recorder beside a writer that does not wait for it: each value is that of its version. */
static void what_is_missed_is_counted(void)
{
    enum { WRITES = 20000 };
    HANDLE keyboard;
    size_t size, offset = MAGIC_SIZE;
    struct entry entry, last = {0};
    HSHAREDMEM region = create(L"recordings fast", sizeof(ULONGLONG), 0);
    for (ULONGLONG i = 1; i <= 5; i++) {
        CHECK(WriteSharedMem(region, &i, sizeof i, NULL));
    }
    HANDLE recorder = start_recorder(L"recordings fast", &keyboard);
    while (file_size() < MAGIC_SIZE + sizeof entry + sizeof(ULONGLONG)) {
        thread_sleep(1);
    }
    for (ULONGLONG i = 6; i <= WRITES; i++) {
        CHECK(WriteSharedMem(region, &i, sizeof i, NULL));
    }
    CHECK(CloseHandle(keyboard));
    CHECK_EQUAL(process_finish(recorder), 0);
    CHECK(CloseSharedMem(region));

    unsigned char *bytes = raw_file_read(path, &size);
    while (offset < size) {
        ULONGLONG value;
        const unsigned char *kept = take(bytes, size, &offset, &entry);
        CHECK_EQUAL(entry.size, sizeof value);
        memcpy(&value, kept, sizeof value);
        CHECK_EQUAL(value, entry.version);
        CHECK_EQUAL(entry.version, last.version + entry.missed + 1);
        CHECK(last.version != 0 || entry.missed == 4);
        last = entry;
    }
    CHECK_EQUAL(last.version, WRITES); /* what is there when the input ends is recorded */
    free(bytes);
    CHECK(DeleteFileW(path));
}

static void a_count_ends_it(void)
{
    HSHAREDMEM region = create(L"recordings kept", 16, 4);
    for (unsigned i = 0; i < 6; i++) {
        CHECK(WriteSharedMem(region, &i, sizeof i, NULL));
    }
    run_for(child, L"--record", L"--region \"recordings kept\" --count 3");
    expect_recorded(3, 0); /* those before the first one are not missed */
    run_for(child, L"--record", L"--region \"recordings kept\"");
    expect_complaint(1, "", "cannot write the recording ");
    CHECK(strstr(output.error, "(error 80)") != NULL);
    CHECK_EQUAL(file_size(), MAGIC_SIZE + 3 * (sizeof(struct entry) + sizeof(unsigned)));
    CHECK(DeleteFileW(path));
    run_for(child, L"--record", L"--region \"recordings kept\"");
    expect_recorded(4, 0);
    CHECK(CloseSharedMem(region));
    CHECK(DeleteFileW(path));
}

static void a_text_comes_back(void)
{
    WCHAR text[16];
    SetSharedMem(L"t\u00e9xt");
    run_for(child, L"--record", L"--count 1");
    expect_recorded(1, 0);
    SetSharedMem(L"another one");
    run_for(parent, L"--replay", L"");
    expect_replayed(1);
    GetSharedMem(text, ARRAYSIZE(text));
    CHECK(wcscmp(text, L"t\u00e9xt") == 0);
    CHECK(DeleteFileW(path));
}

static void a_file_comes_back(void)
{
    WCHAR file[MAX_PATH], line[2 * MAX_PATH];
    raw_file_fresh(L"recordings.region", file);
    swprintf(line, ARRAYSIZE(line), L"--text kept --file \"%ls\" cmd /c exit 0", file);
    run(parent, line);
    expect(0, WRITING, "");
    swprintf(line, ARRAYSIZE(line), L"--file \"%ls\"", file);
    run_for(child, L"--record", line);
    expect_recorded(1, 0); /* a recovery has skipped versions before it */
    CHECK(DeleteFileW(file));
    swprintf(line, ARRAYSIZE(line), L"--file \"%ls\" --flush", file);
    run_for(parent, L"--replay", line);
    expect(0, "Replaying 1 version...\r\nVersion 1 is on the disk.\r\n", "");
    swprintf(line, ARRAYSIZE(line), L"--file \"%ls\"", file);
    run(child, line);
    CHECK(output.exit_code == 0 && strstr(output.out, "|kept|") != NULL);
    CHECK(DeleteFileW(file));
    CHECK(DeleteFileW(path));
}

/* A recording of two values of four bytes. */
struct two {
    char magic[MAGIC_SIZE];
    struct entry first;
    char one[4];
    struct entry second;
    char two[4];
};

/* Its bytes, without what the compiler puts between; returns their number. */
static size_t write_two(const struct two *two, unsigned char *bytes)
{
    unsigned char *at = bytes;
    memcpy(at, two->magic, MAGIC_SIZE);
    at += MAGIC_SIZE;
    memcpy(at, &two->first, sizeof two->first);
    at += sizeof two->first;
    memcpy(at, two->one, sizeof two->one);
    at += sizeof two->one;
    memcpy(at, &two->second, sizeof two->second);
    at += sizeof two->second;
    memcpy(at, two->two, sizeof two->two);
    return (size_t)(at - bytes) + sizeof two->two;
}

static const struct two sound = {MAGIC, {5, 3, 2, 4}, "one", {300, 7, 3, 4}, "two"};

static void a_pace_is_kept(void)
{
    static const struct {
        ULONGLONG time; /* of the second value */
        const WCHAR *speed;
        double least; /* milliseconds */
    } paces[] = {{300, L"", 300}, {300, L"--speed 0.5", 600}, {1000000000, L"--speed 1e7", 100}};
    unsigned char bytes[sizeof sound];
    for (size_t i = 0; i < ARRAYSIZE(paces); i++) {
        struct two two = sound;
        two.second.time = paces[i].time;
        raw_file_write(path, bytes, write_two(&two, bytes));
        long long start = stopwatch_start();
        run_for(parent, L"--region \"recordings pace\" --replay", paces[i].speed);
        CHECK(stopwatch_milliseconds(start) >= paces[i].least);
        expect_replayed(2);
    }
    CHECK(DeleteFileW(path));
}

/* Refused before anything is written: the region is not even created. */
static void expect_refusal(const void *bytes, size_t size, const char *words)
{
    HSHAREDMEM region = create(L"recordings untouched", 16, 0);
    raw_file_write(path, bytes, size);
    run_for(parent, L"--replay", L"--region \"recordings untouched\"");
    expect_complaint(1, "", "parent: cannot replay ");
    CHECK(strstr(output.error, words) != NULL);
    CHECK_EQUAL(query(region).version, 0);
    CHECK(CloseSharedMem(region));
    CHECK(DeleteFileW(path));
}

static void damaged_recordings_are_refused(void)
{
    static const char unfinished[] = ": it ends in the middle of a value (error 38)",
                      foreign[] = ": it is not a recording (error 11)",
                      damaged[] = ": a value does not follow the one before (error 13)";
    static const size_t cuts[] = {MAGIC_SIZE + 1,  MAGIC_SIZE + 31, MAGIC_SIZE + 32,
                                  MAGIC_SIZE + 35, MAGIC_SIZE + 37, MAGIC_SIZE + 71};
    unsigned char bytes[sizeof sound];
    size_t size = write_two(&sound, bytes);
    for (size_t i = 0; i < ARRAYSIZE(cuts); i++) {
        expect_refusal(bytes, cuts[i], unfinished);
    }
    expect_refusal("", 0, foreign);
    expect_refusal(bytes, MAGIC_SIZE - 1, foreign);
    bytes[0] ^= 1;
    expect_refusal(bytes, size, foreign);

    struct two two = sound;
    two.second.time = two.first.time - 1;
    expect_refusal(bytes, write_two(&two, bytes), damaged);
    two = sound;
    two.second.missed++;
    expect_refusal(bytes, write_two(&two, bytes), damaged);
    two = sound;
    two.first.version = 0;
    two.first.missed = MAXULONGLONG;
    expect_refusal(bytes, write_two(&two, bytes), damaged);
    two = sound;
    two.first.size = MAXULONGLONG;
    expect_refusal(bytes, write_two(&two, bytes), unfinished);
    two = sound;
    two.first.size = 3; /* the second entry is then read a byte too early */
    expect_refusal(bytes, write_two(&two, bytes), unfinished);
}

static void what_does_not_fit_is_refused(void)
{
    unsigned char bytes[sizeof sound];
    HSHAREDMEM region = create(L"recordings small", 3, 0);
    raw_file_write(path, bytes, write_two(&sound, bytes));
    run_for(parent, L"--replay", L"--region \"recordings small\"");
    expect_complaint(1, "", "the region has no room for the values of ");
    CHECK_EQUAL(query(region).version, 0);
    CHECK(CloseSharedMem(region));
    CHECK(DeleteFileW(path));
    run_for(parent, L"--replay", L"");
    expect_complaint(1, "", "parent: cannot replay ");
    CHECK(strstr(output.error, "(error 2)") != NULL);
    run_for(child, L"--record", L"--region \"recordings missing\"");
    expect_complaint(1, "", "cannot open the region recordings missing");
    CHECK(GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES);
}

static void misuses_are_refused(void)
{
    static const struct {
        const WCHAR *program, *arguments;
        const char *words;
    } misuses[] = {
        {child, L"--record", "a path must follow --record"},
        {child, L"--record a --watch", "do not go together"},
        {child, L"--record a --top", "do not go together"},
        {child, L"--record a --count 0", "a number from 1 on must follow --count"},
        {child, L"--record a --region b --file c", "--region and --file do not go together"},
        {parent, L"--replay", "a path must follow --replay"},
        {parent, L"--replay a --text b", "--text and --replay do not go together"},
        {parent, L"--replay a --flush", "--flush goes with --file"},
        {parent, L"--replay a --region b --file c", "--region and --file do not go together"},
        {parent, L"--replay a cmd", "with --replay, no child is started: cmd"},
        {parent, L"--speed 2", "--speed goes with --replay"},
        {parent, L"--replay a --speed", "a number above 0 must follow --speed"},
        {parent, L"--replay a --speed 0", "a number above 0 must follow --speed"},
        {parent, L"--replay a --speed -1", "a number above 0 must follow --speed"},
        {parent, L"--replay a --speed 2x", "a number above 0 must follow --speed"},
        {parent, L"--replay a --speed nan", "a number above 0 must follow --speed"},
        {parent, L"--replay a --speed 1e999", "a number above 0 must follow --speed"},
    };
    for (size_t i = 0; i < ARRAYSIZE(misuses); i++) {
        expect_usage_complaint(misuses[i].program, misuses[i].arguments, misuses[i].words);
    }
}

int main(void)
{
    check_deadline(80);
    process_sibling(L"parent.exe", parent);
    process_sibling(L"child.exe", child);
    raw_file_fresh(L"recordings.recording", path);

    a_round_trip_is_exact();
    what_is_missed_is_counted();
    a_count_ends_it();
    a_text_comes_back();
    a_file_comes_back();
    a_pace_is_kept();
    damaged_recordings_are_refused();
    what_does_not_fit_is_refused();
    misuses_are_refused();
    return check_passed();
}
