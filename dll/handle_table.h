/*
 * The handles of this process's open regions. A handle is not an address: what it stands for is
 * looked up, so that one that is closed, or never was one, is told from those that are open.
 */
#ifndef SHAREDMEM_HANDLE_TABLE_H
#define SHAREDMEM_HANDLE_TABLE_H

#include "region.h"
#include "sharedmem.h"

/* The open region of a handle; NULL if there is none. */
struct region *handle_table_find(HSHAREDMEM handle);

/*
 * A place for a region that is about to be opened, at an address that stays; NULL if there are too
 * many already. It belongs to the caller, who then gives it a handle or gives it back.
 */
struct region *handle_table_reserve(void);
HSHAREDMEM handle_table_publish(struct region *region);
void handle_table_release(struct region *region);

/* Ends a handle and returns its region, for the caller to close and release; NULL: not a handle. */
struct region *handle_table_withdraw(HSHAREDMEM handle);

/* For DllMain: closes what was left open. */
void handle_table_detach(void);

#endif
