/* All regions. */
#ifndef SHAREDMEM_CHILD_LIST_H
#define SHAREDMEM_CHILD_LIST_H

#include "library.h"

/* Prints them, or complains, and returns the exit code. */
int list_regions(const struct library *library);

#endif
