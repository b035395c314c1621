/*
 * Writers that are ended in the middle of a write, process or thread: nothing is lost, nobody
 * waits.
 */
#include "by_hand.h"
#include "check.h"
#include "process.h"
#include "record.h"
#include "stopwatch.h"

#include "layout.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* What the write after a death takes at most: where the machine has time for it, and anyway. */
#define PROMPT_MS 100.0
#define MOST_MS 1000.0

enum {
    PROCESSES = 200,
    THREADS = 400,
    VICTIM = 1,
    SURVIVOR = 2,
};

/* The section by hand, to see whether a victim died inside the lock. */
static const struct layout_control *control;
static unsigned died_inside;
static unsigned late_writes; /* that took more than PROMPT_MS */

static void read_record(struct record_log *log)
{
    WCHAR text[RECORD_CCH];
    GetSharedMem(text, RECORD_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    record_check(log, text);
}

/* What must be true whenever a writer has just died. */
static void check_aftermath(void)
{
    static struct record_log log;
    static uint64_t survivor_count;
    static WCHAR text[RECORD_CCH], present[RECORD_CCH];

    log.next[VICTIM] = 0; /* each victim counts from 0 */
    died_inside += control->writer != 0;
    read_record(&log);

    record_make(text, SURVIVOR, ++survivor_count);
    LONGLONG start = stopwatch_start();
    SetSharedMem(text);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    double taken_ms = stopwatch_milliseconds(start);
    CHECK(taken_ms < MOST_MS);
    late_writes += taken_ms >= PROMPT_MS;

    GetSharedMem(present, RECORD_CCH);
    CHECK(wcscmp(present, text) == 0);
    CHECK_EQUAL(control->writer, 0);
    CHECK_EQUAL(control->sequence % 2, 0);
}

static DWORD WINAPI write_for_ever(void *unused)
{
    static WCHAR text[RECORD_CCH];
    (void)unused;
    for (uint64_t count = 0; count < UINT64_MAX; count++) { /* until it is killed */
        record_make(text, VICTIM, count);
        for (int i = 0; i < 20; i++) { /* rather die in the DLL than in here */
            SetSharedMem(text);
        }
    }
    return 0;
}

static void wait_for_victim(void)
{
    WCHAR text[RECORD_CCH];
    unsigned writer;
    uint64_t count;
    do {
        GetSharedMem(text, RECORD_CCH);
        CHECK(record_parse(text, &writer, &count));
    } while (writer != VICTIM);
}

static void pause_at_random(void)
{
    for (volatile int spin = rand() % 20000; spin > 0; spin--) {
    }
}

static void killed_processes(void)
{
    died_inside = 0;
    for (unsigned round = 0; round < PROCESSES; round++) {
        HANDLE victim = process_start_self(L"victim");
        wait_for_victim();
        pause_at_random();
        process_kill(victim);
        check_aftermath();
    }
    printf("%d processes killed, %u inside the lock\n", PROCESSES, died_inside);
    CHECK(died_inside > 0); /* or this has shown nothing */
}

static void killed_threads(void)
{
    died_inside = 0;
    for (unsigned round = 0; round < THREADS; round++) {
        HANDLE victim = CreateThread(NULL, 65536, write_for_ever, NULL, 0, NULL);
        CHECK(victim != NULL);
        wait_for_victim();
        pause_at_random();
        CHECK(TerminateThread(victim, 1));
        CHECK(WaitForSingleObject(victim, INFINITE) == WAIT_OBJECT_0);
        check_aftermath(); /* its thread object still there */
        CloseHandle(victim);
    }
    printf("%d threads killed, %u inside the lock\n", THREADS, died_inside);
    CHECK(died_inside > 0);
}

int main(int argc, char **argv)
{
    check_deadline(120);
    if (argc > 1) {
        CHECK(strcmp(argv[1], "victim") == 0);
        return (int)write_for_ever(NULL);
    }
    WCHAR text[RECORD_CCH];
    record_make(text, SURVIVOR, 0);
    SetSharedMem(text);
    struct by_hand section = by_hand_open(SHARED_MEM_TEXT_NAME, FILE_MAP_READ);
    control = by_hand_control(&section);
    killed_threads();
    killed_processes();
    printf("%u writes took more than %.0f ms\n", late_writes, PROMPT_MS);
    CHECK(late_writes <= (PROCESSES + THREADS) / 100);
    return check_passed();
}
