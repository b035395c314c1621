#include "region_reading.h"

#include "compiler.h"
#include "owner_token.h"
#include "unbiased_time.h"

enum { READ_TIMEOUT_MS = 5000 }; /* never try for ever */

static bool attempt_text(const struct values *values, struct reading *reading)
{
    reading->text = values_read_text(values, reading->buffer, reading->room);
    return reading->text != TEXT_STALE;
}

static bool attempt_value(const struct values *values, struct reading *reading)
{
    reading->sequence = seqlatch_read_begin(&values->latch);
    return region_reading_copy(values, reading);
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
bool region_read_contended(struct region *region, read_attempt *attempt, struct reading *reading)
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

static DWORD error_of(enum text_read text)
{
    return text == TEXT_CUT ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

static NOT_INLINE DWORD read_text_again(struct region *region, WCHAR *buffer, size_t cch)
{
    struct reading reading = {.buffer = buffer, .room = cch};
    if (!region_read_whole(region, attempt_text, &reading,
                           LOCK_FREE_READS - 1)) { /* one was made */
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

DWORD region_reading_end(struct reading *reading, bool whole, SIZE_T *size)
{
    DWORD error = !whole                          ? ERROR_TIMEOUT
                  : reading->size > reading->room ? ERROR_MORE_DATA
                                                  : ERROR_SUCCESS;
    if (error != ERROR_SUCCESS && reading->touched > 0) {
        memset(reading->buffer, 0, reading->touched); /* parts of stale values */
    }
    if (error != ERROR_TIMEOUT) {
        *size = reading->size;
    }
    return error;
}

DWORD region_read(struct region *region, void *buffer, SIZE_T *size, uint64_t *version)
{
    struct reading reading = {.buffer = buffer, .room = *size};
    bool whole = region_read_whole(region, attempt_value, &reading, LOCK_FREE_READS);
    DWORD error = region_reading_end(&reading, whole, size);
    if (error == ERROR_SUCCESS) {
        *version = region_version(region, reading.sequence);
    }
    return error;
}

DWORD region_query(struct region *region, SHARED_MEM_INFO *info)
{
    struct reading reading = {0};
    bool is_file = region_is_file(region);
    if (!region_read_whole(region, attempt_value, &reading, LOCK_FREE_READS)) {
        return ERROR_TIMEOUT;
    }
    info->flags = (region->section.read_only ? SHARED_MEM_READ_ONLY : 0) |
                  (region->is_unsynchronised ? SHARED_MEM_UNSYNCHRONISED : 0) |
                  (is_file && region->file.was_recovered ? SHARED_MEM_RECOVERED : 0);
    info->capacity = values_capacity(&region->values);
    info->size = reading.size < info->capacity ? reading.size : info->capacity;
    info->version = region_version(region, reading.sequence);
    info->writer = owner_token_thread_id(robust_lock_owner(&region->lock));
    region_attach_waiters(region);
    info->waiters = eventcount_waiters(&region->waiters);
    info->durable = is_file ? durable_version(&region->file.durable) : 0;
    info->address = region->section.view;
    info->depth = (DWORD)values_depth(&region->values);
    return ERROR_SUCCESS;
}
