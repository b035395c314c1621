/*
 * FreeLibrary and the end of the process while events are open: the DLL stays until the last of
 * them is closed, and no longer.
 */
#include "check.h"
#include "library.h"
#include "process.h"
#include "roles.h"
#include "thread.h"

#define NAME L"sharedmem-test-event-unload"

enum {
    SOON_MS = 10000,
    UNLOADS = 300,
    CLOSINGS = 2000, /* of each thread */
    THREADS = 3,
};

static struct library library;

static bool is_loaded(void)
{
    return GetModuleHandleW(L"sharedmem.dll") != NULL;
}

static HSHAREDMEM open_region(void)
{
    HSHAREDMEM region = library.open(NAME, 8, 0, NULL);
    CHECK(region != NULL);
    return region;
}

static HANDLE open_and_arm(HSHAREDMEM region)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    HANDLE event = library.open_event(region);
    CHECK(event != NULL && library.query(region, &info));
    CHECK(library.arm_event(region, event, info.version));
    return event;
}

static int write_once(char **arguments)
{
    (void)arguments;
    library = library_need(NULL);
    CHECK(library.write(open_region(), "w", 1, NULL));
    library.set(L"w");
    return GetLastError() == ERROR_SUCCESS ? 0 : 1;
}

/* Events work on when the program has freed the DLL, and can be closed once it has loaded it. */
static void an_event_keeps_the_dll(void)
{
    library = library_need(NULL);
    HSHAREDMEM region = open_region();
    HANDLE events[] = {open_and_arm(region), open_and_arm(SHARED_MEM_TEXT)};
    library_free(&library);
    CHECK(is_loaded());
    Sleep(600); /* the timer looks */
    CHECK_EQUAL(WaitForMultipleObjects(2, events, FALSE, 0), WAIT_TIMEOUT);
    process_check_role(L"write");
    CHECK_EQUAL(WaitForMultipleObjects(2, events, TRUE, SOON_MS), WAIT_OBJECT_0);

    library = library_need(NULL);
    CHECK(library.close(region));
    library_free(&library);
    CHECK(is_loaded());
    library = library_need(NULL);
    CHECK(library.close_event(SHARED_MEM_TEXT, events[1]));
    library_free(&library);
    CHECK(!is_loaded());
    Sleep(600); /* and nothing runs where it was */
}

/* Whatever the timer does at that moment. */
static void the_last_to_close_lets_go(void)
{
    for (int i = 0; i < UNLOADS; i++) {
        library = library_need(NULL);
        HSHAREDMEM region = open_region();
        HANDLE event = open_and_arm(region), second = open_and_arm(region);
        if (i % 3 == 0) {
            Sleep((DWORD)i % 20);
        }
        CHECK(library.close_event(region, event));
        if (i % 2 == 0) {
            CHECK(library.close_event(region, second));
        }
        CHECK(library.close(region));
        library_free(&library);
        CHECK(!is_loaded());
    }
}

static void open_and_close(void *unused)
{
    (void)unused;
    HSHAREDMEM region = open_region();
    for (int i = 0; i < CLOSINGS; i++) {
        CHECK(library.close_event(region, open_and_arm(region)));
    }
    CHECK(library.close(region));
}

/* The references of threads that open and close at the same time are counted right. */
static void threads_let_go_together(void)
{
    thread threads[THREADS];
    library = library_need(NULL);
    for (int i = 0; i < THREADS; i++) {
        threads[i] = thread_start(open_and_close, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        thread_join(threads[i]);
    }
    library_free(&library);
    CHECK(!is_loaded());
}

static int end_with_events(char **arguments)
{
    library = library_need(NULL);
    for (int i = 0; i < 10; i++) {
        open_and_arm(i % 2 == 0 ? open_region() : SHARED_MEM_TEXT);
    }
    if (arguments[0] != NULL) {
        library_free(&library);
    }
    return 0;
}

static const struct role roles[] = {{"write", write_once}, {"end", end_with_events}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    check_deadline(60);
    CHECK(!is_loaded());
    an_event_keeps_the_dll();
    the_last_to_close_lets_go();
    threads_let_go_together();
    CHECK_EQUAL(process_finish(process_start_self(L"end")), 0);
    CHECK_EQUAL(process_finish(process_start_self(L"end freed")), 0);
    return check_passed();
}
