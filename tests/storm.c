/*
 * Writers that never pause and readers that never pause: every text read is whole, and none is old.
 */
#include "check.h"
#include "process.h"
#include "record.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GATE L"sharedmem-test-storm-gate"

enum {
    WRITERS = 2,
    READERS = 2,
    STORM_MS = 4000,
};

static void wait_for_start(void)
{
    HANDLE gate = OpenEventW(SYNCHRONIZE, FALSE, GATE);
    CHECK(gate != NULL);
    CHECK(WaitForSingleObject(gate, INFINITE) == WAIT_OBJECT_0);
    CloseHandle(gate);
}

static int write_records(unsigned writer)
{
    WCHAR text[RECORD_CCH];
    wait_for_start();
    ULONGLONG end = GetTickCount64() + STORM_MS;
    uint64_t count = 0;
    for (; GetTickCount64() < end; count++) {
        record_make(text, writer, count);
        SetSharedMem(text);
        CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    }
    printf("writer %u: %llu texts\n", writer, (unsigned long long)count);
    return 0;
}

static int read_records(unsigned reader)
{
    WCHAR text[RECORD_CCH];
    struct record_log log = {0};
    wait_for_start();
    ULONGLONG end = GetTickCount64() + STORM_MS;
    while (GetTickCount64() < end) {
        GetSharedMem(text, RECORD_CCH);
        CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
        record_check(&log, text);
    }
    printf("reader %u: %llu texts\n", reader, (unsigned long long)log.reads);
    CHECK(log.reads > 100);
    for (unsigned writer = 0; writer < WRITERS; writer++) {
        CHECK(log.next[writer] > 1); /* nobody was kept out */
    }
    return 0;
}

int main(int argc, char **argv)
{
    check_deadline(60);
    if (argc > 2) {
        unsigned number = (unsigned)atoi(argv[2]);
        return strcmp(argv[1], "write") == 0 ? write_records(number) : read_records(number);
    }

    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, GATE);
    CHECK(gate != NULL);
    WCHAR text[RECORD_CCH];
    record_make(text, 0, 0); /* what the first readers find */
    SetSharedMem(text);

    HANDLE players[WRITERS + READERS];
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        WCHAR role[32];
        swprintf(role, ARRAYSIZE(role), i < WRITERS ? L"write %u" : L"read %u", i);
        players[i] = process_start_self(role);
    }
    Sleep(200); /* let them come to the gate; who comes later starts at once */
    CHECK(SetEvent(gate));
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        CHECK_EQUAL(process_finish(players[i]), 0);
    }
    return check_passed();
}
