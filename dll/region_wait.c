#include "region.h"

#include "unbiased_time.h"

/* Waits for a change that has not come yet. Changes the last error. */
static DWORD wait_for_change(struct region *region, uint64_t version, DWORD milliseconds)
{
    struct eventcount_waiter waiter = {
        .eventcount = &region->waiters,
        .polls = !region_attach_waiters(region),
    };
    uint64_t start = unbiased_time();
    DWORD error = ERROR_SUCCESS;
    for (;;) {
        eventcount_prepare(&waiter);
        if (region_has_changed(region, version)) {
            break;
        }
        DWORD left = INFINITE;
        if (milliseconds != INFINITE) {
            uint64_t waited = unbiased_time() - start;
            if (waited >= milliseconds) {
                error = ERROR_TIMEOUT;
                break;
            }
            left = milliseconds - (DWORD)waited;
        }
        eventcount_wait(&waiter, left);
    }
    eventcount_cancel(&waiter);
    return error;
}

DWORD region_wait(struct region *region, uint64_t version, DWORD milliseconds)
{
    if (region->is_unsynchronised) {
        return ERROR_NOT_SUPPORTED;
    }
    if (region_has_changed(region, version)) {
        return ERROR_SUCCESS;
    }
    if (milliseconds == 0) {
        return ERROR_TIMEOUT;
    }
    DWORD last_error = GetLastError();
    DWORD error = wait_for_change(region, version, milliseconds);
    SetLastError(last_error);
    return error;
}
