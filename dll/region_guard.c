#include "region_guard.h"

#include "owner_token.h"

#define EXCEPTION_ADDRESS 1 /* which of the exception's parameters is the address */

/* A call of a function of region.h, and what it is called with. */
struct call {
    DWORD (*make)(const struct call *call);
    struct region *region;
    const void *data;
    void *buffer;
    size_t size;
    SIZE_T *sizes; /* in and out */
    const uint64_t *expected;
    uint64_t *version; /* out, or in and out */
    uint64_t *missed;
    uint64_t known; /* a version */
    const void **borrowed;
    void **reserved;
    SHARED_MEM_INFO *info;
    DWORD (*attach)(struct region *region);
    DWORD error;
};

static void make(void *argument)
{
    struct call *call = argument;
    call->error = call->make(call);
}

static bool is_in(const void *view, size_t size, uintptr_t address)
{
    return view != NULL && address - (uintptr_t)view < size;
}

static bool is_fault_of_file(const struct region *region, const EXCEPTION_RECORD *exception)
{
    const struct section *section = &region->section;
    if ((exception->ExceptionCode != EXCEPTION_ACCESS_VIOLATION &&
         exception->ExceptionCode != EXCEPTION_IN_PAGE_ERROR) ||
        exception->NumberParameters <= EXCEPTION_ADDRESS) {
        return false;
    }
    uintptr_t address = exception->ExceptionInformation[EXCEPTION_ADDRESS];
    return is_in(section->view, section->size, address) ||
           is_in(section->read_view, section->size, address);
}

/* A fault may have come behind the taking of the lock, or in front of its release. */
static void release(void *argument)
{
    struct region *region = argument;
    uint64_t self = owner_token_self();
    if (atomic_load_relaxed(&region->reservation.owner) != self) {
        robust_lock_release_for(&region->lock, self);
    }
    robust_lock_release_for(&region->file.flush_lock, self);
}

/* Makes the call. If the file faults, it returns that error, with no lock left behind. */
static DWORD guard(struct call *call, DWORD fault)
{
    EXCEPTION_RECORD exception;
    while (!guarded_call(make, call, &exception)) {
        if (is_fault_of_file(call->region, &exception)) {
            guarded_call(release, call->region, &exception);
            return fault;
        }
        guarded_call_raise(&exception);
    }
    return call->error;
}

static DWORD guard_read(struct call call)
{
    return guard(&call, ERROR_READ_FAULT);
}

static DWORD guard_write(struct call call)
{
    return guard(&call, ERROR_WRITE_FAULT);
}

static DWORD make_open(const struct call *call)
{
    return call->attach(call->region);
}

DWORD region_guard_open(struct region *region, DWORD (*attach)(struct region *region))
{
    return guard_read((struct call){.make = make_open, .region = region, .attach = attach});
}

static DWORD make_read(const struct call *call)
{
    return region_read(call->region, call->buffer, call->sizes, call->version);
}

DWORD region_guard_read(struct region *region, void *buffer, SIZE_T *size, uint64_t *version)
{
    return guard_read((struct call){
        .make = make_read, .region = region, .buffer = buffer, .sizes = size, .version = version});
}

static DWORD make_read_next(const struct call *call)
{
    return region_read_next(call->region, call->buffer, call->sizes, call->version, call->missed);
}

DWORD region_guard_read_next(struct region *region, void *buffer, SIZE_T *size, uint64_t *version,
                             uint64_t *missed)
{
    return guard_read((struct call){.make = make_read_next,
                                    .region = region,
                                    .buffer = buffer,
                                    .sizes = size,
                                    .version = version,
                                    .missed = missed});
}

static DWORD make_borrow(const struct call *call)
{
    return region_borrow(call->region, call->borrowed, call->sizes, call->version);
}

DWORD region_guard_borrow(struct region *region, const void **data, SIZE_T *size, uint64_t *version)
{
    return guard_read((struct call){.make = make_borrow,
                                    .region = region,
                                    .borrowed = data,
                                    .sizes = size,
                                    .version = version});
}

static DWORD make_validate(const struct call *call)
{
    return region_validate(call->region, call->known);
}

DWORD region_guard_validate(struct region *region, uint64_t version)
{
    return guard_read((struct call){.make = make_validate, .region = region, .known = version});
}

static DWORD make_query(const struct call *call)
{
    return region_query(call->region, call->info);
}

DWORD region_guard_query(struct region *region, SHARED_MEM_INFO *info)
{
    return guard_read((struct call){.make = make_query, .region = region, .info = info});
}

/* Versions must not get so far ahead that a recovery could give one out again. */
static DWORD keep_lead(struct region *region)
{
    const struct durable *durable = &region->file.durable;
    uint64_t version = seqlatch_read_begin(&region->values.latch), made;
    return version - durable_version(durable) <= DURABLE_LEAD
               ? ERROR_SUCCESS
               : region_flush(region, version, &made);
}

static DWORD make_write(const struct call *call)
{
    DWORD error = keep_lead(call->region);
    return error != ERROR_SUCCESS
               ? error
               : region_write(call->region, call->data, call->size, call->expected, call->version);
}

DWORD region_guard_write(struct region *region, const void *data, size_t size,
                         const uint64_t *expected, uint64_t *version)
{
    return guard_write((struct call){.make = make_write,
                                     .region = region,
                                     .data = data,
                                     .size = size,
                                     .expected = expected,
                                     .version = version});
}

static DWORD make_reserve(const struct call *call)
{
    DWORD error = keep_lead(call->region);
    return error != ERROR_SUCCESS
               ? error
               : region_reserve(call->region, call->expected, call->reserved, call->sizes);
}

DWORD region_guard_reserve(struct region *region, const uint64_t *expected, void **data,
                           SIZE_T *room)
{
    return guard_write((struct call){.make = make_reserve,
                                     .region = region,
                                     .expected = expected,
                                     .reserved = data,
                                     .sizes = room});
}

static DWORD make_publish(const struct call *call)
{
    return region_publish(call->region, call->size, call->version);
}

DWORD region_guard_publish(struct region *region, size_t size, uint64_t *version)
{
    return guard_write(
        (struct call){.make = make_publish, .region = region, .size = size, .version = version});
}

static DWORD make_discard(const struct call *call)
{
    return region_discard(call->region);
}

DWORD region_guard_discard(struct region *region)
{
    return guard_write((struct call){.make = make_discard, .region = region});
}

static DWORD make_flush(const struct call *call)
{
    return region_flush(call->region, call->known, call->version);
}

DWORD region_guard_flush(struct region *region, uint64_t version, uint64_t *durable)
{
    return guard_write(
        (struct call){.make = make_flush, .region = region, .known = version, .version = durable});
}

/* Waiting: looking is guarded, so that a thread that waits always ends its waiting. */

static DWORD look(const struct call *call)
{
    const struct region *region = call->region;
    return seqlatch_read_begin(&region->values.latch) != call->known ? ERROR_SUCCESS
                                                                     : ERROR_TIMEOUT;
}

static DWORD guard_look(struct region *region, uint64_t version)
{
    return guard_read((struct call){.make = look, .region = region, .known = version});
}

bool region_file_has_changed(struct region *region, uint64_t version)
{
    return guard_look(region, version) != ERROR_TIMEOUT;
}

DWORD region_guard_wait(struct region *region, uint64_t version, DWORD milliseconds)
{
    DWORD error = region_wait(region, version, milliseconds);
    return error == ERROR_SUCCESS && guard_look(region, version) == ERROR_READ_FAULT
               ? ERROR_READ_FAULT
               : error;
}
