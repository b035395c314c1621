/*
 * All regions of this session, and the global ones: what they are called, and what QuerySharedMem
 * says of each that this process may read.
 */
#ifndef SHAREDMEM_CHILD_REGIONS_H
#define SHAREDMEM_CHILD_REGIONS_H

#include "library.h"

enum {
    REGION_NAME_CCH = 300 /* of any name that the DLL takes, and more */
};

struct region_sample {
    WCHAR name[REGION_NAME_CCH]; /* by which it can be opened; of a file's region, the file's id */
    WCHAR note[48];              /* why there are no figures; empty if there are */
    SHARED_MEM_INFO info;
    LONGLONG time;     /* of the performance counter, when it was looked at */
    double write_rate; /* writes a second since the sample before; less than 0: there is none */
};

struct region_list {
    struct region_sample *regions; /* the text, those of the session, the global ones */
    size_t count, room;
};

/*
 * Looks at all regions. None is kept open, or it would not go when its last process does. FALSE,
 * with the reason in GetLastError, if they cannot be listed. To be freed also then.
 */
BOOL region_list_read(struct region_list *list, const struct library *library,
                      const struct region_list *before);
void region_list_free(struct region_list *list);

#endif
