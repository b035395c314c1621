#include "region.h"

DWORD region_borrow(struct region *region, const void **data, SIZE_T *size, uint64_t *version)
{
    const struct values *values = &region->values;
    if (values->is_text) {
        return ERROR_NOT_SUPPORTED;
    }
    const unsigned char *view = section_read_view(&region->section);
    if (view == NULL) {
        return GetLastError();
    }
    uint64_t sequence = seqlatch_read_begin(&values->latch);
    const unsigned char *slot = seqlatch_slot(&values->latch, sequence);
    *data = view + (slot - (const unsigned char *)region->section.view);
    *size = values_size(values, sequence);
    *version = sequence;
    return ERROR_SUCCESS;
}

DWORD region_validate(const struct region *region, uint64_t version)
{
    if (region->values.is_text) {
        return ERROR_NOT_SUPPORTED;
    }
    const struct seqlatch *latch = &region->values.latch;
    bool is_to_come = version > seqlatch_read_begin(latch);
    return is_to_come || seqlatch_read_retry(latch, version) ? ERROR_REVISION_MISMATCH
                                                             : ERROR_SUCCESS;
}
