#include "region.h"

#include "compiler.h"
#include "owner_token.h"
#include "unbiased_time.h"

enum {
    LOCK_FREE_READS = 64,   /* attempts before a reader tries to lock the writers out */
    READ_TIMEOUT_MS = 5000, /* never try for ever */
};

struct reading {
    void *buffer;
    size_t room; /* characters of a text that may be cut, else bytes */

    enum text_read text; /* what reading the text came to */

    size_t size;       /* bytes of the value */
    size_t touched;    /* bytes that earlier attempts may have written to the buffer */
    uint64_t sequence; /* of the value */
};

/* One attempt at a read. FALSE: it is stale, a writer came in between. */
typedef bool read_attempt(const struct values *values, struct reading *reading);

static bool attempt_text(const struct values *values, struct reading *reading)
{
    reading->text = values_read_text(values, reading->buffer, reading->room);
    return reading->text != TEXT_STALE;
}

static bool attempt_value(const struct values *values, struct reading *reading)
{
    reading->sequence = seqlatch_read_begin(&values->latch);
    reading->size = values_size(values, reading->sequence);
    if (reading->size <= reading->room && reading->size > 0) {
        values_copy(values, reading->sequence, reading->buffer, reading->size);
        reading->touched = reading->touched < reading->size ? reading->size : reading->touched;
    }
    return !seqlatch_read_retry(&values->latch, reading->sequence);
}

/* An attempt with the writers locked out: only a process that ignores the lock comes in between. */
struct locked_attempt {
    const struct values *values;
    read_attempt *attempt;
    struct reading *reading;
    bool whole;
};

static void attempt_locked(void *argument)
{
    struct locked_attempt *self = argument;
    self->whole = self->attempt(self->values, self->reading);
}

/* FALSE also if the lock is not free now. The buffer may fault, but not with the lock taken. */
static bool read_locked(struct region *region, read_attempt *attempt, struct reading *reading)
{
    struct locked_attempt locked = {&region->values, attempt, reading, false};
    if (!robust_lock_try_acquire(&region->lock)) {
        return false;
    }
    region_call_locked(region, attempt_locked, &locked);
    return locked.whole;
}

/*
 * For a reader that writers have overtaken again and again. The lock's owner may be suspended, with
 * the value at rest: the reader keeps trying without the lock, too.
 */
static bool read_contended(struct region *region, read_attempt *attempt, struct reading *reading)
{
    uint64_t deadline = unbiased_time() + READ_TIMEOUT_MS;
    bool whole;
    while (!(whole = attempt(&region->values, reading) ||
                     (!region->section.read_only && read_locked(region, attempt, reading))) &&
           unbiased_time() < deadline) {
        SwitchToThread();
    }
    return whole;
}

static inline bool read_whole(struct region *region, read_attempt *attempt, struct reading *reading,
                              unsigned attempts)
{
    for (unsigned i = 0; i < attempts; i++) {
        if (attempt(&region->values, reading)) {
            return true;
        }
    }
    return read_contended(region, attempt, reading);
}

static DWORD error_of(enum text_read text)
{
    return text == TEXT_CUT ? ERROR_MORE_DATA : ERROR_SUCCESS;
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
    enum text_read text = values_read_text(&region->values, buffer, cch);
    return text == TEXT_STALE ? read_text_again(region, buffer, cch) : error_of(text);
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
        memset(buffer, 0, reading.touched); /* parts of stale values */
    }
    if (error != ERROR_TIMEOUT) {
        *size = reading.size;
    }
    if (error == ERROR_SUCCESS) {
        *version = region_version(region, reading.sequence);
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
                  (region->is_unsynchronised ? SHARED_MEM_UNSYNCHRONISED : 0);
    info->capacity = values_capacity(&region->values);
    info->size = reading.size < info->capacity ? reading.size : info->capacity;
    info->version = region_version(region, reading.sequence);
    info->writer = owner_token_thread_id(robust_lock_owner(&region->lock));
    region_attach_waiters(region);
    info->waiters = eventcount_waiters(&region->waiters);
    info->durable = 0;
    info->address = region->section.view;
    info->depth = (DWORD)values_depth(&region->values);
    return ERROR_SUCCESS;
}
