#include "region.h"

#include "shared_copy.h"
#include "sharedmem.h"
#include "text.h"
#include "text_cell.h"
#include "writer_lock.h"

enum {
    LOCK_FREE_READS = 64, /* attempts before a reader asks the writers to wait */
    READ_TIMEOUT_MS = 5000,
};

_Static_assert(SHARED_MEM_TEXT_CCH == LAYOUT_TEXT_CCH, "the header promises what the layout holds");

struct region text_region;

/* Whether the control page is one of this layout; a new one is made so, where we may write. */
static bool is_ours(struct layout_control *control, uint64_t stamp, uint64_t capacity,
                    bool read_only)
{
    if (!read_only) {
        atomic_compare_exchange_acquire(&control->stamp, 0, stamp);
        atomic_compare_exchange_acquire(&control->capacity, 0, capacity);
    }
    uint64_t present = atomic_load_acquire(&control->stamp);
    return present == stamp || present == 0;
}

DWORD region_open_text(struct region *region)
{
    const uint64_t stamp = LAYOUT_STAMP(LAYOUT_TEXT_SLOTS);
    struct section *section = &region->section;

    DWORD error = section_open(section, SHARED_MEM_TEXT_NAME, LAYOUT_TEXT_SIZE);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    unsigned char *slot0 = section->view;
    unsigned char *slot1 = slot0 + LAYOUT_TEXT_SLOT_SIZE;
    unsigned char *control = slot1 + LAYOUT_TEXT_SLOT_SIZE;

    region->substitute = NULL;
    if (section->size != LAYOUT_TEXT_SIZE ||
        !is_ours((void *)control, stamp, LAYOUT_TEXT_SLOT_SIZE, section->read_only)) {
        slot1 = VirtualAlloc(NULL, LAYOUT_TEXT_SLOT_SIZE + sizeof(struct layout_control),
                             MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        if (slot1 == NULL) {
            error = GetLastError();
            section_close(section);
            return error;
        }
        control = slot1 + LAYOUT_TEXT_SLOT_SIZE;
        region->substitute = slot1;
    }
    region->latch = (struct latch){
        .control = (void *)control,
        .slots = LAYOUT_TEXT_SLOTS,
        .slot = {slot0, slot1},
    };
    return ERROR_SUCCESS;
}

void region_close(struct region *region)
{
    if (region->section.view == NULL) {
        return;
    }
    if (region->substitute != NULL) {
        VirtualFree(region->substitute, 0, MEM_RELEASE);
    }
    section_close(&region->section);
}

DWORD region_write_text(struct region *region, const WCHAR *text)
{
    uint64_t *lock = &region->latch.control->writer;
    bool whole;
    /* Touches the caller's memory first: a bad pointer faults here, outside the lock. */
    size_t cch = text_fit(text, SHARED_MEM_TEXT_CCH, &whole);

    if (region->section.read_only) {
        return ERROR_ACCESS_DENIED;
    }
    if (!writer_lock_acquire(lock)) {
        return ERROR_TIMEOUT;
    }
    text_cell_write(&region->latch, text, cch);
    writer_lock_release(lock);
    return whole ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER;
}

/* For a reader whom writers have overtaken again and again; FALSE if they still do. */
static bool read_text_contended(struct region *region, WCHAR *buffer, size_t cch, bool *whole)
{
    uint64_t *lock = &region->latch.control->writer;

    if (!region->section.read_only) {
        if (!writer_lock_acquire(lock)) {
            return false;
        }
        text_cell_read(&region->latch, buffer, cch, whole);
        writer_lock_release(lock);
        return true;
    }

    ULONGLONG deadline = GetTickCount64() + READ_TIMEOUT_MS;
    while (!text_cell_read(&region->latch, buffer, cch, whole)) {
        if (GetTickCount64() >= deadline) {
            return false;
        }
        SwitchToThread();
    }
    return true;
}

DWORD region_read_text(struct region *region, WCHAR *buffer, size_t cch)
{
    bool whole;
    for (unsigned attempt = 0; attempt < LOCK_FREE_READS; attempt++) {
        if (text_cell_read(&region->latch, buffer, cch, &whole)) {
            return whole ? ERROR_SUCCESS : ERROR_MORE_DATA;
        }
    }
    if (!read_text_contended(region, buffer, cch, &whole)) {
        shared_store_unit(buffer, 0);
        return ERROR_TIMEOUT;
    }
    return whole ? ERROR_SUCCESS : ERROR_MORE_DATA;
}
