/*
 * Writers, replacers, readers and waiters, all at once and without a pause, of whom any may be
 * killed at any moment and is succeeded by another: every value read is whole, none is older than
 * one read before, no write is lost or made twice, and nobody is kept out.
 *
 *     storm text|NAME [SECONDS [PROCESSES [FOLDER]]]    with every other player from that folder
 */
#include "check.h"
#include "game.h"
#include "process.h"
#include "record.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define GAME L"sharedmem-test-storm-game"

enum {
    SECONDS = 4,    /* for how long, */
    PROCESSES = 8,  /* and among how many, unless an argument says */
    KILL_MS = 60,   /* from one kill to the next, at most */
    LIFE_BITS = 24, /* of a writer's count, below the number of the process that counts */
};

static const char *name;
static HSHAREDMEM region;
static unsigned number; /* of the player */
static uint64_t life;   /* how many players had that number before */

static bool is_text(void)
{
    return region == SHARED_MEM_TEXT;
}

static const WCHAR *region_name(void)
{
    static WCHAR wide[64];
    mbstowcs(wide, name, ARRAYSIZE(wide));
    return wide;
}

static LONGLONG start;

static void count_call(enum game_number calls, enum game_number longest)
{
    game_add(calls, 1);
    game_maximum(longest, (LONGLONG)(stopwatch_milliseconds(start) * 1000));
}

/*
 * When each of the latest versions came to be, as far as its writer lived to tell: for waiters, who
 * come to know how long it took them to notice. In a region of the system, not of ours.
 */

enum { BIRTHS = 65536 };

static volatile LONGLONG *births; /* the version's low half, and below it the time, in ms */

static void open_births(void)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        BIRTHS * sizeof *births, GAME L"-births");
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

/* The players. */

static ULONGLONG step(void)
{
    return is_text() ? 2 : 1;
}

static int write_records(void)
{
    WCHAR text[RECORD_CCH];
    ULONGLONG version;
    for (uint64_t count = life << LIFE_BITS; !game_is_over(); count++) {
        SIZE_T size = (record_make(text, number, count) + 1) * sizeof *text;
        start = stopwatch_start();
        if (is_text() && count % 2 != 0) { /* does not tell its version */
            SetSharedMem(text);
            CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
        } else {
            CHECK(WriteSharedMem(region, text, size, &version));
            note_birth(version);
        }
        count_call(GAME_WRITES, GAME_LONGEST_WRITE_US);
        if (count % 64 == 0) {
            Sleep(1); /* now and then, waiters have something to wait for */
        }
    }
    return 0;
}

static int replace_records(void)
{
    WCHAR text[RECORD_CCH];
    ULONGLONG version = 0;
    for (uint64_t count = life << LIFE_BITS; !game_is_over(); count++) {
        SIZE_T size = (record_make(text, number, count) + 1) * sizeof *text;
        start = stopwatch_start();
        while (!ReplaceSharedMem(region, text, size, &version)) {
            CHECK_EQUAL(GetLastError(), ERROR_REVISION_MISMATCH);
        }
        note_birth(version);
        count_call(GAME_WRITES, GAME_LONGEST_WRITE_US);
    }
    return 0;
}

static ULONGLONG last_version;
static WCHAR last_text[RECORD_CCH];
static struct record_log seen;

/* Versions never go backwards, nor do they belong to two values. */
static void read_record(HSHAREDMEM from)
{
    WCHAR text[RECORD_CCH];
    SIZE_T size = sizeof text;
    ULONGLONG version;
    start = stopwatch_start();
    CHECK(ReadSharedMem(from, text, &size, &version));
    count_call(GAME_READS, GAME_LONGEST_READ_US);
    record_check(&seen, text);
    CHECK(version >= last_version);
    CHECK(version > last_version || wcscmp(text, last_text) == 0);
    last_version = version;
    wcscpy(last_text, text);
}

static void read_text(void)
{
    WCHAR text[RECORD_CCH];
    start = stopwatch_start();
    GetSharedMem(text, RECORD_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    count_call(GAME_READS, GAME_LONGEST_READ_US);
    record_check(&seen, text);
}

/* Every other reader's handle is for reading only. */
static HSHAREDMEM reading_handle(void)
{
    if (is_text() || life % 2 == 0) {
        return region;
    }
    HSHAREDMEM read_only = OpenSharedMem(region_name(), 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(read_only != NULL);
    return read_only;
}

static int read_records(void)
{
    HSHAREDMEM from = reading_handle();
    while (!game_is_over()) {
        read_record(from);
        if (is_text()) {
            read_text();
        }
    }
    return 0;
}

static int wait_for_records(void)
{
    HSHAREDMEM from = reading_handle();
    while (!game_is_over()) {
        read_record(from);
        if (WaitSharedMem(from, last_version, 1000)) {
            game_add(GAME_WAITS, 1);
            game_maximum(GAME_LONGEST_WAIT_US,
                         milliseconds_since_birth(last_version + step()) * 1000ll);
        } else {
            CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
        }
    }
    return 0;
}

static const struct game_role roles[] = {
    {"write", write_records},
    {"read", read_records},
    {"wait", wait_for_records},
    {"replace", replace_records},
};

/* The game. */

static bool is_writer(unsigned player)
{
    int (*role)(void) = roles[player % ARRAYSIZE(roles)].play;
    return role == write_records || role == replace_records;
}

static HANDLE start_player(const char *folder, unsigned player, unsigned lives)
{
    WCHAR arguments[128];
    swprintf(arguments, ARRAYSIZE(arguments), L"%hs play %hs %u %u", name,
             roles[player % ARRAYSIZE(roles)].name, player, lives);
    /* Of two with one role, the one comes from the folder. */
    return game_start_player(folder, player / ARRAYSIZE(roles) + player, arguments);
}

static ULONGLONG present_version(void)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    return info.version;
}

static void play(unsigned seconds, unsigned players, const char *folder)
{
    HANDLE processes[RECORD_WRITERS];
    unsigned lives[RECORD_WRITERS] = {0};
    unsigned kills = 0, writers_killed = 0;
    WCHAR text[RECORD_CCH];

    CHECK(players >= 2 && players <= RECORD_WRITERS);
    SIZE_T size = (record_make(text, 0, 0) + 1) * sizeof *text;
    CHECK(WriteSharedMem(region, text, size, NULL)); /* what the first readers find */
    ULONGLONG first = present_version();

    for (unsigned i = 0; i < players; i++) {
        processes[i] = start_player(folder, i, ++lives[i]);
    }
    ULONGLONG end = GetTickCount64() + seconds * 1000ull;
    while (GetTickCount64() < end) {
        Sleep((DWORD)rand() % KILL_MS);
        unsigned victim = (unsigned)rand() % players;
        CHECK(WaitForSingleObject(processes[victim], 0) == WAIT_TIMEOUT); /* or it has failed */
        process_kill(processes[victim]);
        kills++;
        writers_killed += is_writer(victim);
        processes[victim] = start_player(folder, victim, ++lives[victim]);
    }
    game_end(0);
    for (unsigned i = 0; i < players; i++) {
        CHECK_EQUAL(process_finish(processes[i]), 0);
    }

    LONGLONG writes = game_get(GAME_WRITES);
    LONGLONG versions = (LONGLONG)((present_version() - first) / step());
    CHECK(versions >= writes && versions <= writes + writers_killed);
    printf("%s, %u players, %u s: %lld values written, %lld read, none torn, none backwards, %lld "
           "waits\n",
           name, players, seconds, writes, game_get(GAME_READS), game_get(GAME_WAITS));
    printf("longest write %.1f ms, read %.1f ms, wake-up %.0f ms; %u players killed\n",
           game_get_milliseconds(GAME_LONGEST_WRITE_US),
           game_get_milliseconds(GAME_LONGEST_READ_US), game_get_milliseconds(GAME_LONGEST_WAIT_US),
           kills);
    CHECK(writes > 100 && game_get(GAME_READS) > 100 && kills > 0);
}

int main(int argc, char **argv)
{
    CHECK(argc > 1);
    name = argv[1];
    bool plays = argc > 2 && strcmp(argv[2], "play") == 0;
    unsigned seconds = argc > 2 && !plays ? (unsigned)atoi(argv[2]) : SECONDS;
    check_deadline(plays ? INFINITE / 1000 : seconds + 60);
    game_join(GAME);
    open_births();
    region = SHARED_MEM_TEXT;
    if (strcmp(name, "text") != 0) {
        region = OpenSharedMem(region_name(), RECORD_CCH * sizeof(WCHAR), 0, NULL);
        CHECK(region != NULL);
    }
    if (plays) {
        CHECK(argc == 6);
        number = (unsigned)atoi(argv[4]);
        life = (uint64_t)atoi(argv[5]);
        return game_play(argv[3], roles, ARRAYSIZE(roles));
    }
    play(seconds, argc > 3 ? (unsigned)atoi(argv[3]) : PROCESSES, argc > 4 ? argv[4] : NULL);
    return check_passed();
}
