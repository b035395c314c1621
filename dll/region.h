/* A region: a section, the latch in it, and the lock of its writers. Errors are Win32 errors. */
#ifndef SHAREDMEM_REGION_H
#define SHAREDMEM_REGION_H

#include "latch.h"
#include "section.h"

struct region {
    struct section section;
    struct latch latch;
    void *substitute; /* what a foreign section lacks, in private memory; else NULL */
};

/* The region that the DLL opens when a process loads it. */
extern struct region text_region;

/*
 * Opens the text region: one that any process with this DLL made, or a new one. A section of that
 * name with another layout is used as far as Microsoft's sample would, without synchronisation.
 */
DWORD region_open_text(struct region *region);

/* Does nothing if opening has failed: the system detaches a DLL whose attach has failed, too. */
void region_close(struct region *region);

/*
 * ERROR_INSUFFICIENT_BUFFER: stored, but cut. ERROR_ACCESS_DENIED, ERROR_TIMEOUT: nothing is
 * stored. Changes the last error.
 */
DWORD region_write_text(struct region *region, const WCHAR *text);

/*
 * `cch` is 1 at least. ERROR_MORE_DATA: what is in the buffer was cut. ERROR_TIMEOUT: writers never
 * left a moment for a whole text, and the buffer has an empty one. May change the last error.
 */
DWORD region_read_text(struct region *region, WCHAR *buffer, size_t cch);

#endif
