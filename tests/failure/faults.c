/*
 * Bad pointers, and memory that goes away during a call: the call ends in an exception of the
 * caller, the value is unharmed, and the lock is free although the thread that had it lives.
 */
#include "check.h"
#include "guarded.h"
#include "lock_owner.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-faults"
#define CAPACITY 16384
#define SIZE (3 * LAYOUT_PAGE) /* of the value */

enum {
    NO_EXCEPTION = 3, /* exit code: not what was expected */
    HANDLES = 4096,   /* that a process can have open */
};

static HSHAREDMEM region;
static struct layout_control *control;
static unsigned char value[SIZE];
static WCHAR text[SHARED_MEM_TEXT_CCH];

/* The value is as it was, and the lock is free: not even a dead thread has it. */
static void check_unharmed(void)
{
    static unsigned char present[CAPACITY];
    SIZE_T size = sizeof present;
    ULONGLONG version;
    CHECK(ReadSharedMem(region, present, &size, &version));
    CHECK(size == SIZE && memcmp(present, value, SIZE) == 0 && version == 1);
    CHECK_EQUAL(control->lock.owner, 0);

    static WCHAR buffer[SHARED_MEM_TEXT_CCH];
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    GetSharedMem(buffer, SHARED_MEM_TEXT_CCH);
    CHECK(wcscmp(buffer, text) == 0);
    CHECK(QuerySharedMem(SHARED_MEM_TEXT, &info));
    CHECK(info.version == 2 && info.writer == 0);
}

static char *pages[2]; /* of a buffer or a value; one of them cannot be accessed */

static void set_accessible(int page)
{
    DWORD old;
    CHECK(VirtualProtect(pages[page], LAYOUT_PAGE, PAGE_READWRITE, &old));
    CHECK(VirtualProtect(pages[1 - page], LAYOUT_PAGE, PAGE_NOACCESS, &old));
}

/* The page in which an access has failed; -1 for another exception. */
static int failed_page(const EXCEPTION_RECORD *record)
{
    for (int i = 0; i < 2 && record->ExceptionCode == EXCEPTION_ACCESS_VIOLATION; i++) {
        if (record->ExceptionInformation[1] - (ULONG_PTR)pages[i] < LAYOUT_PAGE) {
            return i;
        }
    }
    return -1;
}

/* The exception has left the function: the thread is the one that had the lock, and lives. */
static LONG CALLBACK check_lock_is_free(EXCEPTION_POINTERS *pointers)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK_EQUAL(pointers->ExceptionRecord->ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK_EQUAL(pointers->ExceptionRecord->NumberParameters, 2);
    CHECK_EQUAL(control->lock.owner, 0);
    CHECK(QuerySharedMem(SHARED_MEM_TEXT, &info) && info.writer == 0);
    return EXCEPTION_CONTINUE_SEARCH;
}

/*
 * Whenever a copy comes to the one page, that becomes the other, and there is a new publication;
 * until the reader has the lock.
 */
static LONG CALLBACK overtake(EXCEPTION_POINTERS *pointers)
{
    static bool is_over;
    int failed = failed_page(pointers->ExceptionRecord);
    is_over = is_over || control->lock.owner == lock_owner_token(GetCurrentThread());
    if (failed < 0 || is_over) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    set_accessible(failed);
    control->sequence += LAYOUT_SLOTS; /* and the current slot stays the current one */
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* What is accessible goes away when the text has been measured as far as the second page. */
static LONG CALLBACK take_the_first_page_away(EXCEPTION_POINTERS *pointers)
{
    if (failed_page(pointers->ExceptionRecord) != 1) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    set_accessible(1);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void use_pages(char *at, PVECTORED_EXCEPTION_HANDLER handler)
{
    pages[0] = at;
    pages[1] = at + LAYOUT_PAGE;
    set_accessible(0);
    CHECK(handler == NULL || AddVectoredExceptionHandler(TRUE, handler) != NULL);
}

static void write_bad_start(struct guarded memory)
{
    WriteSharedMem(region, memory.start - 1, 100, NULL);
}

static void write_bad_end(struct guarded memory)
{
    WriteSharedMem(region, memory.start, SIZE + 1, NULL);
}

static void write_bad_last_byte(struct guarded memory)
{
    WriteSharedMem(region, memory.end - 10, 11, NULL);
}

static void write_bad_middle(struct guarded memory)
{
    use_pages(memory.start, NULL);
    WriteSharedMem(region, memory.start, SIZE, NULL);
}

static void write_bad_version(struct guarded memory)
{
    WriteSharedMem(region, "x", 1, (ULONGLONG *)(void *)memory.end);
}

static void replace_read_only_version(struct guarded memory)
{
    DWORD old;
    ULONGLONG *version = (ULONGLONG *)(void *)memory.start;
    *version = 1;
    CHECK(VirtualProtect(version, LAYOUT_PAGE, PAGE_READONLY, &old));
    ReplaceSharedMem(region, "x", 1, version);
}

/* It is measured first, and then copied. */
static void write_vanishing_text(struct guarded memory)
{
    char *start = memory.start + LAYOUT_PAGE - 100;
    memset(memory.start, 'x', SIZE);
    memset(memory.end - 2, 0, 2);
    use_pages(memory.start, take_the_first_page_away);
    WriteSharedMem(SHARED_MEM_TEXT, start, 200, NULL);
}

static void read_stale(struct guarded memory)
{
    SIZE_T size = SIZE;
    use_pages(memory.start, overtake);
    ReadSharedMem(region, memory.start, &size, NULL);
}

static void set_bad_pointer(struct guarded memory)
{
    SetSharedMem((const WCHAR *)(void *)memory.end);
}

static void set_unterminated(struct guarded memory)
{
    memset(memory.start, 'x', SIZE);
    SetSharedMem((const WCHAR *)(void *)memory.end - 5);
}

static void write_bad_text(struct guarded memory)
{
    WriteSharedMem(SHARED_MEM_TEXT, memory.end, 10, NULL);
}

static void replace_bad_version(struct guarded memory)
{
    ReplaceSharedMem(region, "x", 1, (ULONGLONG *)(void *)memory.end);
}

static void replace_bad_data(struct guarded memory)
{
    ULONGLONG version = 1;
    ReplaceSharedMem(region, memory.end - 10, 11, &version);
}

static void read_bad_buffer(struct guarded memory)
{
    SIZE_T size = SIZE;
    ReadSharedMem(region, memory.end - 10, &size, NULL);
}

static void read_bad_size(struct guarded memory)
{
    ReadSharedMem(region, memory.start, (SIZE_T *)(void *)memory.end, NULL);
}

static void read_read_only_size(struct guarded memory)
{
    static unsigned char buffer[SIZE];
    DWORD old;
    SIZE_T *size = (SIZE_T *)(void *)memory.start;
    *size = SIZE;
    CHECK(VirtualProtect(size, LAYOUT_PAGE, PAGE_READONLY, &old));
    ReadSharedMem(region, buffer, size, NULL);
}

static void read_bad_version(struct guarded memory)
{
    SIZE_T size = SIZE;
    ReadSharedMem(region, memory.start, &size, (ULONGLONG *)(void *)memory.end);
}

static void borrow_bad_data(struct guarded memory)
{
    SIZE_T size;
    ULONGLONG version;
    BorrowSharedMem(region, (LPCVOID *)(void *)memory.end, &size, &version);
}

static void borrow_bad_size(struct guarded memory)
{
    LPCVOID data;
    ULONGLONG version;
    BorrowSharedMem(region, &data, (SIZE_T *)(void *)memory.end, &version);
}

static void borrow_bad_version(struct guarded memory)
{
    LPCVOID data;
    SIZE_T size;
    BorrowSharedMem(region, &data, &size, (ULONGLONG *)(void *)memory.end);
}

static void reserve_bad_expected(struct guarded memory)
{
    LPVOID data;
    SIZE_T room;
    ReserveSharedMem(region, (ULONGLONG *)(void *)memory.end, &data, &room);
}

static void reserve_bad_data(struct guarded memory)
{
    SIZE_T room;
    ReserveSharedMem(region, NULL, (LPVOID *)(void *)memory.end, &room);
}

static void reserve_bad_room(struct guarded memory)
{
    LPVOID data;
    ReserveSharedMem(region, NULL, &data, (SIZE_T *)(void *)memory.end);
}

static void query_bad_info(struct guarded memory)
{
    QuerySharedMem(region, (SHARED_MEM_INFO *)(void *)memory.end);
}

/* Only the first two fields are there. */
static void query_short_info(struct guarded memory)
{
    SHARED_MEM_INFO *info = (void *)(memory.end - offsetof(SHARED_MEM_INFO, capacity));
    info->cbSize = sizeof *info;
    QuerySharedMem(region, info);
}

static void get_bad_buffer(struct guarded memory)
{
    GetSharedMem((WCHAR *)(void *)memory.end, 5);
}

static void open_bad_name(struct guarded memory)
{
    OpenSharedMem((const WCHAR *)(void *)memory.end, CAPACITY, 0, NULL);
}

static const struct {
    const char *name;
    void (*call)(struct guarded memory);
    bool moves_the_sequence;
} bad_calls[] = {
    {"write-bad-start", write_bad_start, false},
    {"write-bad-end", write_bad_end, false},
    {"write-bad-last-byte", write_bad_last_byte, false},
    {"write-bad-middle", write_bad_middle, false},
    {"write-bad-version", write_bad_version, false},
    {"replace-read-only-version", replace_read_only_version, false},
    {"set-bad-pointer", set_bad_pointer, false},
    {"set-unterminated", set_unterminated, false},
    {"write-vanishing-text", write_vanishing_text, false},
    {"write-bad-text", write_bad_text, false},
    {"read-stale", read_stale, true},
    {"replace-bad-version", replace_bad_version, false},
    {"replace-bad-data", replace_bad_data, false},
    {"read-bad-buffer", read_bad_buffer, false},
    {"read-bad-size", read_bad_size, false},
    {"read-read-only-size", read_read_only_size, false},
    {"read-bad-version", read_bad_version, false},
    {"borrow-bad-data", borrow_bad_data, false},
    {"borrow-bad-size", borrow_bad_size, false},
    {"borrow-bad-version", borrow_bad_version, false},
    {"reserve-bad-expected", reserve_bad_expected, false},
    {"reserve-bad-data", reserve_bad_data, false},
    {"reserve-bad-room", reserve_bad_room, false},
    {"query-bad-info", query_bad_info, false},
    {"query-short-info", query_short_info, false},
    {"get-bad-buffer", get_bad_buffer, false},
    {"open-bad-name", open_bad_name, false},
};

/* make-call NAME: makes one of them. */
static int make_call(char **arguments)
{
    CHECK(arguments[0] != NULL);
    SetUnhandledExceptionFilter(check_lock_is_free);
    for (size_t i = 0; i < ARRAYSIZE(bad_calls); i++) {
        if (strcmp(arguments[0], bad_calls[i].name) == 0) {
            bad_calls[i].call(guarded_allocate(SIZE));
        }
    }
    return NO_EXCEPTION;
}

static const struct role roles[] = {{"make-call", make_call}};

static void bad_memory_harms_its_owner_only(void)
{
    uint64_t sequence = control->sequence;
    for (size_t i = 0; i < ARRAYSIZE(bad_calls); i++) {
        WCHAR role[64];
        printf("%s\n", bad_calls[i].name);
        swprintf(role, ARRAYSIZE(role), L"make-call %hs", bad_calls[i].name);
        CHECK_EQUAL(process_finish(process_start_self(role)), EXCEPTION_ACCESS_VIOLATION);
        CHECK(control->sequence == sequence || bad_calls[i].moves_the_sequence);
        control->sequence = sequence;
        check_unharmed();
    }
}

static LONG CALLBACK give_access(EXCEPTION_POINTERS *pointers)
{
    int failed = failed_page(pointers->ExceptionRecord);
    CHECK(failed >= 0);
    CHECK_EQUAL(control->lock.owner, 0);
    DWORD old;
    CHECK(VirtualProtect(pages[failed], LAYOUT_PAGE, PAGE_READWRITE, &old));
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* A handler removes the cause, as one that commits memory on demand does: the call succeeds. */
static void a_mended_fault_is_no_fault(void)
{
    struct guarded memory = guarded_allocate(SIZE);
    static unsigned char copy[SIZE];
    ULONGLONG version = 1;
    SIZE_T size = SIZE;
    memset(memory.start, 'm', SIZE);
    use_pages(memory.start, NULL);
    SetUnhandledExceptionFilter(give_access);
    CHECK(ReplaceSharedMem(region, memory.start, SIZE, &version));
    SetUnhandledExceptionFilter(NULL);
    CHECK_EQUAL(version, 2);
    CHECK(ReadSharedMem(region, copy, &size, &version));
    CHECK(size == SIZE && memcmp(copy, memory.start, SIZE) == 0 && version == 2);
}

/* Repairs the page in the middle of a write, and tries to write from there. */
static LONG CALLBACK write_from_inside(EXCEPTION_POINTERS *pointers)
{
    int failed = failed_page(pointers->ExceptionRecord);
    DWORD old;
    if (failed < 0) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    CHECK(VirtualProtect(pages[failed], LAYOUT_PAGE, PAGE_READWRITE, &old));
    CHECK(!WriteSharedMem(region, "nested", 6, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_POSSIBLE_DEADLOCK);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void a_nested_write_is_refused(void)
{
    static unsigned char copy[SIZE];
    struct guarded memory = guarded_allocate(SIZE);
    SIZE_T size = SIZE;
    memset(memory.start, 'n', SIZE);
    use_pages(memory.start, NULL);
    void *handler = AddVectoredExceptionHandler(TRUE, write_from_inside);
    CHECK(WriteSharedMem(region, memory.start, SIZE, NULL));
    RemoveVectoredExceptionHandler(handler);
    CHECK(ReadSharedMem(region, copy, &size, NULL));
    CHECK(size == SIZE && memcmp(copy, memory.start, SIZE) == 0);
    CHECK(WriteSharedMem(region, "next", 4, NULL));
}

static LONG CALLBACK end_thread(EXCEPTION_POINTERS *pointers)
{
    CHECK_EQUAL(pointers->ExceptionRecord->ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    ExitThread(0);
}

static void open_with_bad_security(void *unused)
{
    (void)unused;
    OpenSharedMem(NAME L"-another", CAPACITY, 0, (SECURITY_ATTRIBUTES *)(void *)(ULONG_PTR)8);
}

/* With one handle left to have: the call does not keep it. */
static void bad_security_keeps_no_handle(void)
{
    static HSHAREDMEM others[HANDLES];
    unsigned count = 0;
    while ((others[count] = OpenSharedMem(NAME, 0, 0, NULL)) != NULL) {
        count++;
        CHECK(count < HANDLES);
    }
    CHECK_EQUAL(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK(CloseSharedMem(others[--count]));

    SetUnhandledExceptionFilter(end_thread);
    thread_join(thread_start(open_with_bad_security, NULL));
    SetUnhandledExceptionFilter(NULL);
    HSHAREDMEM another = OpenSharedMem(NAME L"-another", CAPACITY, 0, NULL);
    CHECK(another != NULL && CloseSharedMem(another));
    while (count > 0) {
        CHECK(CloseSharedMem(others[--count]));
    }
}

/* Two writes in the middle of a copy: they go to other slots, and what was begun is whole. */
static LONG CALLBACK write_twice(EXCEPTION_POINTERS *pointers)
{
    static unsigned char other[SIZE];
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    DWORD old;
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION ||
        record->ExceptionInformation[1] - (ULONG_PTR)pages[1] >= LAYOUT_PAGE) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    VirtualProtect(pages[1], LAYOUT_PAGE, PAGE_READWRITE, &old);
    for (int letter = 'a'; letter <= 'b'; letter++) {
        memset(other, letter, sizeof other);
        CHECK(WriteSharedMem(region, other, sizeof other, NULL));
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void a_slot_stays_while_it_is_copied(void)
{
    struct guarded memory = guarded_allocate(SIZE);
    SIZE_T size = SIZE;
    ULONGLONG version, read_version;
    DWORD old;
    CHECK(WriteSharedMem(region, value, sizeof value, &version));
    pages[1] = memory.start + LAYOUT_PAGE;
    CHECK(VirtualProtect(pages[1], LAYOUT_PAGE, PAGE_NOACCESS, &old));
    void *handler = AddVectoredExceptionHandler(TRUE, write_twice);
    CHECK(ReadSharedMem(region, memory.start, &size, &read_version));
    RemoveVectoredExceptionHandler(handler);
    CHECK(size == SIZE && memcmp(memory.start, value, SIZE) == 0);
    CHECK_EQUAL(read_version, version);
}

int main(int argc, char **argv)
{
    check_deadline(60);
    region = OpenSharedMem(NAME, CAPACITY, 0, NULL);
    CHECK(region != NULL);
    struct raw_section section = raw_section_open(NAME, FILE_MAP_WRITE);
    control = raw_section_control(&section);
    memset(value, 'v', sizeof value);
    wmemset(text, L't', SHARED_MEM_TEXT_CCH - 1);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));

    CHECK(WriteSharedMem(region, value, sizeof value, NULL));
    SetSharedMem(text);
    bad_memory_harms_its_owner_only();
    a_mended_fault_is_no_fault();
    a_nested_write_is_refused();
    a_slot_stays_while_it_is_copied();
    bad_security_keeps_no_handle();
    return check_passed();
}
