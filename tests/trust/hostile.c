/*
 * A program that breaks every rule: it writes what it likes into both sections of a region, or into
 * the file that backs it, while others read, write, flush, wait, and come to open the region. They
 * may get wrong values. They do not crash, nor hang, nor touch other memory; and when it has
 * stopped, the next write heals the region, for processes that came before the attack, during it,
 * and after it. Only a lock that names a living thread keeps writers out, until that thread ends.
 *
 *     hostile text|NAME [SECONDS [FOLDER]]    with every other process from that folder
 *
 * A name with a dot is that of a file.
 */
#include "check.h"
#include "guarded.h"
#include "lock_owner.h"
#include "process.h"
#include "query.h"
#include "raw_file.h"
#include "raw_section.h"
#include "roles.h"
#include "stopwatch.h"
#include "tally.h"
#include "thread.h"

#include "file_image.h"
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define TIMEOUT_MS 5000.0 /* the stated one, of a read or a write */
#define SLACK_MS 2000.0   /* how late a loaded machine may be */
#define WAIT_MS 50.0
#define WAKE_MS 300.0

enum {
    SECONDS = 5, /* for how long, unless an argument says */
    ROUND_MS = 2000,
    LONG_ROUND_MS = 8000, /* in which calls can time out */
    PLAY_SECONDS = 60,    /* more than a round takes */
    ATTACK_FIRST_MS = 100,
    CAPACITY = 4000, /* of a named region */
    /* Between two openings: as long as another process has the file open, and so a lock on it,
     * Wine's server keeps a descriptor of each. */
    FILE_PAUSE_MS = 50,
};

static const char *name; /* as the argument has it */
static HSHAREDMEM region;
static SIZE_T capacity; /* bytes of the longest value; of a text, with its terminator */

static bool is_text(void)
{
    return capacity == LAYOUT_PAGE;
}

static bool is_file(void)
{
    return strchr(name, '.') != NULL;
}

/* Of a section, or of a file in the current folder, which all processes of the test have. */
static const WCHAR *region_name(void)
{
    static WCHAR wide[MAX_PATH];
    mbstowcs(wide, name, ARRAYSIZE(wide));
    return is_text() ? SHARED_MEM_TEXT_NAME : wide;
}

static HSHAREDMEM open_region(SIZE_T least, DWORD flags)
{
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options,
                                        .flags = flags,
                                        .capacity = least,
                                        .file = is_file() ? region_name() : NULL};
    return OpenSharedMemEx(is_file() ? NULL : region_name(), &options);
}

/* What a call takes at most. In a file, a write may first flush, which waits for locks, too. */
static double timeout_ms(void)
{
    return (is_file() ? 3 : 1) * TIMEOUT_MS;
}

/* The region without the DLL: its section, or its file but for the identity. */
struct values {
    struct raw_section section;
    struct raw_file file;
    unsigned char *bytes;
    size_t size;
    struct layout_control *control;
    struct layout_record *records; /* but of the text */
};

static struct values open_values(void)
{
    struct values opened = {0};
    if (is_file()) {
        opened.file = raw_file_open(region_name());
        opened.bytes = opened.file.view + LAYOUT_PAGE;
        opened.size = opened.file.size - LAYOUT_PAGE;
        opened.control = raw_file_control(&opened.file);
        opened.records = raw_file_records(&opened.file);
        return opened;
    }
    opened.section = raw_section_open(region_name(), FILE_MAP_WRITE);
    opened.bytes = (unsigned char *)opened.section.text;
    opened.size = opened.section.size;
    opened.control = raw_section_control(&opened.section);
    opened.records = is_text() ? NULL : raw_section_records(&opened.section);
    return opened;
}

static void close_values(struct values *opened)
{
    if (is_file()) {
        raw_file_close(&opened->file);
    } else {
        raw_section_close(&opened->section);
    }
}

/* What the names of a region's other objects begin with. */
static const WCHAR *object_name(const struct values *opened)
{
    static WCHAR object[64];
    if (!is_file()) {
        return region_name();
    }
    struct file_id id = raw_file_identity(&opened->file)->id;
    swprintf(object, ARRAYSIZE(object), L"sharedmem.file.%016llx%016llx",
             (unsigned long long)id.high, (unsigned long long)id.low);
    return object;
}

static unsigned random_number(void)
{
    static unsigned state;
    if (state == 0) {
        state = GetCurrentProcessId() * 2654435761u | 1;
    }
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint64_t random_word(void)
{
    return (uint64_t)random_number() << 32 | random_number();
}

/* The attacker. */

static struct values values; /* what it attacks, */
static struct raw_section notify;
static size_t size; /* bytes of both */
static struct layout_control *target;

static volatile unsigned char *byte_at(size_t at)
{
    return at < values.size ? values.bytes + at : (unsigned char *)notify.text + (at - values.size);
}

/* What is meant to hurt: beside what there is, at the ends, and anything. */
static uint64_t wild_word(uint64_t present)
{
    static const uint64_t ends[] = {0, 1, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};
    switch (random_number() % 4) {
    case 0:
        return ends[random_number() % ARRAYSIZE(ends)];
    case 1:
        return present + random_number() % 9 - 4;
    case 2:
        return random_number() % (2 * LAYOUT_PAGE);
    default:
        return random_word();
    }
}

static void attack_word(uint64_t *word)
{
    *(volatile uint64_t *)word = wild_word(*word);
}

static void attack_table(struct layout_waiters *table)
{
    attack_word(random_number() % 2 == 0 ? &table->armed
                                         : &table->owner[random_number() % LAYOUT_MAX_WAITERS]);
}

static void attack_span(void)
{
    size_t at = random_number() % size;
    size_t span = random_number() % (size - at);
    for (size_t i = 0; i < span; i++) {
        *byte_at(at + i) = (unsigned char)random_number();
    }
}

/* As a living owner that keeps the lock. */
static void attack_with_the_lock(void)
{
    *(volatile uint64_t *)&target->lock.owner = lock_owner_token(GetCurrentThread());
    Sleep(random_number() % 500 == 0 ? (DWORD)TIMEOUT_MS + 100 : random_number() % 8);
}

/* What processes that are just coming will believe, since it can be true. */
static void attack_the_capacity(void)
{
    *(volatile uint64_t *)&target->capacity = 1 + random_number() % LAYOUT_PAGE;
    *(volatile uint64_t *)&target->depth = 1 + random_number() % 2;
    Sleep(random_number() % 4);
}

static void attack_a_number(void)
{
    uint64_t *const numbers[] = {&target->magic, &target->capacity, &target->depth};
    attack_word(numbers[random_number() % ARRAYSIZE(numbers)]);
}

/* What only a file has. */
static void attack_the_file(void)
{
    struct layout_record *record = &values.records[random_number() % LAYOUT_SLOTS];
    struct layout_record *copy = raw_file_copy(&values.file, random_number() % FILE_IMAGE_COPIES);
    uint64_t *const words[] = {&target->confirmed,       &target->flush_lock.owner,
                               &target->flush_lock.heir, &target->flush_lock.claims,
                               &record->version,         &copy->length,
                               &copy->version,           &target->first};
    attack_word(words[random_number() % ARRAYSIZE(words)]);
    attack_table(&target->flush_contenders);
}

static void attack_once(void)
{
    if (random_number() % 200 == 0) {
        attack_with_the_lock();
    }
    if (random_number() % 100 == 0) {
        attack_the_capacity();
    }
    if (is_file() && random_number() % 16 == 0) {
        attack_the_file();
    }
    switch (random_number() % 12) {
    case 0:
    case 1:
        attack_span();
        break;
    case 2:
    case 3:
        attack_word(is_text() ? &target->sequence
                              : &values.records[random_number() % LAYOUT_SLOTS].length);
        break;
    case 4:
        attack_word(&target->lock.owner);
        break;
    case 5:
    case 6:
        attack_table(raw_section_waiters(&notify));
        break;
    case 7:
        attack_a_number();
        break;
    case 8: {
        uint64_t *const words[] = {&target->lock.heir, &target->lock.turn, &target->lock.claims,
                                   &target->lock.served};
        attack_word(words[random_number() % ARRAYSIZE(words)]);
        break;
    }
    case 9:
        attack_table(&target->contenders);
        break;
    default:
        attack_word(&target->sequence);
        break;
    }
}

/* One byte after the other, to 0, to 255 and to anything, and between them all the rest. */
static int attack(void)
{
    values = open_values();
    notify = raw_section_open_notify(object_name(&values));
    size = values.size + notify.size;
    target = values.control;
    for (size_t at = random_number() % size; !tally_is_over(); at = (at + 1) % size) {
        const unsigned char attacks[] = {0, 255, (unsigned char)random_number()};
        for (size_t i = 0; i < ARRAYSIZE(attacks); i++) {
            *byte_at(at) = attacks[i];
            unsigned longest = random_number() % 32 == 0 ? 20000 : 200;
            for (volatile unsigned pause = random_number() % longest; pause > 0; pause--) {
            }
        }
        if (at % 16 == 0) {
            attack_once();
        }
        if (at % 256 == 0) {
            SwitchToThread();
        }
    }
    return 0;
}

/* Processes that keep to the rules. */

static LONGLONG call_start;

static void begin_call(void)
{
    call_start = stopwatch_start();
}

/* How a call ended, which took `limit_ms` at most: its number, and its error. */
static void end_call(enum tally_number calls, enum tally_number longest, double limit_ms,
                     DWORD error)
{
    double taken = stopwatch_milliseconds(call_start);
    CHECK(taken < limit_ms + SLACK_MS);
    tally_add(calls, 1);
    tally_add(TALLY_TIME_OUTS, error == ERROR_TIMEOUT && calls != TALLY_WAITS);
    tally_maximum(longest, (LONGLONG)(taken * 1000));
}

/* Memory that ends with a guard page, for the largest value. */
static unsigned char *memory_end(void)
{
    static struct guarded memory;
    if (memory.end == NULL) {
        memory = guarded_allocate(capacity);
    }
    return (unsigned char *)memory.end;
}

static void read_text(void)
{
    static const DWORD rooms[] = {1, 2, 21, 300, SHARED_MEM_TEXT_CCH};
    DWORD room = rooms[random_number() % ARRAYSIZE(rooms)];
    WCHAR *buffer = (WCHAR *)(void *)memory_end() - room;
    begin_call();
    GetSharedMem(buffer, room);
    DWORD error = GetLastError();
    end_call(TALLY_READS, TALLY_LONGEST_READ_US, timeout_ms(), error);
    CHECK(error == ERROR_SUCCESS || error == ERROR_TIMEOUT ||
          (error == ERROR_MORE_DATA && room < SHARED_MEM_TEXT_CCH));
    CHECK(wcsnlen(buffer, room) < room);
}

static void read_value(HSHAREDMEM from)
{
    SIZE_T room = random_number() % 2 == 0 ? capacity : random_number() % capacity;
    SIZE_T got = room;
    begin_call();
    BOOL read = ReadSharedMem(from, memory_end() - room, &got, NULL);
    DWORD error = read ? ERROR_SUCCESS : GetLastError();
    end_call(TALLY_READS, TALLY_LONGEST_READ_US, timeout_ms(), error);
    CHECK(error == ERROR_SUCCESS || error == ERROR_TIMEOUT || error == ERROR_MORE_DATA);
    CHECK(got <= LAYOUT_PAGE); /* a process that came under attack may believe any */
    CHECK((error == ERROR_MORE_DATA) == (got > room));

    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    begin_call();
    error = QuerySharedMem(from, &info) ? ERROR_SUCCESS : GetLastError();
    end_call(TALLY_READS, TALLY_LONGEST_READ_US, timeout_ms(), error);
    CHECK(error == ERROR_TIMEOUT || (error == ERROR_SUCCESS && info.size <= info.capacity));
    CHECK(error == ERROR_TIMEOUT || info.capacity <= LAYOUT_PAGE);
}

static volatile unsigned checksum; /* so that bytes are read */

/* All bytes that are lent can be read, whatever becomes of them meanwhile. */
static void borrow_value(HSHAREDMEM from)
{
    LPCVOID data;
    SIZE_T bytes;
    ULONGLONG version;
    begin_call();
    CHECK(BorrowSharedMem(from, &data, &bytes, &version));
    CHECK(bytes <= LAYOUT_PAGE);
    for (SIZE_T i = 0; i < bytes; i++) {
        checksum += ((const volatile unsigned char *)data)[i];
    }
    DWORD error = ValidateSharedMem(from, version) ? ERROR_SUCCESS : GetLastError();
    end_call(TALLY_READS, TALLY_LONGEST_READ_US, 0, error);
    CHECK(error == ERROR_SUCCESS || error == ERROR_REVISION_MISMATCH);
}

static int read_until_over(void)
{
    HSHAREDMEM read_only = NULL;
    if (!is_text()) {
        read_only = open_region(0, SHARED_MEM_READ_ONLY);
        CHECK(read_only != NULL || GetLastError() == ERROR_INVALID_DATA); /* looks like none now */
    }
    while (!tally_is_over()) {
        for (unsigned i = 0; i < 20; i++) {
            read_value(read_only != NULL && i % 2 == 0 ? read_only : region);
            if (is_text()) {
                read_text();
            } else {
                borrow_value(read_only != NULL && i % 4 < 2 ? read_only : region);
            }
        }
    }
    return 0;
}

static DWORD write_value(void)
{
    SIZE_T length = (random_number() % 2 == 0 ? 40 : random_number() % capacity) & ~(SIZE_T)1;
    length = length > capacity - 2 ? capacity - 2 : length;
    unsigned char *value = memory_end() - length;
    ULONGLONG version = random_word();
    memset(value, 'v', length);
    switch (random_number() % 3) {
    case 0:
        return ReplaceSharedMem(region, value, length, &version) ? ERROR_SUCCESS : GetLastError();
    case 1:
        if (is_text() && length > 0) { /* its last character becomes the terminator */
            memset(memory_end() - 2, 0, 2);
            SetSharedMem((const WCHAR *)(const void *)value);
            return GetLastError();
        }
        /* fall through */
    default:
        return WriteSharedMem(region, value, length, NULL) ? ERROR_SUCCESS : GetLastError();
    }
}

/*
 * In place, with whatever becomes of it. Where others come into the same slot, because the lock is
 * overwritten, values are torn; but nothing is written elsewhere.
 */
static DWORD write_in_place(void)
{
    LPVOID data;
    SIZE_T room;
    if (!ReserveSharedMem(region, NULL, &data, &room)) {
        return GetLastError();
    }
    CHECK(room <= LAYOUT_PAGE);
    memset(data, 'p', room);
    if (random_number() % 4 == 0) {
        return DiscardSharedMem(region) ? ERROR_SUCCESS : GetLastError();
    }
    return PublishSharedMem(region, room, NULL) ? ERROR_SUCCESS : GetLastError();
}

static DWORD flush(void)
{
    return FlushSharedMem(region, MAXULONGLONG, NULL) ? ERROR_SUCCESS : GetLastError();
}

static int write_until_over(void)
{
    while (!tally_is_over()) {
        for (unsigned i = 0; i < 20; i++) {
            begin_call();
            bool in_place = !is_text() && i % 4 == 0, flushes = is_file() && i % 4 == 1;
            DWORD error = in_place ? write_in_place() : flushes ? flush() : write_value();
            end_call(TALLY_WRITES, TALLY_LONGEST_WRITE_US, timeout_ms(), error);
            CHECK((in_place && error == ERROR_NOT_LOCKED) || error == ERROR_SUCCESS ||
                  error == ERROR_TIMEOUT || error == ERROR_REVISION_MISMATCH ||
                  error == ERROR_INSUFFICIENT_BUFFER ||
                  (error == ERROR_NOT_SUPPORTED && is_text())); /* loaded under attack */
        }
    }
    return 0;
}

static HANDLE event; /* of a process that waits; NULL: none is open */

static bool is_set(DWORD milliseconds)
{
    return WaitForSingleObject(event, milliseconds) == WAIT_OBJECT_0;
}

/* The event is opened and closed under attack, too, armed or not. */
static DWORD wait_for_event(ULONGLONG version)
{
    if (event == NULL) {
        event = OpenSharedMemEvent(region);
        if (event == NULL) {
            return GetLastError();
        }
    }
    CHECK(ArmSharedMemEvent(region, event, version));
    DWORD error = is_set((DWORD)WAIT_MS) ? ERROR_SUCCESS : ERROR_TIMEOUT;
    if (random_number() % 8 == 0) {
        CHECK(CloseSharedMemEvent(region, event));
        event = NULL;
    }
    return error;
}

static DWORD wait_for_change(ULONGLONG version)
{
    return WaitSharedMem(region, version, (DWORD)WAIT_MS) ? ERROR_SUCCESS : GetLastError();
}

/* The event stays armed, for the write that heals. */
static int wait_until_over(void)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    while (!tally_is_over()) {
        if (QuerySharedMem(region, &info)) {
            begin_call();
            DWORD error =
                (random_number() % 2 == 0 ? wait_for_event : wait_for_change)(info.version);
            end_call(TALLY_WAITS, TALLY_LONGEST_WAIT_US, WAIT_MS, error);
            CHECK(error == ERROR_SUCCESS || error == ERROR_TIMEOUT ||
                  (error == ERROR_NOT_SUPPORTED && is_text()));
        }
    }
    if (event != NULL) {
        CHECK(QuerySharedMem(region, &info));
        CHECK(ArmSharedMemEvent(region, event, info.version));
    }
    return 0;
}

static int open_until_over(void)
{
    while (!tally_is_over()) {
        HSHAREDMEM opened =
            open_region(random_number() % 2 == 0 ? CAPACITY : 0, random_number() % 2);
        DWORD error = GetLastError();
        tally_add(TALLY_OPENINGS, 1);
        if (opened != NULL) {
            SHARED_MEM_INFO info = {.cbSize = sizeof info};
            CHECK(QuerySharedMem(opened, &info) || GetLastError() == ERROR_TIMEOUT);
            CHECK(info.capacity <= LAYOUT_PAGE && info.size <= info.capacity);
            CHECK(CloseSharedMem(opened));
        } else {
            CHECK(error == ERROR_INVALID_DATA || error == ERROR_INSUFFICIENT_BUFFER);
        }
        if (is_file()) {
            Sleep(FILE_PAUSE_MS);
        }
    }
    return 0;
}

/* For a process that comes afterwards, and for those that were there. `owner` has the lock. */
static int find_healed_but_for(uint64_t owner)
{
    static const WCHAR healed[] = L"healed";
    WCHAR text[SHARED_MEM_TEXT_CCH];
    SIZE_T got = sizeof text;
    CHECK(ReadSharedMem(region, text, &got, NULL));
    CHECK(got == sizeof healed && wcscmp(text, healed) == 0);
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    CHECK_EQUAL(info.flags, 0);
    CHECK_EQUAL(info.writer, (DWORD)owner);
    CHECK_EQUAL(info.capacity, is_text() ? LAYOUT_PAGE : CAPACITY);
    return 0;
}

static int find_healed(void)
{
    return find_healed_but_for(0);
}

/*
 * Takes the address space around the region's views, as far as it is free, so that nothing useful
 * comes to lie where an access beyond them would go.
 */
static void guard_views(void)
{
    LPCVOID data;
    SIZE_T bytes;
    ULONGLONG version;
    CHECK(is_text() || BorrowSharedMem(region, &data, &bytes, &version)); /* makes the second */
    struct values opened = open_values();
    size_t view_size = is_file() ? opened.file.size : opened.size;
    close_values(&opened);

    SYSTEM_INFO system;
    GetSystemInfo(&system);
    size_t grain = system.dwAllocationGranularity;
    MEMORY_BASIC_INFORMATION run;
    for (char *at = NULL; VirtualQuery(at, &run, sizeof run) != 0;
         at = (char *)run.BaseAddress + run.RegionSize) {
        if (run.Type == MEM_MAPPED && run.RegionSize == view_size) {
            char *start = run.BaseAddress;
            size_t taken = (view_size + grain - 1) / grain * grain;
            VirtualAlloc(start - grain, grain, MEM_RESERVE, PAGE_NOACCESS);
            VirtualAlloc(start + taken, grain, MEM_RESERVE, PAGE_NOACCESS);
        }
    }
}

/* The test. */

static thread waiter;
static ULONGLONG waited_for;

static void wait_for_healing(void *unused)
{
    (void)unused;
    CHECK(WaitSharedMem(region, waited_for, INFINITE));
}

static const char *peer_folder;

static HANDLE start_process(const WCHAR *part, unsigned number)
{
    WCHAR arguments[128];
    swprintf(arguments, ARRAYSIZE(arguments), L"play %hs %ls", name, part);
    return roles_start(peer_folder, number, arguments);
}

/* A write wakes a waiter at once, and sets an event; the waiter has an entry if `armed`. */
static void check_waking(bool armed)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(QuerySharedMem(region, &info));
    waited_for = info.version;
    waiter = thread_start(wait_for_healing, NULL);
    for (unsigned i = 0; armed && info.waiters == 0; i++) {
        CHECK(i < SLACK_MS);
        Sleep(1);
        CHECK(QuerySharedMem(region, &info));
    }
    CHECK(ArmSharedMemEvent(region, event, info.version));
    Sleep(20);

    LONGLONG start = stopwatch_start();
    CHECK(WriteSharedMem(region, L"healed", sizeof L"healed", NULL));
    thread_join(waiter);
    CHECK(is_set((DWORD)(WAKE_MS + SLACK_MS)));
    CHECK(stopwatch_milliseconds(start) < WAKE_MS + SLACK_MS);
}

/* After the write, too: what is said to be durable is. */
static void check_flushing(const struct values *opened)
{
    SHARED_MEM_INFO info = query(region);
    ULONGLONG durable;
    CHECK(FlushSharedMem(region, info.version, &durable));
    CHECK_EQUAL(durable, info.version);
    CHECK(opened->control->flush_lock.owner == 0);
    const struct layout_record *copy =
        raw_file_copy(&opened->file, opened->control->confirmed % FILE_IMAGE_COPIES);
    CHECK(copy->version == durable && copy->length == info.size);
    CHECK(wcscmp((const WCHAR *)(const void *)((const char *)copy + LAYOUT_PAGE), L"healed") == 0);
}

/* One write, and the region is as good as new, for later processes as for those that were there. */
static void check_healing(const struct values *opened)
{
    check_waking(false);
    CHECK(opened->control->lock.owner == 0);
    if (is_text()) {
        CHECK(opened->control->sequence % 2 == 0);
        CHECK(wcscmp(opened->section.text, L"healed") == 0); /* at rest: at offset 0 */
    }
    CHECK_EQUAL(find_healed(), 0);
    if (is_file()) {
        check_flushing(opened);
    }
    CHECK_EQUAL(process_finish(start_process(L"find", 1)), 0);
    check_waking(true); /* whatever was in the table of waiters, there is an entry again */
}

/* Nor does it wait for anything. */
static void fill_with_a_bystander(struct layout_waiters *table)
{
    raw_section_occupy(table, LAYOUT_MAX_WAITERS, lock_owner_token(GetCurrentThread()));
    table->armed = UINT64_MAX;
}

/*
 * A lock that names a living bystander cannot be told from one that is taken: writes fail in
 * due time, and reads do not mind. When that thread ends, the next write succeeds.
 */
static void check_bystander(void)
{
    struct values opened = open_values();
    struct layout_control *control = opened.control;
    uint64_t identity;
    HANDLE bystander = lock_owner_start(NULL, &identity);
    control->lock.owner = identity;
    begin_call();
    CHECK(!WriteSharedMem(region, L"late", sizeof L"late", NULL));
    end_call(TALLY_WRITES, TALLY_LONGEST_WRITE_US, timeout_ms(), GetLastError());
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(control->lock.owner == identity);
    begin_call();
    CHECK_EQUAL(find_healed_but_for(identity), 0);
    CHECK(stopwatch_milliseconds(call_start) < SLACK_MS);

    lock_owner_end(bystander);
    CloseHandle(bystander);
    notify = raw_section_open_notify(object_name(&opened));
    fill_with_a_bystander(raw_section_waiters(&notify));
    fill_with_a_bystander(&control->contenders);
    raw_section_close(&notify);
    control->lock.heir = lock_owner_token(GetCurrentThread());
    control->lock.claims = UINT64_MAX;
    close_values(&opened);
}

/*
 * The attacker may have put into the lock the id of a thread that cannot be queried, such as a
 * service's. Which counts as alive, as sharedmem.h says: writers would wait until that one ends.
 */
static void free_from_unknown_owner(struct layout_lock *lock)
{
    HANDLE owner =
        OpenThread(THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, (DWORD)lock->owner);
    if (owner != NULL) {
        CloseHandle(owner);
    } else if (GetLastError() == ERROR_ACCESS_DENIED) {
        lock->owner = 0;
    }
}

static void end_attack(HANDLE attacker, const struct values *opened)
{
    process_kill(attacker);
    free_from_unknown_owner(&opened->control->lock);
    if (is_file()) {
        free_from_unknown_owner(&opened->control->flush_lock);
    }
}

static void play_round(const struct values *opened, DWORD milliseconds)
{
    static const WCHAR *const cast[] = {L"read", L"write", L"wait", L"attack",
                                        L"read", L"write", L"wait", L"open"};
    HANDLE processes[ARRAYSIZE(cast)], attacker = NULL;
    unsigned count = 0;

    tally_begin_round();
    for (unsigned i = 0; i < ARRAYSIZE(cast) - is_text(); i++) { /* the text is not opened */
        HANDLE process = start_process(cast[i], i);
        if (wcscmp(cast[i], L"attack") == 0) {
            attacker = process; /* half of the others come before, half of them under attack */
            Sleep(ATTACK_FIRST_MS);
        } else {
            processes[count++] = process;
        }
    }
    Sleep(milliseconds);
    end_attack(attacker, opened);
    tally_end_round(count);
    check_healing(opened);
    tally_add(TALLY_HEALED, 1);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQUAL(process_finish(processes[i]), 0);
    }
}

/* Versions that were never made, or that only a program could make that ignores the protocol. */
static void forge_durable_versions(const struct values *opened)
{
    struct layout_control *control = opened->control;
    const uint64_t forged[] = {FILE_IMAGE_COPIES * (control->sequence + 2), UINT64_MAX, INT64_MAX,
                               0};
    for (size_t i = 0; i < ARRAYSIZE(forged); i++) {
        control->confirmed = forged[i];
        check_healing(opened);
        control->sequence ^= UINT64_C(1) << 63;
    }
}

static void attack_again_and_again(unsigned seconds)
{
    CHECK(WriteSharedMem(region, L"start", sizeof L"start", NULL));
    event = OpenSharedMemEvent(region);
    CHECK(event != NULL);
    guard_views();
    struct values opened = open_values();
    ULONGLONG end = GetTickCount64() + seconds * 1000ull;
    unsigned rounds = 0;
    for (; GetTickCount64() < end; rounds++) {
        play_round(&opened, rounds % 4 == 3 ? LONG_ROUND_MS : ROUND_MS);
    }
    check_bystander();
    check_healing(&opened);
    if (is_file()) {
        forge_durable_versions(&opened);
    }
    close_values(&opened);

    printf("%u attacks, healed each time; under attack: %lld reads, %lld writes, %lld waits, "
           "%lld openings\n",
           rounds, tally_get(TALLY_READS), tally_get(TALLY_WRITES), tally_get(TALLY_WAITS),
           tally_get(TALLY_OPENINGS));
    printf(
        "longest: read %.1f ms, write %.1f ms, wait of %.0f ms %.1f ms; %lld times ERROR_TIMEOUT\n",
        tally_get_milliseconds(TALLY_LONGEST_READ_US),
        tally_get_milliseconds(TALLY_LONGEST_WRITE_US), WAIT_MS,
        tally_get_milliseconds(TALLY_LONGEST_WAIT_US), tally_get(TALLY_TIME_OUTS));
    CHECK(tally_get(TALLY_READS) > 0 && tally_get(TALLY_WRITES) > 0 && tally_get(TALLY_WAITS) > 0);
}

static const struct {
    const char *name;
    int (*play)(void);
} parts[] = {
    {"attack", attack},        {"read", read_until_over}, {"write", write_until_over},
    {"wait", wait_until_over}, {"open", open_until_over}, {"find", find_healed},
};

/* Under attack, the region may look like none for some moments. */
static void come_in(void)
{
    do {
        region = open_region(0, 0);
        CHECK(region != NULL || GetLastError() == ERROR_INVALID_DATA);
    } while (region == NULL && !tally_is_over());
}

static void prepare(const char *text_or_name)
{
    name = text_or_name;
    tally_open(L"sharedmem-test-hostile-tally");
    capacity = strcmp(name, "text") == 0 ? LAYOUT_PAGE : CAPACITY;
    region = is_text() ? SHARED_MEM_TEXT : NULL;
}

/* play NAME PART */
static int play(char **arguments)
{
    prepare(arguments[0]);
    check_deadline(PLAY_SECONDS);
    if (!is_text()) {
        come_in();
    }
    int (*part)(void) = NULL;
    for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
        part = strcmp(parts[i].name, arguments[1]) == 0 ? parts[i].play : part;
    }
    CHECK(part != NULL);
    if (region != NULL) { /* else the attack was over too soon */
        guard_views();
        CHECK_EQUAL(part(), 0);
    }
    if (part == find_healed) {
        return 0;
    }
    tally_rest();
    CHECK(event == NULL || is_set((DWORD)(WAKE_MS + SLACK_MS)));
    return region != NULL ? find_healed() : 0;
}

static const struct role roles[] = {{"play", play}};

/* Of a file: in this program's folder. */
static void create_region(void)
{
    if (is_file()) {
        WCHAR path[MAX_PATH];
        CHECK(SetCurrentDirectoryW(process_sibling(L"", path)));
        raw_file_fresh(region_name(), path);
    }
    region = open_region(CAPACITY, 0);
    CHECK(region != NULL);
}

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    CHECK(argc > 1);
    unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : SECONDS;
    check_deadline(seconds + 60);
    prepare(argv[1]);
    if (!is_text()) {
        create_region();
    }
    peer_folder = argc > 3 ? argv[3] : NULL;
    attack_again_and_again(seconds);
    if (is_file()) {
        CHECK(CloseSharedMem(region));
        CHECK(DeleteFileW(region_name()));
    }
    return check_passed();
}
