/*
 * A writer that is suspended in the middle of a write: readers go on unharmed, other writers are
 * told ERROR_TIMEOUT in due time, and when it is resumed everything is whole. In the text and in a
 * named region at the same time.
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

#define REGION L"sharedmem-test-suspend"

#define TIMEOUT_MS 5000.0 /* the stated one */
#define TICK_MS 20.0      /* of the clock */
#define SLACK_MS 2000.0   /* how late a loaded machine may be */

enum {
    ROUND_SECONDS = 8,
    VICTIM = 1,
    CONTENDER = 2,
};

struct place {
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

static HSHAREDMEM open_region(void)
{
    HSHAREDMEM region = OpenSharedMem(REGION, CHECKED_TEXT_CCH * sizeof(WCHAR), 0, NULL);
    CHECK(region != NULL);
    return region;
}

/* write text|region */
static int write_for_ever(char **arguments)
{
    CHECK(arguments[0] != NULL);
    HSHAREDMEM region = strcmp(arguments[0], "text") == 0 ? SHARED_MEM_TEXT : open_region();
    for (uint64_t count = 0; count < UINT64_MAX; count++) { /* until it is killed */
        write_record(region, VICTIM, count);
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

static DWORD contend(const struct place *place, ULONGLONG version, bool replaces)
{
    BOOL written = replaces ? ReplaceSharedMem(place->region, L"x", sizeof L"x", &version)
                            : WriteSharedMem(place->region, L"x", sizeof L"x", NULL);
    return written ? ERROR_SUCCESS : GetLastError();
}

struct contender {
    const struct place *place;
    ULONGLONG version;
    bool replaces;
};

static void give_up_in_time(void *argument)
{
    const struct contender *self = argument;
    LONGLONG start = stopwatch_start();
    CHECK_EQUAL(contend(self->place, self->version, self->replaces), ERROR_TIMEOUT);
    double taken = stopwatch_milliseconds(start);
    CHECK(taken >= TIMEOUT_MS - TICK_MS && taken < TIMEOUT_MS + SLACK_MS);
}

static void set_in_time(void *unused)
{
    (void)unused;
    LONGLONG start = stopwatch_start();
    SetSharedMem(L"x");
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(stopwatch_milliseconds(start) >= TIMEOUT_MS - TICK_MS);
}

static void play(struct place *place)
{
    bool is_text = place->region == SHARED_MEM_TEXT;
    write_record(place->region, CONTENDER, ++place->count);
    HANDLE victim = process_start_self(is_text ? L"write text" : L"write region");
    while (place->log.next[VICTIM] == 0) {
        read_record(place);
    }

    uint64_t owner;
    HANDLE suspended = suspend_writer(place, &owner);
    ULONGLONG version = read_record(place);
    struct contender contenders[] = {{place, version, false}, {place, version, true}};
    thread threads[] = {thread_start(give_up_in_time, &contenders[0]),
                        thread_start(give_up_in_time, &contenders[1]),
                        is_text ? thread_start(set_in_time, NULL) : NULL};
    for (LONGLONG start = stopwatch_start(); stopwatch_milliseconds(start) < TIMEOUT_MS;) {
        CHECK(read_record(place) == version); /* no other writer gets in meanwhile */
        CHECK(place->control->lock.owner == owner);
    }
    CHECK(!WaitSharedMem(place->region, version, 1));
    for (size_t i = 0; i < ARRAYSIZE(threads) && threads[i] != NULL; i++) {
        thread_join(threads[i]);
    }
    CHECK(read_record(place) == version);
    CHECK(place->control->lock.owner == owner);

    CHECK(ResumeThread(suspended) != (DWORD)-1);
    CloseHandle(suspended);
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

static void play_text(void *place)
{
    play(place);
}

static const struct role roles[] = {{"write", write_for_ever}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    check_deadline(30 + rounds * ROUND_SECONDS);
    struct raw_section text_section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_READ);
    struct place text = {.region = SHARED_MEM_TEXT, .control = raw_section_control(&text_section)};
    struct place region = {.region = open_region()};
    struct raw_section section = raw_section_open(REGION, FILE_MAP_READ);
    region.control = raw_section_control(&section);
    for (unsigned round = 0; round < rounds; round++) {
        thread beside = thread_start(play_text, &text);
        play(&region);
        thread_join(beside);
    }
    printf("%u writers suspended inside the lock; %llu reads meanwhile, the longest %.1f ms\n",
           2 * rounds, (unsigned long long)(text.reads + region.reads),
           text.longest_read_ms > region.longest_read_ms ? text.longest_read_ms
                                                         : region.longest_read_ms);
    return check_passed();
}
