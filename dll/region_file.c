#include "file.h"
#include "region.h"
#include "region_guard.h"
#include "unbiased_time.h"

enum { OPENING_MS = 30000, RETRY_MS = 5 };

static bool barrier(void *context, const void *start, size_t size)
{
    return file_flush(context, start, size);
}

/* Unique is enough: the time, and what tells processes and threads apart. */
static struct file_id new_id(void)
{
    struct {
        FILETIME time;
        LARGE_INTEGER counter;
        const void *address;
        DWORD process, thread;
        uint64_t half;
    } seed = {.address = &seed, .process = GetCurrentProcessId(), .thread = GetCurrentThreadId()};
    GetSystemTimeAsFileTime(&seed.time);
    QueryPerformanceCounter(&seed.counter);
    uint64_t low = checksum_of_bytes(&seed, sizeof seed);
    seed.half = 1;
    return (struct file_id){.low = low, .high = checksum_of_bytes(&seed, sizeof seed)};
}

/* A file that this process cannot map is not created: it would stay. */
static DWORD create(const WCHAR *path, const SHARED_MEM_OPTIONS *options)
{
    struct file_id id = new_id();
    struct file_identity identity = file_identity_make(&id, options->capacity, options->depth);
    struct file_image image;
    if (!file_image_plan(&image, options->capacity, options->depth)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    DWORD error = section_find_room(image.size, options->address);
    return error == ERROR_SUCCESS ? file_create(path, &identity, &image, options->security) : error;
}

/* Opens the file, or creates it, however many processes do so at once. */
static DWORD open_or_create(HANDLE *file, const WCHAR *path, const SHARED_MEM_OPTIONS *options)
{
    bool read_only = (options->flags & SHARED_MEM_READ_ONLY) != 0;
    bool has_to_be_new = (options->flags & SHARED_MEM_CREATE_NEW) != 0;
    uint64_t deadline = unbiased_time() + OPENING_MS;
    for (;;) {
        DWORD error = file_open(file, path, read_only);
        if (error == ERROR_SUCCESS && has_to_be_new) {
            CloseHandle(*file);
            return ERROR_ALREADY_EXISTS;
        }
        if (error == ERROR_FILE_NOT_FOUND && !read_only && options->capacity != 0) {
            error = create(path, options);
            if (error == ERROR_SUCCESS) {
                has_to_be_new = false; /* nor does it matter if another process opens it first */
                continue;
            }
            if (error == ERROR_ALREADY_EXISTS && !has_to_be_new) {
                continue;
            }
        }
        if (error != ERROR_SHARING_VIOLATION || unbiased_time() >= deadline) {
            return error;
        }
        Sleep(RETRY_MS); /* another process is making it, or looks at it for a moment */
    }
}

/* L"sharedmem.file.<id>": what the region's notify section and events are called after. */
static void name_region(struct region *region, const struct file_id *id)
{
    const uint64_t halves[] = {id->high, id->low};
    lstrcpyW(region->name, L"sharedmem.file.");
    WCHAR *at = region->name + lstrlenW(region->name);
    for (unsigned digit = 0; digit < 32; digit++) {
        unsigned value = (unsigned)(halves[digit / 16] >> (60 - digit % 16 * 4)) & 15;
        *at++ = (WCHAR)(value < 10 ? L'0' + value : L'a' + value - 10);
    }
    *at = 0;
}

static void attach_flush_lock(struct region *region)
{
    struct layout_control *control = region->values.latch.control;
    region->file.flush_lock.shared = &control->flush_lock;
    region->file.flush_lock.contenders = (struct eventcount){.table = &control->flush_contenders,
                                                             .section = region->section.file,
                                                             .name = region->name,
                                                             .suffix = L".flush."};
}

static DWORD recover(struct region *region)
{
    if (region->section.read_only) {
        return ERROR_FILE_CORRUPT;
    }
    switch (durable_recover(&region->file.durable)) {
    case DURABLE_DONE:
        region->file.was_recovered = seqlatch_read_begin(&region->values.latch) != 0;
        return ERROR_SUCCESS;
    case DURABLE_FAILED:
        return GetLastError();
    default:
        return ERROR_FILE_CORRUPT;
    }
}

/* Within the gate: attaches to the file, and becomes present. */
static DWORD attach_in_gate(struct region *region, HANDLE file, const SHARED_MEM_OPTIONS *options)
{
    struct region_file *self = &region->file;
    bool read_only = (options->flags & SHARED_MEM_READ_ONLY) != 0;
    bool alone;
    DWORD error =
        section_map_file(&region->section, file, self->image.size, read_only, options->address);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    name_region(region, &self->identity.id);
    durable_attach(&self->durable, &region->values, region->section.view, &self->identity,
                   &self->image);
    self->durable.barrier = barrier;
    self->durable.context = file;
    self->was_recovered = false;
    region_begin(region);
    attach_flush_lock(region);

    error = file_become_present(file, &alone);
    if (error == ERROR_SUCCESS && alone) {
        error = region_guard_open(region, recover);
        if (error == ERROR_SUCCESS) {
            error = file_stay_with_others(file);
        }
    }
    if (error != ERROR_SUCCESS) {
        section_close(&region->section);
    }
    return error;
}

/* Nothing of the file is locked or changed if it is another program's. */
static DWORD attach(struct region *region, HANDLE file, const SHARED_MEM_OPTIONS *options)
{
    struct file_identity *identity = &region->file.identity;
    DWORD error = file_read_identity(file, identity, &region->file.image);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (identity->capacity < options->capacity || identity->depth < options->depth) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    error = file_enter_gate(file);
    if (error == ERROR_SUCCESS) {
        error = attach_in_gate(region, file, options);
        file_leave_gate(file);
    }
    return error;
}

DWORD region_open_file(struct region *region, const WCHAR *path, const SHARED_MEM_OPTIONS *options)
{
    HANDLE file;
    DWORD error = open_or_create(&file, path, options);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = attach(region, file, options);
    if (error != ERROR_SUCCESS) {
        CloseHandle(file); /* and with it, ends presence */
    } else {
        region_attach_waiters(region); /* readers cannot create what it takes */
    }
    return error;
}

void region_close_file(struct region *region)
{
    HANDLE file = region->section.file;
    eventcount_close(&region->file.flush_lock.contenders);
    section_close(&region->section);
    file_end_presence(file);
    CloseHandle(file);
}
