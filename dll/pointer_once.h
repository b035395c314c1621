/* Pointers that a process sets once, from NULL, whichever of its threads comes first. */
#ifndef SHAREDMEM_POINTER_ONCE_H
#define SHAREDMEM_POINTER_ONCE_H

#include <windows.h>

/* What it points to is initialised: synchronizes with pointer_set_once. */
static inline void *pointer_load(void *const *at)
{
    return *(void *const volatile *)at; /* processors keep what depends on a load behind it */
}

/* Returns `pointer` if it was set, else the one that is there: then this one is not needed. */
static inline void *pointer_set_once(void **at, void *pointer)
{
    void *other = InterlockedCompareExchangePointer(at, pointer, NULL);
    return other != NULL ? other : pointer;
}

#endif
