/*
 * The handles of this process's open regions. A handle is not an address but is looked up, so that
 * a closed handle, or any other number, is distinguished from an open one.
 */
#ifndef SHAREDMEM_HANDLE_TABLE_H
#define SHAREDMEM_HANDLE_TABLE_H

#include "region.h"
#include "sharedmem.h"

/* The open region of a handle; NULL, and the reason is the last error, if there is none. */
struct region *handle_table_find(HSHAREDMEM handle);

/*
 * Reserves a place for a region that is about to be opened, at an address that stays; NULL if there
 * are too many already. The caller then publishes it, which makes a handle, or releases it.
 */
struct region *handle_table_reserve(void);
HSHAREDMEM handle_table_publish(struct region *region);
void handle_table_release(struct region *region);

/* Ends a handle, and returns its region, for the caller to close and release; NULL: as above. */
struct region *handle_table_withdraw(HSHAREDMEM handle);

/* For DllMain: closes what was left open. */
void handle_table_detach(void);

#endif
