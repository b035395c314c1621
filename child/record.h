/* Every version of a region's value, with its time, in a file: see recording.h. */
#ifndef SHAREDMEM_CHILD_RECORD_H
#define SHAREDMEM_CHILD_RECORD_H

#include "source.h"

/*
 * Records until Ctrl+C, the end of the standard input or, unless that is 0, `count` versions.
 * Begins with the oldest value that the region keeps. Returns the exit code, after a complaint if
 * something failed.
 */
int record(const struct library *library, const struct source *source, const WCHAR *path,
           ULONGLONG count);

#endif
