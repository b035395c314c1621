/* Loading and unloading: what the memory lives by, and that nothing stays behind. */
#include "check.h"
#include "library.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"

#include "layout.h"
#include "sharedmem.h"

#include <wchar.h>

#define GATE L"sharedmem-test-loader-gate"
#define CROWD 100

static DWORD next_tls_slot(void)
{
    DWORD slot = TlsAlloc();
    CHECK(slot != TLS_OUT_OF_INDEXES);
    TlsFree(slot);
    return slot;
}

static void loading_leaves_nothing_behind(void)
{
    enum { ROUNDS = 10000, WARM_UP = 100 };
    DWORD handles = 0;
    unsigned ranges = 0;
    DWORD slot = next_tls_slot();

    for (int round = 0; round < ROUNDS; round++) {
        struct library library = library_need(NULL);
        library.set(L"round");
        CHECK(library_has_text(&library, L"round"));
        if (round % 50 == 0) { /* a region, and the events of waiters, that are not closed */
            HSHAREDMEM region = library.open(L"sharedmem-test-loader", 100, 0, NULL);
            CHECK(region != NULL);
            CHECK(!library.wait(region, 0, 1));
            CHECK(!library.wait(SHARED_MEM_TEXT, 2, 1));
        }
        library_free(&library);
        if (round == WARM_UP) {
            handles = process_open_handles();
            ranges = process_used_ranges();
        }
    }
    CHECK_EQUAL(process_open_handles(), handles);
    CHECK_EQUAL(next_tls_slot(), slot);
    /* The heap and the system may come to need another one. */
    CHECK(process_used_ranges() <= ranges + 2);
}

/* What was borrowed and reserved goes with the DLL; the thread that has the lock lives. */
static void unloading_discards(void)
{
    enum { ROUNDS = 100, WARM_UP = 10 };
    static const WCHAR name[] = L"sharedmem-test-loader-reserve";
    struct raw_section section = {0};
    unsigned ranges = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct library library = library_need(NULL);
        HSHAREDMEM region = library.open(name, 100, 0, NULL);
        LPVOID data;
        LPCVOID lent;
        SIZE_T size;
        ULONGLONG version;
        CHECK(region != NULL && library.write(region, "value", 5, NULL));
        CHECK(library.borrow(region, &lent, &size, &version));
        CHECK(library.reserve(region, NULL, &data, &size));
        if (round == 0) {
            section = raw_section_open(name, FILE_MAP_READ);
        }
        const struct layout_control *control = raw_section_control(&section);
        CHECK(control->lock.owner != 0);
        library_free(&library);
        CHECK(control->lock.owner == 0);
        ranges = round == WARM_UP ? process_used_ranges() : ranges;
    }
    CHECK(process_used_ranges() <= ranges + 2);
    raw_section_close(&section);
}

/* Nor does what stands in for that which another program's section lacks. */
static void sharing_a_foreign_section_leaves_nothing_behind(void)
{
    enum { ROUNDS = 200, WARM_UP = 20 };
    struct raw_section section = raw_section_create(4096, NULL);
    DWORD handles = 0;
    unsigned ranges = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct library library = library_need(NULL);
        library.set(L"round");
        CHECK(!library.wait(SHARED_MEM_TEXT, 2, 1)); /* on an event without a name */
        library_free(&library);
        if (round == WARM_UP) {
            handles = process_open_handles();
            ranges = process_used_ranges();
        }
    }
    CHECK_EQUAL(process_open_handles(), handles);
    CHECK(process_used_ranges() <= ranges + 2);
    raw_section_close(&section);
}

static void copies_in_other_folders_share(void)
{
    WCHAR folder[MAX_PATH - 32], path[MAX_PATH], renamed[MAX_PATH], original[MAX_PATH];
    CHECK(GetTempPathW(ARRAYSIZE(folder), folder) > 0);
    swprintf(path, MAX_PATH, L"%lssharedmem-%lu.dll", folder, GetCurrentProcessId());
    swprintf(renamed, MAX_PATH, L"%lssharedmem-%lu.old", folder, GetCurrentProcessId());
    CHECK(CopyFileW(process_sibling(L"sharedmem.dll", original), path, FALSE));

    struct library here = library_need(NULL);
    struct library there = library_need(path);
    CHECK(here.module != there.module);
    here.set(L"from here");
    CHECK(library_has_text(&there, L"from here"));
    there.set(L"from there");
    CHECK(library_has_text(&here, L"from there"));

    CHECK(!DeleteFileW(path)); /* a loaded DLL is a mapped file */
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK(!CopyFileW(original, path, FALSE));
    CHECK_EQUAL(GetLastError(), ERROR_SHARING_VIOLATION);
    CHECK(MoveFileExW(path, renamed, 0)); /* but it can make room for another one */
    CHECK(CopyFileW(original, path, TRUE) && DeleteFileW(path));
    CHECK(!DeleteFileW(renamed));
    library_free(&there);
    CHECK(DeleteFileW(renamed));
    CHECK(library_has_text(&here, L"from there"));
    library_free(&here);
}

static void a_crowd_sees_one_text(void)
{
    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, GATE);
    HANDLE crowd[CROWD];
    CHECK(gate != NULL);

    struct library library = library_need(NULL);
    library.set(L"one text for all");
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = process_start_self(L"crowd");
    }
    CHECK(SetEvent(gate));
    for (int i = 0; i < CROWD; i++) {
        CHECK_EQUAL(process_finish(crowd[i]), 0);
    }
    library_free(&library);
    CloseHandle(gate);
}

static int be_one_of_a_crowd(char **arguments)
{
    (void)arguments;
    HANDLE gate = OpenEventW(SYNCHRONIZE, FALSE, GATE);
    CHECK(gate != NULL);
    CHECK(WaitForSingleObject(gate, INFINITE) == WAIT_OBJECT_0);
    struct library library = library_need(NULL);
    CHECK(library_has_text(&library, L"one text for all"));
    return 0;
}

/* Whatever has the name, the DLL loads; its calls say what is wrong, and work when it is free. */
static void a_taken_name_is_waited_out(void)
{
    HANDLE taken = CreateEventW(NULL, TRUE, FALSE, SHARED_MEM_TEXT_NAME);
    CHECK(taken != NULL && GetLastError() == ERROR_SUCCESS);
    struct library library = library_need(NULL);
    DWORD handles = 0;
    unsigned ranges = 0;
    for (int round = 0; round < 100; round++) {
        library_lacks_text(&library, ERROR_INVALID_HANDLE);
        if (round == 10) {
            handles = process_open_handles();
            ranges = process_used_ranges();
        }
    }
    CHECK_EQUAL(process_open_handles(), handles);
    CHECK(process_used_ranges() <= ranges + 2); /* as above */

    HSHAREDMEM region =
        library.open(L"sharedmem-test-loader", 100, 0, NULL); /* these need no text */
    CHECK(region != NULL);
    CHECK(library.write(region, "value", 5, NULL));
    CloseHandle(taken);
    library.set(L"free at last");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(library_has_text(&library, L"free at last"));
    CHECK(library.close(region));
    library_free(&library);
}

static void get_in_a_crowd(void *argument)
{
    CHECK(library_has_text(argument, L""));
}

/* Of the threads that find the name free, one attaches. */
static void threads_attach_once(void)
{
    enum { ROUNDS = 50, THREADS = 4 };
    DWORD handles = process_open_handles();
    for (int round = 0; round < ROUNDS; round++) {
        HANDLE taken = CreateEventW(NULL, TRUE, FALSE, SHARED_MEM_TEXT_NAME);
        struct library library = library_need(NULL);
        CloseHandle(taken);
        thread threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            threads[i] = thread_start(get_in_a_crowd, &library);
        }
        for (int i = 0; i < THREADS; i++) {
            thread_join(threads[i]);
        }
        library_free(&library);
    }
    CHECK(process_open_handles() < handles + ROUNDS / 2);
}

static void the_memory_lives_while_somebody_has_it(void)
{
    struct library library = library_need(NULL);
    library.set(L"as long as one holds it");
    process_check_role(L"find");
    library_free(&library);
    process_check_role(L"miss");

    /* A process that was ended at once releases it like any other. */
    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, GATE);
    CHECK(gate != NULL);
    HANDLE holder = process_start_self(L"hold");
    CHECK(WaitForSingleObject(gate, INFINITE) == WAIT_OBJECT_0);
    process_check_role(L"find");
    process_kill(holder);
    process_check_role(L"miss");
    CloseHandle(gate);
}

static void expect_text(const WCHAR *expected)
{
    struct library library = library_need(NULL);
    CHECK(library_has_text(&library, expected));
}

static int find(char **arguments)
{
    (void)arguments;
    expect_text(L"as long as one holds it");
    return 0;
}

static int miss(char **arguments)
{
    (void)arguments;
    expect_text(L"");
    return 0;
}

static int hold(char **arguments)
{
    (void)arguments;
    HANDLE gate = OpenEventW(EVENT_MODIFY_STATE, FALSE, GATE);
    struct library library = library_need(NULL);
    library.set(L"as long as one holds it");
    CHECK(SetEvent(gate));
    Sleep(INFINITE);
    return 0;
}

static const struct role roles[] = {
    {"crowd", be_one_of_a_crowd},
    {"find", find},
    {"miss", miss},
    {"hold", hold},
};

int main(int argc, char **argv)
{
    check_deadline(280);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    a_taken_name_is_waited_out();
    threads_attach_once();
    sharing_a_foreign_section_leaves_nothing_behind();
    the_memory_lives_while_somebody_has_it();
    copies_in_other_folders_share();
    a_crowd_sees_one_text();
    unloading_discards();
    loading_leaves_nothing_behind();
    return check_passed();
}
