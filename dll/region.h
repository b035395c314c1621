/*
 * A region: a section, the value in it, the lock of its writers and the threads that wait for a
 * change. Functions that return a DWORD return a Win32 error. When they succeed, they leave the
 * last error as it was; only those that open, attach and close may change it.
 */
#ifndef SHAREDMEM_REGION_H
#define SHAREDMEM_REGION_H

#include "durable.h"
#include "eventcount.h"
#include "guarded_call.h"
#include "notify_section.h"
#include "robust_lock.h"
#include "section.h"
#include "sharedmem.h"
#include "values.h"

/* Of a region's name; those of its events, and of its notify section, must fit in MAX_PATH. */
#define REGION_NAME_CCH (MAX_PATH - EVENTCOUNT_SUFFIX_CCH)

/* What a thread of this process has reserved: the next slot. It has the lock meanwhile. */
struct reservation {
    uint64_t owner;    /* its token; 0: nothing is reserved. Stays if the thread ends. */
    uint64_t sequence; /* of the publication that is to be */
    size_t room;
};

/* What a region has that a file backs. */
struct region_file {
    struct file_identity identity;
    struct file_image image;
    struct durable durable;
    struct robust_lock flush_lock;
    bool was_recovered; /* by this process, when it opened the file */
};

struct region {
    struct section section;
    struct values values;
    struct robust_lock lock;
    struct eventcount waiters; /* for a change */
    void *events;              /* that callers have open; see event_table.h */
    bool is_unsynchronised;    /* others do not see the control page: no version, no waiting */
    WCHAR name[REGION_NAME_CCH];
    uint64_t locked_in; /* stack address of the call of this process that has the lock; 0: none */
    struct reservation reservation;
    struct region_file file; /* if section.file is one */

    /* Once a region was reserved, it is in the list of region_lock.c, whatever becomes of it. */
    uint64_t is_listed;
    struct region *next_listed;
};

static inline uint64_t region_version(const struct region *region, uint64_t sequence)
{
    return region->is_unsynchronised ? 0 : values_version(&region->values, sequence);
}

static inline bool region_is_file(const struct region *region)
{
    return region->section.file != NULL;
}

/* The same as below, and TRUE if the file cannot be read: then reading it states why. */
bool region_file_has_changed(struct region *region, uint64_t version);

static inline bool region_has_changed(struct region *region, uint64_t version)
{
    if (region_is_file(region)) {
        return region_file_has_changed(region, version);
    }
    return region_version(region, seqlatch_read_begin(&region->values.latch)) != version;
}

/* Attaches the event count of the waiters, if it is not; FALSE: that cannot be done, now. */
static inline bool region_attach_waiters(struct region *region)
{
    return eventcount_table(&region->waiters) != NULL ||
           notify_section_attach(&region->waiters, &region->section);
}

/* Wakes the threads that wait for a change, after one: after the full barrier of the release. */
static inline void region_notify(struct region *region)
{
    region_attach_waiters(region);
    eventcount_notify(&region->waiters);
}

/*
 * The text's region; NULL, and the reason is the last error, as long as its section cannot be had.
 * A section of its name with another layout is used as far as Microsoft's sample would, without
 * synchronisation; then, what needs the control page fails with ERROR_NOT_SUPPORTED. Each call
 * tries again for what it does not have: the section, or its layout.
 */
struct region *region_text(void);

/* For DllMain. */
void region_text_close(void);

/*
 * Opens a named region's section, or creates it if it does not exist and the capacity is not 0. The
 * name has 1 to REGION_NAME_CCH - 1 characters, and the options have been checked.
 */
DWORD region_open_section(struct section *section, const WCHAR *name,
                          const SHARED_MEM_OPTIONS *options);

/*
 * Attaches a region to that section, which it takes over, and closes if it fails. A region that
 * exists must have at least that capacity and depth, and keeps its own.
 */
DWORD region_attach(struct region *region, const struct section *section, const WCHAR *name,
                    const SHARED_MEM_OPTIONS *options);

/* Begins the life of a region that has its name and its values. Part of attaching. */
void region_begin(struct region *region);

/* Attaches the lock to a section that is open; the names of other objects begin with that one. */
void region_attach_lock(struct region *region, struct layout_control *control, const WCHAR *name);

/*
 * Opens the region of a file, or creates the file if it does not exist and the capacity is not 0;
 * and recovers it, if no process has it open. The options have been checked.
 */
DWORD region_open_file(struct region *region, const WCHAR *path, const SHARED_MEM_OPTIONS *options);

void region_close(struct region *region);
void region_close_file(struct region *region); /* what is left of closing */

/*
 * Calls function(argument) with the lock, which this thread has; FALSE if it faults. The argument
 * is in the caller's stack frame.
 */
static inline bool region_call_guarded(struct region *region, guarded_function *function,
                                       void *argument, EXCEPTION_RECORD *exception)
{
    atomic_store_relaxed(&region->locked_in, (uintptr_t)argument);
    bool returned = guarded_call(function, argument, exception);
    atomic_store_relaxed(&region->locked_in, 0);
    return returned;
}

/*
 * The same, and releases the lock, also if the function faults. Then the exception is raised again;
 * FALSE if a handler removed its cause.
 */
static inline bool region_call_locked(struct region *region, guarded_function *function,
                                      void *argument)
{
    EXCEPTION_RECORD exception;
    bool returned = region_call_guarded(region, function, argument, &exception);
    robust_lock_release(&region->lock);
    if (!returned) {
        guarded_call_raise(&exception);
    }
    return returned;
}

/*
 * Copies the text to a buffer of `cch` characters, 1 at least. ERROR_MORE_DATA: it was cut.
 * ERROR_TIMEOUT: writers never left a moment for a whole text, and the buffer has an empty one.
 */
DWORD region_read_text(struct region *region, WCHAR *buffer, size_t cch);

/*
 * Copies the value. *size has the room in the buffer and receives the value's bytes.
 * ERROR_MORE_DATA: these are more than the room, and the buffer holds nothing of the value. A text
 * counts with its terminator. The buffer may be NULL where there is no room.
 */
DWORD region_read(struct region *region, void *buffer, SIZE_T *size, uint64_t *version);

/*
 * The same for the oldest value kept that is newer than *version, which is set to its version, and
 * *missed to how many values in between are not kept. ERROR_NO_MORE_ITEMS: there is none. A version
 * that is yet to come is that of an earlier region, and counts as 0.
 */
DWORD region_read_next(struct region *region, void *buffer, SIZE_T *size, uint64_t *version,
                       uint64_t *missed);

/*
 * Finds the value without copying it: where it stands, for reading only, its size, and its version.
 * It may be overwritten at any time. ERROR_NOT_SUPPORTED: it is the text, of whose two slots one is
 * rewritten while its version stays.
 */
DWORD region_borrow(struct region *region, const void **data, SIZE_T *size, uint64_t *version);

/* ERROR_REVISION_MISMATCH: what was read since that version was borrowed may be a mixture. */
DWORD region_validate(const struct region *region, uint64_t version);

/* Fills in everything but the structure's size. */
DWORD region_query(struct region *region, SHARED_MEM_INFO *info);

/* ERROR_INSUFFICIENT_BUFFER: stored, but cut. ERROR_ACCESS_DENIED, ERROR_TIMEOUT: not stored. */
DWORD region_write_text(struct region *region, const WCHAR *text);

/*
 * Replaces the value and sets *version. With `expected`, only if the version is still that one;
 * else ERROR_REVISION_MISMATCH, and *version is the present one. A text ends at its first NUL or
 * with the data. Unless it succeeds, nothing changes.
 */
DWORD region_write(struct region *region, const void *data, size_t size, const uint64_t *expected,
                   uint64_t *version);

/*
 * Acquires the lock, and finds the next slot and its room: the caller fills it. With `expected`,
 * as region_write. The thread that reserved publishes it or discards it. ERROR_NOT_SUPPORTED: the
 * text.
 */
DWORD region_reserve(struct region *region, const uint64_t *expected, void **data, SIZE_T *room);

/*
 * Makes `size` bytes of what this thread reserved the value. ERROR_NOT_OWNER: another thread
 * reserved it. ERROR_NOT_LOCKED: none, or the lock does not name the thread any more.
 * ERROR_INSUFFICIENT_BUFFER: it is still reserved.
 */
DWORD region_publish(struct region *region, size_t size, uint64_t *version);

/* Releases the lock, and leaves the value alone. Errors as above. */
DWORD region_discard(struct region *region);

/*
 * For the region of a file: has that version on the disk, or the present one if that is older, and
 * sets *durable to the one that is. ERROR_TIMEOUT: another one flushes, or writers never left a
 * moment for a whole value.
 */
DWORD region_flush(struct region *region, uint64_t version, uint64_t *durable);

/* Waits until the version is another one. ERROR_TIMEOUT: it is still this one. */
DWORD region_wait(struct region *region, uint64_t version, DWORD milliseconds);

/*
 * An event of this process that writers set when the version becomes another one than it is armed
 * with. ERROR_INVALID_HANDLE: the region has no such event. Opening and closing change the last
 * error, and need the system's thread pool and loader.
 */
DWORD region_open_event(struct region *region, HANDLE *event);
DWORD region_arm_event(struct region *region, HANDLE event, uint64_t version);
DWORD region_close_event(struct region *region, HANDLE event);
void region_close_events(struct region *region);

/* For DllMain. */
void region_event_detach(void);

#endif
