/*
 * OpenSharedMem and CloseSharedMem, disturbed at their instructions: the thread is ended, or
 * another thread changes the name that it opens, or opens the region that it is about to create.
 */
#include "check.h"
#include "stepping.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-open-stepping"
#define ENDED NAME L"-ended" /* threads that were ended leave its section open */

enum {
    END_MS = 20000, /* for one open and close, which take none of it */
    STRIDE = 4,     /* instructions of the DLL from one disturbance to the next */
    SMALL = 10,
    LARGE = 100, /* capacities: both need a page a slot */
};

static HSHAREDMEM open_region(const WCHAR *name, SIZE_T capacity)
{
    HSHAREDMEM region = OpenSharedMem(name, capacity, 0, NULL);
    CHECK(region != NULL);
    return region;
}

/* The thread is ended behind one step, which is the last if the function takes fewer. */

struct end {
    BOOL closes;
    unsigned at;
    BOOL returned;
};

static void end_thread(void *argument, unsigned step)
{
    struct end *end = argument;
    if (step == end->at) {
        stepping_end();
        TerminateThread(GetCurrentThread(), 0);
    }
}

static DWORD WINAPI open_or_close(void *argument)
{
    struct end *end = argument;
    HSHAREDMEM region = NULL;
    if (end->closes) {
        region = open_region(ENDED, SMALL);
    }
    stepping_begin_in_dll(end_thread, end);
    if (end->closes) {
        CloseSharedMem(region);
    } else {
        OpenSharedMem(ENDED, SMALL, 0, NULL);
    }
    stepping_end();
    end->returned = TRUE;
    return 0;
}

static DWORD WINAPI open_and_close(void *unused)
{
    (void)unused;
    CHECK(CloseSharedMem(open_region(ENDED, SMALL)));
    return 0;
}

static void run(LPTHREAD_START_ROUTINE function, void *argument)
{
    HANDLE started =
        CreateThread(NULL, 65536, function, argument, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK(started != NULL);
    CHECK_EQUAL(WaitForSingleObject(started, END_MS), WAIT_OBJECT_0);
    CloseHandle(started);
}

/* Whichever thread ends, others go on opening and closing. */
static void no_thread_blocks_others(BOOL closes)
{
    struct end end = {.closes = closes};
    while (!end.returned) {
        end.at += STRIDE;
        run(open_or_close, &end);
        run(open_and_close, NULL);
    }
    printf("%s: ended at %u of %u instructions\n", closes ? "CloseSharedMem" : "OpenSharedMem",
           end.at / STRIDE - 1, end.at);
    CHECK(end.at > 50);
}

/* The name changes behind one step. */

struct change {
    WCHAR name[64];
    unsigned at;
    BOOL changed;
};

static void change_name(void *argument, unsigned step)
{
    struct change *change = argument;
    if (step == change->at) {
        stepping_end();
        wcscpy_s(change->name, ARRAYSIZE(change->name), NAME L"-and-this-is-another");
        change->changed = TRUE;
    }
}

static BOOL has_event(const WCHAR *name)
{
    HANDLE event = OpenEventW(SYNCHRONIZE, FALSE, name);
    if (event != NULL) {
        CloseHandle(event);
    }
    return event != NULL;
}

static BOOL has_section(const WCHAR *name)
{
    HANDLE section = OpenFileMappingW(FILE_MAP_READ, FALSE, name);
    if (section != NULL) {
        CloseHandle(section);
    }
    return section != NULL;
}

/* The section and the events have the same name: the one from before or the one from after. */
static void a_name_is_read_once(void)
{
    struct change change = {.changed = TRUE};
    while (change.changed) {
        change.at += STRIDE;
        change.changed = FALSE;
        wcscpy_s(change.name, ARRAYSIZE(change.name), NAME);
        stepping_begin_in_dll(change_name, &change);
        HSHAREDMEM region = OpenSharedMem(change.name, SMALL, 0, NULL);
        stepping_end();
        CHECK(region != NULL);
        CHECK(!WaitSharedMem(region, 0, 1));
        CHECK(has_section(NAME) == has_event(NAME L".waiter.00"));
        CHECK(CloseSharedMem(region));
    }
    CHECK(change.at > 50);
}

/* The creator stops for longer than others wait for it. */

struct stall {
    unsigned steps; /* to go, since there is a section */
    BOOL stalled;
    HSHAREDMEM other; /* NULL if it came too late to ask for more */
};

static void open_other(void *argument)
{
    struct stall *stall = argument;
    stall->other = OpenSharedMem(NAME, LARGE, 0, NULL);
    CHECK(stall->other != NULL || GetLastError() == ERROR_INSUFFICIENT_BUFFER);
}

static void stall_creator(void *argument, unsigned step)
{
    struct stall *stall = argument;
    (void)step;
    if (has_section(NAME) && stall->steps-- == 0) {
        stepping_end();
        stall->stalled = TRUE;
        thread_join(thread_start(open_other, stall));
    }
}

static void write_and_read(HSHAREDMEM writer, HSHAREDMEM reader, unsigned char seed)
{
    unsigned char data[LARGE], got[LARGE];
    SIZE_T size = sizeof got;
    memset(data, seed, sizeof data);
    CHECK(WriteSharedMem(writer, data, sizeof data, NULL));
    CHECK(ReadSharedMem(reader, got, &size, NULL));
    CHECK(size == sizeof got && memcmp(got, data, size) == 0);
}

/* What one writes, the other reads, whichever of the two has stated the capacity. */
static void a_stalled_creator_agrees_with_others(void)
{
    struct stall stall = {.stalled = TRUE};
    unsigned opened = 0;
    for (unsigned steps = 0; stall.stalled; steps = 2 * steps + 1) {
        stall = (struct stall){.steps = steps};
        stepping_begin(stall_creator, &stall);
        HSHAREDMEM creator = OpenSharedMem(NAME, SMALL, 0, NULL);
        stepping_end();
        CHECK(creator != NULL);
        if (stall.other != NULL) {
            opened++;
            write_and_read(stall.other, creator, 'o');
            write_and_read(creator, stall.other, 'c');
            CHECK(CloseSharedMem(stall.other));
        }
        CHECK(CloseSharedMem(creator));
    }
    CHECK(opened > 1);
}

int main(int argc, char **argv)
{
    if (!stepping_works(argc, argv)) {
        return stepping_skip();
    }
    check_deadline(240);
    no_thread_blocks_others(FALSE);
    no_thread_blocks_others(TRUE);
    a_name_is_read_once();
    a_stalled_creator_agrees_with_others();
    return check_passed();
}
