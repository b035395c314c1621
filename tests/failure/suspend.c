/*
 * A writer that is suspended in the middle of a write: readers go on unharmed, other writers are
 * told ERROR_TIMEOUT in due time, and when it is resumed everything is whole. In the text, in a
 * named region, and in one that the writer has reserved, at the same time.
 *
 *     suspend [ROUNDS]
 */
#include "check.h"
#include "checked_text.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "stopwatch.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define TIMEOUT_MS 5000.0 /* the stated one */
#define TICK_MS 20.0      /* of the clock */
#define SLACK_MS 2000.0   /* how late a loaded machine may be */

enum {
    ROUND_SECONDS = 8,
    RESERVED_MS = 5, /* longer than all else that a victim does */
    VICTIM = 1,
    CONTENDER = 2,
};

struct place {
    const char *kind; /* how the victim writes: text, region or reserve */
    HSHAREDMEM region;
    const struct layout_control *control;
    struct checked_text_log log;
    uint64_t reads, count;
    double longest_read_ms;
};

static void write_record(HSHAREDMEM region, unsigned writer, uint64_t count)
{
    WCHAR text[CHECKED_TEXT_CCH];
    SIZE_T size = (checked_text_make(text, writer, count) + 1) * sizeof *text;
    CHECK(WriteSharedMem(region, text, size, NULL));
}

static void write_in_place(HSHAREDMEM region, unsigned writer, uint64_t count)
{
    LPVOID data;
    SIZE_T room;
    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    SIZE_T size = (checked_text_make(data, writer, count) + 1) * sizeof(WCHAR);
    Sleep(RESERVED_MS);
    CHECK(PublishSharedMem(region, size, NULL));
}

static const WCHAR *section_name(const char *kind)
{
    return strcmp(kind, "text") == 0     ? SHARED_MEM_TEXT_NAME
           : strcmp(kind, "region") == 0 ? L"sharedmem-test-suspend"
                                         : L"sharedmem-test-suspend-reserve";
}

static HSHAREDMEM open_region(const char *kind)
{
    if (strcmp(kind, "text") == 0) {
        return SHARED_MEM_TEXT;
    }
    HSHAREDMEM region =
        OpenSharedMem(section_name(kind), CHECKED_TEXT_CCH * sizeof(WCHAR), 0, NULL);
    CHECK(region != NULL);
    return region;
}

/* write KIND */
static int write_for_ever(char **arguments)
{
    CHECK(arguments[0] != NULL);
    HSHAREDMEM region = open_region(arguments[0]);
    bool in_place = strcmp(arguments[0], "reserve") == 0;
    for (uint64_t count = 0; count < UINT64_MAX; count++) { /* until it is killed */
        (in_place ? write_in_place : write_record)(region, VICTIM, count);
    }
    return 0;
}

static ULONGLONG read_record(struct place *place)
{
    WCHAR text[CHECKED_TEXT_CCH];
    SIZE_T size = sizeof text;
    ULONGLONG version;
    LONGLONG start = stopwatch_start();
    CHECK(ReadSharedMem(place->region, text, &size, &version));
    double taken = stopwatch_milliseconds(start);
    place->longest_read_ms = taken > place->longest_read_ms ? taken : place->longest_read_ms;
    place->reads++;
    checked_text_check(&place->log, text);
    return version;
}

/* Waits until some thread has the lock, and suspends it there. */
static HANDLE suspend_writer(const struct place *place, uint64_t *owner)
{
    const volatile uint64_t *writer = &place->control->lock.owner;
    for (;;) {
        *owner = *writer;
        HANDLE victim = *owner == 0 ? NULL
                                    : OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE,
                                                 (DWORD)*owner);
        if (victim != NULL) {
            CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
            CHECK(SuspendThread(victim) != (DWORD)-1);
            CHECK(GetThreadContext(victim, &context)); /* suspending takes effect by then */
            if (*writer == *owner) {
                return victim;
            }
            ResumeThread(victim);
            CloseHandle(victim);
        }
        Sleep(1);
    }
}

struct contender {
    const struct place *place;
    ULONGLONG version;
    enum { WRITE, REPLACE, RESERVE, SET } function;
};

static DWORD contend(const struct contender *self)
{
    HSHAREDMEM region = self->place->region;
    ULONGLONG version = self->version;
    LPVOID data;
    SIZE_T room;
    BOOL done = FALSE;
    switch (self->function) {
    case WRITE:
        done = WriteSharedMem(region, L"x", sizeof L"x", NULL);
        break;
    case REPLACE:
        done = ReplaceSharedMem(region, L"x", sizeof L"x", &version);
        break;
    case RESERVE:
        done = ReserveSharedMem(region, NULL, &data, &room);
        break;
    case SET:
        SetSharedMem(L"x");
        break;
    }
    return done ? ERROR_SUCCESS : GetLastError();
}

static void give_up_in_time(void *argument)
{
    const struct contender *self = argument;
    LONGLONG start = stopwatch_start();
    CHECK_EQUAL(contend(self), ERROR_TIMEOUT);
    double taken = stopwatch_milliseconds(start);
    CHECK(taken >= TIMEOUT_MS - TICK_MS && taken < TIMEOUT_MS + SLACK_MS);
}

static void play(void *argument)
{
    struct place *place = argument;
    WCHAR role[32];
    swprintf(role, ARRAYSIZE(role), L"write %hs", place->kind);
    write_record(place->region, CONTENDER, ++place->count);
    HANDLE victim = process_start_self(role);
    while (place->log.next[VICTIM] == 0) {
        read_record(place);
    }

    uint64_t owner;
    HANDLE suspended = suspend_writer(place, &owner);
    ULONGLONG version = read_record(place);
    struct contender contenders[] = {
        {place, version, WRITE},
        {place, version, REPLACE},
        {place, version, place->region == SHARED_MEM_TEXT ? SET : RESERVE},
    };
    thread threads[ARRAYSIZE(contenders)];
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        threads[i] = thread_start(give_up_in_time, &contenders[i]);
    }
    for (LONGLONG start = stopwatch_start(); stopwatch_milliseconds(start) < TIMEOUT_MS;) {
        CHECK(read_record(place) == version); /* no other writer gets in meanwhile */
        CHECK(place->control->lock.owner == owner);
    }
    CHECK(!WaitSharedMem(place->region, version, 1));
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        thread_join(threads[i]);
    }
    CHECK(read_record(place) == version);
    CHECK(place->control->lock.owner == owner);

    CHECK(ResumeThread(suspended) != (DWORD)-1);
    CloseHandle(suspended);
    CHECK(WaitSharedMem(place->region, version, (DWORD)SLACK_MS));
    write_record(place->region, CONTENDER, ++place->count);
    for (uint64_t last = place->log.next[VICTIM]; place->log.next[VICTIM] < last + 10;) {
        read_record(place); /* whole ones, of which the victim writes more */
    }
    process_kill(victim);
    write_record(place->region, CONTENDER, ++place->count);
    read_record(place);
    CHECK(place->log.next[CONTENDER] == place->count + 1);
    place->log.next[VICTIM] = 0; /* the next one counts from 0 */
}

static const struct role roles[] = {{"write", write_for_ever}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    check_deadline(30 + rounds * ROUND_SECONDS);
    struct place places[] = {{.kind = "text"}, {.kind = "region"}, {.kind = "reserve"}};
    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        places[i].region = open_region(places[i].kind);
        struct raw_section section = raw_section_open(section_name(places[i].kind), FILE_MAP_READ);
        places[i].control = raw_section_control(&section);
    }
    for (unsigned round = 0; round < rounds; round++) {
        thread players[ARRAYSIZE(places)];
        for (size_t i = 0; i < ARRAYSIZE(places); i++) {
            players[i] = thread_start(play, &places[i]);
        }
        for (size_t i = 0; i < ARRAYSIZE(places); i++) {
            thread_join(players[i]);
        }
    }
    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        printf("%s: %u writers suspended inside the lock; %llu reads meanwhile, the longest "
               "%.1f ms\n",
               places[i].kind, rounds, (unsigned long long)places[i].reads,
               places[i].longest_read_ms);
    }
    return check_passed();
}
