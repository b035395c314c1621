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

static bool is_text(const struct latch *latch)
{
    return latch->slots == LAYOUT_TEXT_SLOTS;
}

/* Opening and closing. */

/* Where it is 0, sets one of the numbers of the control page that are set once. */
static uint64_t set_once(uint64_t *number, uint64_t proposal, bool read_only)
{
    if (!read_only) {
        atomic_compare_exchange_acquire(number, 0, proposal);
    }
    return atomic_load_acquire(number);
}

static bool is_stamped(struct layout_control *control, uint32_t slots, bool read_only)
{
    uint64_t stamp = set_once(&control->stamp, LAYOUT_STAMP(slots), read_only);
    return stamp == LAYOUT_STAMP(slots) || stamp == 0;
}

/* The text region, whose section is open; and the same without synchronisation. */
static struct region text_region, foreign_text;
static uint64_t is_foreign; /* whether the text is to be had without only */

static void set_up_text(struct region *region, const struct section *section, void *slot1)
{
    struct layout_control *control = (void *)((unsigned char *)slot1 + LAYOUT_TEXT_SLOT_SIZE);
    region->section = *section;
    region->latch = (struct latch){
        .control = control,
        .slots = LAYOUT_TEXT_SLOTS,
        .slot = {section->view, slot1},
        .capacity = LAYOUT_TEXT_SLOT_SIZE,
        .least_capacity = LAYOUT_TEXT_SLOT_SIZE,
        .most_capacity = LAYOUT_TEXT_SLOT_SIZE,
    };
    region->waiters = (struct waiters){
        .control = control,
        .section = section->mapping,
        .name = SHARED_MEM_TEXT_NAME,
    };
}

static bool is_text_region(const struct section *section)
{
    return section->size == LAYOUT_TEXT_SIZE &&
           is_stamped(text_region.latch.control, LAYOUT_TEXT_SLOTS, section->read_only);
}

DWORD region_open_text(void)
{
    struct section section;
    DWORD error = section_create(&section, SHARED_MEM_TEXT_NAME, LAYOUT_TEXT_SIZE, NULL);
    if (error == ERROR_ACCESS_DENIED) {
        error = section_open_instead(&section, SHARED_MEM_TEXT_NAME, true);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    set_up_text(&text_region, &section, (char *)section.view + LAYOUT_TEXT_SLOT_SIZE);
    if (is_text_region(&section)) {
        set_once(&text_region.latch.control->capacity, LAYOUT_TEXT_SLOT_SIZE, section.read_only);
        return ERROR_SUCCESS;
    }
    void *pages = VirtualAlloc(NULL, LAYOUT_TEXT_SLOT_SIZE + sizeof(struct layout_control),
                               MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (pages == NULL) {
        error = GetLastError();
        section_close(&text_region.section);
        return error;
    }
    set_up_text(&foreign_text, &section, pages);
    foreign_text.substitute = pages;
    atomic_store_relaxed(&is_foreign, true);
    return ERROR_SUCCESS;
}

void region_close_text(void)
{
    if (text_region.section.view == NULL) {
        return;
    }
    region_close(&text_region);
    if (foreign_text.substitute != NULL) {
        VirtualFree(foreign_text.substitute, 0, MEM_RELEASE);
    }
}

/* The stamp may have been overwritten only when this process looked. */
static NOT_INLINE struct region *look_at_the_stamp_again(void)
{
    if (!is_text_region(&foreign_text.section)) {
        return &foreign_text;
    }
    atomic_store_relaxed(&is_foreign, false);
    return &text_region;
}

struct region *region_text(void)
{
    return atomic_load_relaxed(&is_foreign) ? look_at_the_stamp_again() : &text_region;
}

static size_t slot_size_for(size_t capacity)
{
    return (capacity + LAYOUT_PAGE - 1) / LAYOUT_PAGE * LAYOUT_PAGE;
}

/* What the section states, which its creator is about to state, or was killed before; then 0. */
static uint64_t stated_capacity(const struct layout_control *control)
{
    ULONGLONG deadline = GetTickCount64() + CREATION_MS;
    uint64_t capacity;
    while ((capacity = atomic_load_acquire(&control->capacity)) == 0 &&
           GetTickCount64() < deadline) {
        Sleep(1);
    }
    return capacity;
}

/*
 * Finds out a region's capacity, of which `wanted` bytes are the least to do. The creator of the
 * region knows it; other processes go by what the section states, as long as it can be true, and
 * state it where the creator was killed too soon.
 */
static DWORD find_capacity(struct latch *latch, const struct section *section, size_t slot_size,
                           size_t wanted)
{
    struct layout_control *control = latch->control;
    size_t least = slot_size - LAYOUT_PAGE + 1;
    if (section->created) {
        atomic_store_relaxed(&control->capacity, wanted);
        latch->capacity = latch->least_capacity = latch->most_capacity = wanted;
        return ERROR_SUCCESS;
    }
    uint64_t stated = stated_capacity(control);
    if (stated == 0) {
        size_t proposal = wanted >= least && wanted <= slot_size ? wanted : slot_size;
        stated = set_once(&control->capacity, proposal, section->read_only);
        stated = stated == 0 ? slot_size : stated;
    }
    if (stated < least || stated > slot_size) {
        return ERROR_INVALID_DATA;
    }
    if (stated < wanted) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    latch->capacity = (size_t)stated;
    latch->least_capacity = wanted > least ? wanted : least;
    latch->most_capacity = slot_size;
    return ERROR_SUCCESS;
}

/* Finds the region in its section, which is open. */
static DWORD recognise(struct region *region, size_t capacity)
{
    const struct section *section = &region->section;
    size_t slot_size = section->size / LAYOUT_MAX_SLOTS / LAYOUT_PAGE * LAYOUT_PAGE;
    if (slot_size == 0 || section->size != LAYOUT_MAX_SLOTS * slot_size + LAYOUT_PAGE) {
        return ERROR_INVALID_DATA;
    }
    unsigned char *slot = section->view;
    struct layout_control *control = (void *)(slot + LAYOUT_MAX_SLOTS * slot_size);
    if (!is_stamped(control, LAYOUT_MAX_SLOTS, section->read_only)) {
        return ERROR_INVALID_DATA;
    }
    region->latch.control = control;
    region->latch.slots = LAYOUT_MAX_SLOTS;
    for (unsigned i = 0; i < LAYOUT_MAX_SLOTS; i++) {
        region->latch.slot[i] = slot + i * slot_size;
    }
    region->waiters = (struct waiters){
        .control = control,
        .section = section->mapping,
        .name = region->name,
    };
    return find_capacity(&region->latch, section, slot_size, capacity);
}

DWORD region_open_section(struct section *section, const WCHAR *name, size_t capacity,
                          bool read_only, SECURITY_ATTRIBUTES *security)
{
    /* Neither C nor the system has larger objects than of half the address space. */
    if (capacity > (PTRDIFF_MAX - LAYOUT_PAGE) / LAYOUT_MAX_SLOTS - LAYOUT_PAGE) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    size_t size = LAYOUT_MAX_SLOTS * slot_size_for(capacity) + LAYOUT_PAGE;
    return read_only || capacity == 0 ? section_open(section, name, read_only)
                                      : section_create(section, name, size, security);
}

DWORD region_attach(struct region *region, const struct section *section, const WCHAR *name,
                    size_t capacity)
{
    region->section = *section;
    region->substitute = NULL;
    lstrcpynW(region->name, name, REGION_NAME_CCH);
    DWORD error = recognise(region, capacity);
    if (error != ERROR_SUCCESS) {
        section_close(&region->section);
    }
    return error;
}

void region_close(struct region *region)
{
    waiters_close(&region->waiters);
    section_close(&region->section);
}

/* Reading. */

/* Whether the control page is private: there are no versions then, and no waiting. */
static bool is_unsynchronised(const struct region *region)
{
    return region->substitute != NULL;
}

/* Settling a text is no change: its first publication already counts for both. */
static uint64_t version_of(const struct region *region, uint64_t sequence)
{
    if (!is_text(&region->latch)) {
        return sequence;
    }
    return is_unsynchronised(region) ? 0 : sequence + (sequence & 1);
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
    size_t capacity = latch_capacity(latch);
    if (atomic_load_relaxed(&control->capacity) != capacity) {
        atomic_store_relaxed(&control->capacity, capacity);
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
    *version = version_of(region, replacement.version);
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
    if (expected != NULL && is_unsynchronised(region)) {
        return ERROR_NOT_SUPPORTED;
    }
    if (is_text(&region->latch)) {
        if (size % sizeof(WCHAR) != 0) {
            return ERROR_INVALID_PARAMETER;
        }
        size = text_measure(data, size / sizeof(WCHAR)) * sizeof(WCHAR);
        if (size > region->latch.capacity - sizeof(WCHAR)) {
            return ERROR_INSUFFICIENT_BUFFER;
        }
    } else if (size > latch_capacity(&region->latch)) {
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
    if (is_unsynchronised(region)) {
        return ERROR_NOT_SUPPORTED;
    }
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
                  (is_unsynchronised(region) ? SHARED_MEM_UNSYNCHRONISED : 0);
    info->capacity = latch_capacity(&region->latch);
    info->size = reading.size < info->capacity ? reading.size : info->capacity;
    info->version = version_of(region, reading.sequence);
    info->writer = identity_thread_id(atomic_load_relaxed(&region->latch.control->writer));
    info->waiters = waiters_count(&region->waiters);
    return ERROR_SUCCESS;
}
