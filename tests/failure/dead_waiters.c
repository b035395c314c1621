/*
 * Tables of waiters for a change, and of contenders for the lock, that are full of threads that
 * have died: a thread without an entry asks the system about one of them each time that it looks.
 */
#include "check.h"
#include "imports.h"
#include "lock_owner.h"
#include "raw_section.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#define NAME L"sharedmem-test-dead-waiters"

enum {
    HEALED_MS = 3000, /* 64 looks, a tick of the clock apart, take one second */
    POLLING_MS = 200,
    FIRST_LOOKS = 2, /* without a pause between them */
};

static struct library library;
static HSHAREDMEM region;
static struct layout_control *control;
static uint64_t living;
static volatile LONG questions, pauses;

/* The thread that is played by `living` stands in tables only, not in the lock. */
static HANDLE WINAPI count_questions(DWORD access, BOOL inherit, DWORD id)
{
    if (id == (DWORD)living || id == (DWORD)LOCK_OWNER_DEAD) {
        InterlockedIncrement(&questions);
    }
    return OpenThread(access, inherit, id);
}

static void WINAPI count_pauses(DWORD milliseconds)
{
    InterlockedIncrement(&pauses);
    Sleep(milliseconds);
}

/* A table, and a call that needs one of its entries. */
struct subject {
    struct layout_waiters *table;
    uint64_t lock; /* its owner while the call lasts */
    void (*call)(void *version);
    void (*end)(void);
};

static void wait_for_change(void *version)
{
    CHECK(library.wait(region, *(ULONGLONG *)version, INFINITE));
}

static void write_value(void)
{
    CHECK(library.write(region, "w", 1, NULL));
}

static void contend(void *version)
{
    (void)version;
    write_value();
}

static void free_lock(void)
{
    *(volatile uint64_t *)&control->lock.owner = 0;
}

static thread start(const struct subject *subject)
{
    static SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(library.query(region, &info));
    questions = pauses = 0;
    subject->table->armed = UINT64_MAX; /* as of threads that died in their sleep */
    control->lock.owner = subject->lock;
    return thread_start(subject->call, &info.version);
}

static void end(const struct subject *subject, thread caller)
{
    subject->end();
    thread_join(caller);
    CHECK(questions > 0 && questions <= pauses + FIRST_LOOKS);
}

static unsigned count_owned(const struct layout_waiters *table, uint64_t owner)
{
    unsigned count = 0;
    for (unsigned entry = 0; entry < LAYOUT_MAX_WAITERS; entry++) {
        count += *(volatile const uint64_t *)&table->owner[entry] == owner;
    }
    return count;
}

/* Starts a call that needs an entry, and lets it end when it has taken one of a dead thread. */
static void take_one(const struct subject *subject)
{
    unsigned dead = count_owned(subject->table, LOCK_OWNER_DEAD);
    thread caller = start(subject);
    for (int i = 0; i < HEALED_MS && count_owned(subject->table, LOCK_OWNER_DEAD) == dead; i++) {
        Sleep(1);
    }
    CHECK_EQUAL(count_owned(subject->table, LOCK_OWNER_DEAD), dead - 1);
    end(subject, caller);
    CHECK_EQUAL(count_owned(subject->table, LOCK_OWNER_DEAD), dead - 1);
    CHECK_EQUAL(count_owned(subject->table, 0), 1);
}

static void the_dead_make_room(const struct subject *subject)
{
    raw_section_occupy(subject->table, LAYOUT_MAX_WAITERS, LOCK_OWNER_DEAD);
    take_one(subject);
    CHECK_EQUAL(questions, 1);
    static const unsigned places[] = {40, 20}; /* among the living */
    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        raw_section_occupy(subject->table, LAYOUT_MAX_WAITERS, living);
        subject->table->owner[places[i]] = LOCK_OWNER_DEAD;
        take_one(subject);
    }
}

static void the_living_cost_a_question_a_look(const struct subject *subject)
{
    raw_section_occupy(subject->table, LAYOUT_MAX_WAITERS, living);
    thread caller = start(subject);
    Sleep(POLLING_MS);
    end(subject, caller);
    CHECK_EQUAL(count_owned(subject->table, living), LAYOUT_MAX_WAITERS);
}

int main(void)
{
    check_deadline(60);
    const struct import replacements[] = {IMPORT("OpenThread", count_questions),
                                          IMPORT("Sleep", count_pauses)};
    library = imports_load(replacements, ARRAYSIZE(replacements));
    region = library.open(NAME, 16, 0, NULL);
    CHECK(region != NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    struct raw_section notify = raw_section_open_notify(NAME);
    control = raw_section_control(&section);

    uint64_t owner;
    HANDLE threads[] = {lock_owner_start(NULL, &living), lock_owner_start(NULL, &owner)};
    const struct subject subjects[] = {
        {raw_section_waiters(&notify), 0, wait_for_change, write_value},
        {&control->contenders, owner, contend, free_lock},
    };
    for (size_t i = 0; i < ARRAYSIZE(subjects); i++) {
        the_dead_make_room(&subjects[i]);
        the_living_cost_a_question_a_look(&subjects[i]);
    }
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        lock_owner_end(threads[i]);
        CloseHandle(threads[i]);
    }
    raw_section_close(&notify);
    raw_section_close(&section);
    CHECK(library.close(region));
    imports_unload(&library);
    return check_passed();
}
