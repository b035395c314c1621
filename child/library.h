/* The DLL's functions, found at run time. */
#ifndef SHAREDMEM_CHILD_LIBRARY_H
#define SHAREDMEM_CHILD_LIBRARY_H

#include "sharedmem.h"

struct library {
    HMODULE module;
    PFN_GetSharedMem get;
    PFN_OpenSharedMemEx open;
    PFN_CloseSharedMem close;
    PFN_ReadSharedMem read;
    PFN_ReadNextSharedMem read_next;
    PFN_WaitSharedMem wait;
    PFN_OpenSharedMemEvent open_event;
    PFN_ArmSharedMemEvent arm_event;
    PFN_QuerySharedMem query;
};

/*
 * Loads the DLL, and its functions for regions only if they are wanted: a DLL that has no regions
 * still has a text. FALSE, and a message on the standard error stream, if something is missing.
 */
BOOL library_load(struct library *library, BOOL want_regions);

#endif
