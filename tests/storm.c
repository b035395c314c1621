/*
 * Writers that never pause and readers that never pause: every value read is whole, and none is old.
 * On the text through the classic functions, or on the region that the first argument names.
 */
#include "check.h"
#include "process.h"
#include "record.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define GATE L"sharedmem-test-storm-gate"

static HSHAREDMEM region; /* NULL: the classic functions */
static WCHAR region_name[64];

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

static void store(const WCHAR *text, size_t cch)
{
    if (region != NULL) {
        CHECK(WriteSharedMem(region, text, (cch + 1) * sizeof *text, NULL));
    } else {
        SetSharedMem(text);
        CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    }
}

/* Versions never go backwards, either, nor do they belong to two values. */
static void load(HSHAREDMEM handle, WCHAR text[RECORD_CCH])
{
    static ULONGLONG last_version;
    static WCHAR last_text[RECORD_CCH];
    if (handle == NULL) {
        GetSharedMem(text, RECORD_CCH);
        CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
        return;
    }
    SIZE_T size = RECORD_CCH * sizeof *text;
    ULONGLONG version;
    CHECK(ReadSharedMem(handle, text, &size, &version));
    CHECK(version >= last_version);
    CHECK(version > last_version || wcscmp(text, last_text) == 0);
    last_version = version;
    wcscpy(last_text, text);
}

static int write_records(unsigned writer)
{
    WCHAR text[RECORD_CCH];
    wait_for_start();
    ULONGLONG end = GetTickCount64() + STORM_MS;
    uint64_t count = 0;
    for (; GetTickCount64() < end; count++) {
        store(text, record_make(text, writer, count));
    }
    printf("writer %u: %llu texts\n", writer, (unsigned long long)count);
    return 0;
}

static int read_records(unsigned reader)
{
    WCHAR text[RECORD_CCH];
    struct record_log log = {0};
    HSHAREDMEM source = region; /* every other reader's handle is for reading only */
    if (region != NULL && reader % 2 != 0) {
        source = OpenSharedMem(region_name, 0, SHARED_MEM_READ_ONLY, NULL);
        CHECK(source != NULL);
    }
    wait_for_start();
    ULONGLONG end = GetTickCount64() + STORM_MS;
    while (GetTickCount64() < end) {
        load(source, text);
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
    CHECK(argc == 2 || argc == 4);
    if (strcmp(argv[1], "text") != 0) {
        mbstowcs(region_name, argv[1], ARRAYSIZE(region_name));
        region = OpenSharedMem(region_name, RECORD_CCH * sizeof(WCHAR), 0, NULL);
        CHECK(region != NULL);
    }
    if (argc == 4) {
        unsigned number = (unsigned)atoi(argv[3]);
        return strcmp(argv[2], "write") == 0 ? write_records(number) : read_records(number);
    }

    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, GATE);
    CHECK(gate != NULL);
    WCHAR text[RECORD_CCH];
    store(text, record_make(text, 0, 0)); /* what the first readers find */

    HANDLE players[WRITERS + READERS];
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        WCHAR role[64];
        swprintf(role, ARRAYSIZE(role), L"%hs %ls %u", argv[1], i < WRITERS ? L"write" : L"read",
                 i);
        players[i] = process_start_self(role);
    }
    Sleep(200); /* let them come to the gate; who comes later starts at once */
    CHECK(SetEvent(gate));
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        CHECK_EQUAL(process_finish(players[i]), 0);
    }
    return check_passed();
}
