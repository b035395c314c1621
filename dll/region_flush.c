#include "region.h"

#include "owner_token.h"
#include "region_lock.h"

struct flushing {
    struct region *region;
    uint64_t version; /* wanted */
    struct durable_snapshot snapshot;
    bool taken;
    DWORD error;
};

static void take(void *argument)
{
    struct flushing *self = argument;
    self->taken = durable_take(&self->region->file.durable, &self->snapshot);
}

/* With the writers locked out, which came in between again and again. */
static DWORD take_locked(struct flushing *self)
{
    DWORD error = region_lock(self->region, self);
    if (error == ERROR_SUCCESS) {
        region_call_locked(self->region, take, self);
        error = self->taken ? ERROR_SUCCESS : ERROR_TIMEOUT;
    }
    return error;
}

/* With the flush lock. */
static void flush(void *argument)
{
    struct flushing *self = argument;
    const struct durable *durable = &self->region->file.durable;
    self->error = ERROR_SUCCESS;
    if (durable_version(durable) >= self->version) {
        return; /* another one has flushed it meanwhile */
    }
    take(self);
    if (!self->taken) {
        self->error = take_locked(self);
    }
    if (self->error == ERROR_SUCCESS && !durable_confirm(durable, &self->snapshot)) {
        self->error = GetLastError();
    }
}

static DWORD flush_in_turn(struct region *region, uint64_t version)
{
    struct flushing self = {.region = region, .version = version};
    struct robust_lock *lock = &region->file.flush_lock;
    uint64_t token = owner_token_self();
    EXCEPTION_RECORD exception;
    if (!robust_lock_try_once(lock, token) && !robust_lock_contend(lock, token)) {
        return ERROR_TIMEOUT;
    }
    bool returned = guarded_call(flush, &self, &exception);
    robust_lock_release(lock);
    if (!returned) {
        guarded_call_raise(&exception);
    }
    return self.error;
}

DWORD region_flush(struct region *region, uint64_t version, uint64_t *durable)
{
    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    const struct durable *self = &region->file.durable;
    uint64_t present = seqlatch_read_begin(&region->values.latch);
    DWORD last_error = GetLastError(), error = ERROR_SUCCESS;
    version = version < present ? version : present;
    if (durable_version(self) < version) {
        error = flush_in_turn(region, version);
    }
    SetLastError(last_error);
    if (error == ERROR_SUCCESS) {
        *durable = durable_version(self);
    }
    return error;
}
