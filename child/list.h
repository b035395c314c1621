/* All regions, once or live. */
#ifndef SHAREDMEM_CHILD_LIST_H
#define SHAREDMEM_CHILD_LIST_H

#include "library.h"

/* These print, or complain, and return the exit code. */
int list_regions(const struct library *library);

/* Once a second, the busiest first, until Ctrl+C or, unless that is 0, `count` times. */
int list_live(const struct library *library, ULONGLONG count);

#endif
