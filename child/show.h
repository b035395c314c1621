/* How the child shows what it has read. All return FALSE if they cannot print. */
#ifndef SHAREDMEM_CHILD_SHOW_H
#define SHAREDMEM_CHILD_SHOW_H

#include "sharedmem.h"
#include "working_set.h"

BOOL show_text(const WCHAR *text);

/* A line about the value, and its bytes in hexadecimal with their characters beside them. */
BOOL show_bytes(const WCHAR *region, const unsigned char *bytes, SIZE_T size, ULONGLONG version);

/* What QuerySharedMem says, in words. */
BOOL show_info(const WCHAR *name, BOOL is_file, const SHARED_MEM_INFO *info);

/* How much of this process's memory is what the label says, which has a colon and blanks. */
BOOL show_working_set(const WCHAR *label, const struct working_set *set);

#endif
