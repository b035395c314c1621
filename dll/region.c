#include "region.h"

#include "byte_cell.h"
#include "compiler.h"
#include "guarded_call.h"
#include "identity.h"
#include "shared_copy.h"
#include "text.h"
#include "text_cell.h"
#include "writer_lock.h"

enum {
    LOCK_FREE_READS = 64,   /* attempts before a reader asks the writers to wait */
    READ_TIMEOUT_MS = 5000, /* never for ever */
    CREATION_MS = 100,      /* what another process takes at most from creating to stamping */
    FALSE_ALARMS = 8,       /* wake-ups for nothing after which a waiter trusts in polling */
    LOOK_MS = 250,          /* a waiter looks by itself: its waker may have been killed */
    POLL_MS = 10,           /* a waiter that nobody can wake looks, at the next tick of the clock */
};

_Static_assert(SHARED_MEM_TEXT_CCH == LAYOUT_TEXT_CCH, "the header promises what the layout holds");

struct region text_region;

static bool is_text(const struct latch *latch)
{
    return latch->slots == LAYOUT_TEXT_SLOTS;
}

/* Opening and closing. */

/* Where it is not set yet, sets one of the numbers that whoever comes first sets. */
static uint64_t agree_on(uint64_t *number, uint64_t proposal, bool read_only)
{
    if (!read_only && proposal != 0) {
        atomic_compare_exchange_acquire(number, 0, proposal);
    }
    return atomic_load_acquire(number);
}

static bool is_stamped(struct layout_control *control, uint32_t slots, bool read_only)
{
    uint64_t stamp = agree_on(&control->stamp, LAYOUT_STAMP(slots), read_only);
    return stamp == LAYOUT_STAMP(slots) || stamp == 0;
}

/* Completes a region whose section is open. `control` is private memory if `name` is NULL. */
static void set_up(struct region *region, const WCHAR *name, uint32_t slots, size_t capacity,
                   void *control)
{
    region->latch.control = control;
    region->latch.slots = slots;
    region->latch.capacity = capacity;
    region->waiters = (struct waiters){
        .control = control,
        .section = region->section.mapping,
        .name = name,
    };
}

DWORD region_open_text(struct region *region)
{
    struct section *section = &region->section;
    const WCHAR *name = SHARED_MEM_TEXT_NAME;

    DWORD error = section_create(section, name, LAYOUT_TEXT_SIZE, NULL);
    if (error == ERROR_ACCESS_DENIED) {
        error = section_open_instead(section, name, true);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }

    unsigned char *slot0 = section->view;
    unsigned char *slot1 = slot0 + LAYOUT_TEXT_SLOT_SIZE;
    struct layout_control *control = (void *)(slot1 + LAYOUT_TEXT_SLOT_SIZE);
    region->substitute = NULL;
    if (section->size != LAYOUT_TEXT_SIZE ||
        !is_stamped(control, LAYOUT_TEXT_SLOTS, section->read_only)) {
        slot1 = VirtualAlloc(NULL, LAYOUT_TEXT_SLOT_SIZE + sizeof *control,
                             MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        if (slot1 == NULL) {
            error = GetLastError();
            section_close(section);
            return error;
        }
        region->substitute = slot1;
        control = (void *)(slot1 + LAYOUT_TEXT_SLOT_SIZE);
        name = NULL;
    } else {
        agree_on(&control->capacity, LAYOUT_TEXT_SLOT_SIZE, section->read_only);
    }
    set_up(region, name, LAYOUT_TEXT_SLOTS, LAYOUT_TEXT_SLOT_SIZE, control);
    region->latch.slot[0] = slot0;
    region->latch.slot[1] = slot1;
    return ERROR_SUCCESS;
}

static size_t slot_size_for(size_t capacity)
{
    return (capacity + LAYOUT_PAGE - 1) / LAYOUT_PAGE * LAYOUT_PAGE;
}

/* The capacity that all of the region's processes agree on; 0 if the section is not a region. */
static size_t capacity_of(const struct section *section, struct layout_control *control,
                          size_t slot_size, size_t proposal)
{
    if (!is_stamped(control, LAYOUT_MAX_SLOTS, section->read_only)) {
        return 0;
    }
    uint64_t capacity =
        agree_on(&control->capacity, slot_size_for(proposal) == slot_size ? proposal : 0,
                 section->read_only);
    ULONGLONG deadline = GetTickCount64() + CREATION_MS;
    while (capacity == 0 && GetTickCount64() < deadline) {
        Sleep(1); /* its creator is just about to set it, or was killed before */
        capacity = atomic_load_acquire(&control->capacity);
    }
    if (capacity == 0) {
        capacity = agree_on(&control->capacity, slot_size, section->read_only);
        capacity = capacity == 0 ? slot_size : capacity;
    }
    return capacity <= slot_size && slot_size_for((size_t)capacity) == slot_size ? (size_t)capacity
                                                                                 : 0;
}

/* Finds the region in an open section. */
static DWORD recognise(struct region *region, size_t capacity)
{
    const struct section *section = &region->section;
    size_t slot_size = section->size / LAYOUT_MAX_SLOTS / LAYOUT_PAGE * LAYOUT_PAGE;
    if (slot_size == 0 || section->size != LAYOUT_MAX_SLOTS * slot_size + LAYOUT_PAGE) {
        return ERROR_INVALID_DATA;
    }
    unsigned char *slot = section->view;
    struct layout_control *control = (void *)(slot + LAYOUT_MAX_SLOTS * slot_size);
    size_t present = capacity_of(section, control, slot_size, capacity);
    if (present == 0) {
        return ERROR_INVALID_DATA;
    }
    if (present < capacity) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    set_up(region, region->name, LAYOUT_MAX_SLOTS, present, control);
    for (unsigned i = 0; i < LAYOUT_MAX_SLOTS; i++) {
        region->latch.slot[i] = slot + i * slot_size;
    }
    return ERROR_SUCCESS;
}

DWORD region_open(struct region *region, const WCHAR *name, size_t capacity, bool read_only,
                  SECURITY_ATTRIBUTES *security)
{
    /* Neither C nor the system has larger objects than of half the address space. */
    if (capacity > (PTRDIFF_MAX - LAYOUT_PAGE) / LAYOUT_MAX_SLOTS - LAYOUT_PAGE) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    lstrcpynW(region->name, name, REGION_NAME_CCH);
    region->substitute = NULL;

    size_t size = LAYOUT_MAX_SLOTS * slot_size_for(capacity) + LAYOUT_PAGE;
    DWORD error = read_only || capacity == 0
                      ? section_open(&region->section, region->name, read_only)
                      : section_create(&region->section, region->name, size, security);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = recognise(region, capacity);
    if (error != ERROR_SUCCESS) {
        section_close(&region->section);
    }
    return error;
}

void region_close(struct region *region)
{
    if (region->section.view == NULL) {
        return;
    }
    waiters_close(&region->waiters);
    if (region->substitute != NULL) {
        VirtualFree(region->substitute, 0, MEM_RELEASE);
    }
    section_close(&region->section);
}

/* Reading. */

/* Settling a text is no change: its first publication already counts for both. */
static uint64_t version_of(const struct region *region, uint64_t sequence)
{
    return is_text(&region->latch) ? sequence + (sequence & 1) : sequence;
}

struct reading {
    void *buffer;
    size_t room;       /* characters of a text that may be cut, else bytes */
    unsigned text;     /* what reading the text came to */
    size_t size;       /* bytes of the value */
    size_t touched;    /* bytes that earlier attempts may have written to the buffer */
    uint64_t sequence; /* of the value */
};

/* One attempt at a read. FALSE: a writer came in between. */
typedef bool read_attempt(const struct latch *latch, struct reading *reading);

static bool attempt_text(const struct latch *latch, struct reading *reading)
{
    reading->text = text_cell_read(latch, reading->buffer, reading->room);
    return (reading->text & TEXT_CELL_OVERTAKEN) == 0;
}

static bool attempt_value(const struct latch *latch, struct reading *reading)
{
    bool text = is_text(latch);

    reading->sequence = latch_begin(latch);
    reading->size =
        text ? text_cell_size(latch, reading->sequence) : byte_cell_size(latch, reading->sequence);
    if (reading->size <= reading->room && reading->size > 0) {
        shared_copy(reading->buffer, latch_slot(latch, reading->sequence), reading->size);
        if (text) { /* whatever has become of its terminator since */
            shared_store_unit((char *)reading->buffer + reading->size - sizeof(WCHAR), 0);
        }
        reading->touched = reading->touched < reading->size ? reading->size : reading->touched;
    }
    return latch_unchanged(latch, reading->sequence);
}

/* An attempt with the writers locked out: only a process that ignores the lock comes in between. */
struct locked_attempt {
    const struct latch *latch;
    read_attempt *attempt;
    struct reading *reading;
    bool whole;
};

static void attempt_locked(void *argument)
{
    struct locked_attempt *self = argument;
    self->whole = self->attempt(self->latch, self->reading);
}

/* FALSE if the lock is not to be had at the moment, too. The buffer may fault: not with the lock. */
static bool read_locked(struct region *region, read_attempt *attempt, struct reading *reading)
{
    uint64_t *lock = &region->latch.control->writer;
    struct locked_attempt locked = {&region->latch, attempt, reading, false};
    EXCEPTION_RECORD exception;

    if (!writer_lock_try_acquire(lock)) {
        return false;
    }
    bool returned = guarded_call(attempt_locked, &locked, &exception);
    writer_lock_release(lock);
    if (!returned) {
        guarded_call_raise(&exception);
    }
    return locked.whole;
}

/*
 * For a reader that writers have overtaken again and again. The lock's owner may be
 * suspended, with the value at rest: the reader keeps trying without the lock, too.
 */
static bool read_contended(struct region *region, read_attempt *attempt, struct reading *reading)
{
    DWORD last_error = GetLastError();
    ULONGLONG deadline = GetTickCount64() + READ_TIMEOUT_MS;
    bool whole;
    while (!(whole = attempt(&region->latch, reading) ||
                     (!region->section.read_only && read_locked(region, attempt, reading))) &&
           GetTickCount64() < deadline) {
        SwitchToThread();
    }
    SetLastError(last_error);
    return whole;
}

/* With so many attempts before the lock is asked for. */
static inline bool read_whole(struct region *region, read_attempt *attempt, struct reading *reading,
                              unsigned attempts)
{
    for (unsigned i = 0; i < attempts; i++) {
        if (attempt(&region->latch, reading)) {
            return true;
        }
    }
    return read_contended(region, attempt, reading);
}

static DWORD error_of(unsigned text)
{
    return (text & TEXT_CELL_CUT) != 0 ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

static NOT_INLINE DWORD read_text_again(struct region *region, WCHAR *buffer, size_t cch)
{
    struct reading reading = {.buffer = buffer, .room = cch};
    if (!read_whole(region, attempt_text, &reading, LOCK_FREE_READS - 1)) { /* one was made */
        shared_store_unit(buffer, 0);
        return ERROR_TIMEOUT;
    }
    return error_of(reading.text);
}

DWORD region_read_text(struct region *region, WCHAR *buffer, size_t cch)
{
    unsigned text = text_cell_read(&region->latch, buffer, cch);
    return (text & TEXT_CELL_OVERTAKEN) != 0 ? read_text_again(region, buffer, cch)
                                             : error_of(text);
}

DWORD region_read(struct region *region, void *buffer, SIZE_T *size, uint64_t *version)
{
    struct reading reading = {.buffer = buffer, .room = *size};
    DWORD error = ERROR_SUCCESS;
    if (!read_whole(region, attempt_value, &reading, LOCK_FREE_READS)) {
        error = ERROR_TIMEOUT;
    } else if (reading.size > reading.room) {
        error = ERROR_MORE_DATA;
    }
    if (error != ERROR_SUCCESS && reading.touched > 0) {
        memset(buffer, 0, reading.touched); /* parts of values that were overtaken */
    }
    if (error != ERROR_TIMEOUT) {
        *size = reading.size;
    }
    if (error == ERROR_SUCCESS) {
        *version = version_of(region, reading.sequence);
    }
    return error;
}

/* Writing. */

/*
 * Puts right what newcomers know the region by, and what no program that keeps to the protocol
 * changes.
 */
static void restore_identification(const struct latch *latch)
{
    struct layout_control *control = latch->control;
    if (atomic_load_relaxed(&control->stamp) != LAYOUT_STAMP(latch->slots)) {
        atomic_store_relaxed(&control->stamp, LAYOUT_STAMP(latch->slots));
    }
    if (atomic_load_relaxed(&control->capacity) != latch->capacity) {
        atomic_store_relaxed(&control->capacity, latch->capacity);
    }
}

/* What is done with the lock held, and what came of it. */
struct replacement {
    const struct latch *latch;
    const void *data;
    size_t size; /* of a text: without a terminator */
    const uint64_t *expected;
    uint64_t version;
    DWORD error;
};

static void replace_locked(void *argument)
{
    struct replacement *self = argument;
    const struct latch *latch = self->latch;

    restore_identification(latch);
    if (is_text(latch)) {
        text_cell_settle(latch);
    }
    self->version = latch_begin(latch);
    if (self->expected != NULL && *self->expected != self->version) {
        self->error = ERROR_REVISION_MISMATCH;
        return;
    }
    if (is_text(latch)) {
        text_cell_write(latch, self->data, self->size / sizeof(WCHAR));
    } else {
        byte_cell_write(latch, self->data, self->size);
    }
    self->version = latch_begin(latch);
    self->error = ERROR_SUCCESS;
}

/* Replaces the value, which has been checked; the size of a text is without a terminator. */
static DWORD replace(struct region *region, const void *data, size_t size, const uint64_t *expected,
                     uint64_t *version)
{
    uint64_t *lock = &region->latch.control->writer;
    struct replacement replacement = {&region->latch, data, size, expected, 0, ERROR_SUCCESS};
    EXCEPTION_RECORD exception;

    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    for (;;) { /* until the caller's memory does not fault */
        if (!writer_lock_acquire(lock)) {
            return ERROR_TIMEOUT;
        }
        bool returned = guarded_call(replace_locked, &replacement, &exception);
        writer_lock_release(lock);
        if (returned) {
            break;
        }
        guarded_call_raise(&exception);
    }
    if (replacement.error == ERROR_SUCCESS) {
        waiters_wake(&region->waiters); /* behind the full barrier of the release */
    }
    *version = replacement.version;
    return replacement.error;
}

DWORD region_write_text(struct region *region, const WCHAR *text)
{
    bool whole;
    uint64_t version;
    size_t cch = text_fit(text, SHARED_MEM_TEXT_CCH, &whole);

    DWORD error = replace(region, text, cch * sizeof *text, NULL, &version);
    return error == ERROR_SUCCESS && !whole ? ERROR_INSUFFICIENT_BUFFER : error;
}

DWORD region_write(struct region *region, const void *data, size_t size, const uint64_t *expected,
                   uint64_t *version)
{
    if (is_text(&region->latch)) {
        if (size % sizeof(WCHAR) != 0) {
            return ERROR_INVALID_PARAMETER;
        }
        size = text_measure(data, size / sizeof(WCHAR)) * sizeof(WCHAR);
        if (size > region->latch.capacity - sizeof(WCHAR)) {
            return ERROR_INSUFFICIENT_BUFFER;
        }
    } else if (size > region->latch.capacity) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    return replace(region, data, size, expected, version);
}

/* Waiting. */

static bool has_changed(const struct region *region, uint64_t version)
{
    return version_of(region, latch_begin(&region->latch)) != version;
}

DWORD region_wait(struct region *region, uint64_t version, DWORD milliseconds)
{
    if (has_changed(region, version)) {
        return ERROR_SUCCESS;
    }
    if (milliseconds == 0) {
        return ERROR_TIMEOUT;
    }

    ULONGLONG start = GetTickCount64();
    DWORD error = ERROR_SUCCESS;
    unsigned entry = region->section.read_only ? WAITERS_NO_ENTRY : waiters_enter(&region->waiters);
    unsigned false_alarms = 0;
    for (;;) {
        if (entry != WAITERS_NO_ENTRY) {
            waiters_arm(&region->waiters, entry);
        }
        if (has_changed(region, version)) {
            break;
        }
        DWORD step = entry != WAITERS_NO_ENTRY ? LOOK_MS : POLL_MS;
        if (milliseconds != INFINITE) {
            ULONGLONG waited = GetTickCount64() - start;
            if (waited >= milliseconds) {
                error = ERROR_TIMEOUT;
                break;
            }
            step = milliseconds - waited < step ? (DWORD)(milliseconds - waited) : step;
        }
        if (entry == WAITERS_NO_ENTRY) {
            Sleep(step);
        } else if (waiters_sleep(&region->waiters, entry, step) && ++false_alarms > FALSE_ALARMS) {
            /* A signal for an earlier waiter comes once. This event is somebody's mischief. */
            waiters_leave(&region->waiters, entry);
            entry = WAITERS_NO_ENTRY;
        }
    }
    if (entry != WAITERS_NO_ENTRY) {
        waiters_leave(&region->waiters, entry);
    }
    return error;
}

DWORD region_query(struct region *region, SHARED_MEM_INFO *info)
{
    struct reading reading = {0};
    if (!read_whole(region, attempt_value, &reading, LOCK_FREE_READS)) {
        return ERROR_TIMEOUT;
    }
    info->flags = (region->section.read_only ? SHARED_MEM_READ_ONLY : 0) |
                  (region->substitute != NULL ? SHARED_MEM_UNSYNCHRONISED : 0);
    info->capacity = region->latch.capacity;
    info->size = reading.size;
    info->version = version_of(region, reading.sequence);
    info->writer = identity_thread_id(atomic_load_relaxed(&region->latch.control->writer));
    info->waiters = waiters_count(&region->waiters);
    return ERROR_SUCCESS;
}
