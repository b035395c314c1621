#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */

#include "guarded.h"

#include "check.h"

#define PAGE 4096u

#ifdef _WIN32
#include <windows.h>

static char *reserve(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_NOACCESS);
}

static bool commit(char *start, size_t size)
{
    return VirtualAlloc(start, size, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

#else
#include <sys/mman.h>

static char *reserve(size_t size)
{
    void *start = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start != MAP_FAILED ? start : NULL;
}

static bool commit(char *start, size_t size)
{
    return mprotect(start, size, PROT_READ | PROT_WRITE) == 0;
}
#endif

struct guarded guarded_allocate(size_t size)
{
    size_t committed = (size + PAGE - 1) / PAGE * PAGE;
    char *reserved = reserve(committed + 2 * PAGE);
    CHECK(reserved != NULL);
    CHECK(commit(reserved + PAGE, committed));
    return (struct guarded){.start = reserved + PAGE, .end = reserved + PAGE + committed};
}
