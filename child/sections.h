/*
 * The names of the sections that there are, by the calls of ntdll.dll that list a directory of
 * objects. Windows documents them, and says that they may change: they are found at run time.
 */
#ifndef SHAREDMEM_CHILD_SECTIONS_H
#define SHAREDMEM_CHILD_SECTIONS_H

#include <windows.h>

typedef WCHAR section_name[MAX_PATH];

struct section_names {
    section_name *names; /* sorted, each once; no longer ones, which no region has */
    size_t count, room;
};

/*
 * Those of this session, or those that programs put "Global\" before, without that. In session 0 of
 * Windows, all names are global: there, a session has none. FALSE, with the reason in GetLastError,
 * if they cannot be listed. To be freed also then.
 */
BOOL section_names_read(struct section_names *names, BOOL global);
BOOL section_names_have(const struct section_names *names, const WCHAR *name);
void section_names_free(struct section_names *names);

#endif
