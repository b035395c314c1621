/* What the child reads: the text, a named region, or that of a file. */
#ifndef SHAREDMEM_CHILD_SOURCE_H
#define SHAREDMEM_CHILD_SOURCE_H

#include "library.h"

/* A region that is open. */
struct source {
    HSHAREDMEM region;
    const WCHAR *name; /* or its file's path; NULL: the text */
    SHARED_MEM_INFO info;
};

/* FALSE, and a message on the standard error stream, if it cannot be opened. */
BOOL source_open(struct source *source, const struct library *library, const WCHAR *name,
                 const WCHAR *file);

#endif
