/* The DLL, loaded at run time, for tests that are about loading or that come before it. */
#ifndef SHAREDMEM_TESTS_LIBRARY_H
#define SHAREDMEM_TESTS_LIBRARY_H

#include "sharedmem.h"

struct library {
    HMODULE module;
    PFN_SetSharedMem set;
    PFN_GetSharedMem get;
    PFN_OpenSharedMem open;
    PFN_OpenSharedMemEx open_ex;
    PFN_CloseSharedMem close;
    PFN_ReadSharedMem read;
    PFN_ReadNextSharedMem read_next;
    PFN_WriteSharedMem write;
    PFN_ReplaceSharedMem replace;
    PFN_BorrowSharedMem borrow;
    PFN_ValidateSharedMem validate;
    PFN_ReserveSharedMem reserve;
    PFN_PublishSharedMem publish;
    PFN_DiscardSharedMem discard;
    PFN_FlushSharedMem flush;
    PFN_WaitSharedMem wait;
    PFN_QuerySharedMem query;
    PFN_OpenSharedMemEvent open_event;
    PFN_ArmSharedMemEvent arm_event;
    PFN_CloseSharedMemEvent close_event;
};

/* Loads the DLL beside this program, or the one at `path`. */
struct library library_need(const WCHAR *path);

/* The functions of a DLL that is loaded. */
struct library library_of(HMODULE module);

void library_free(struct library *library);

/* Whether the library's present text is this one. */
BOOL library_has_text(const struct library *library, const WCHAR *text);

/* Checks that the text cannot be had, which each function that needs it says with this error. */
void library_lacks_text(const struct library *library, DWORD error);

#endif
