/* Memory whose ends are known: one access beyond either of them is an access violation. */
#ifndef SHAREDMEM_TESTS_GUARDED_H
#define SHAREDMEM_TESTS_GUARDED_H

#include <stddef.h>

struct guarded {
    char *start; /* the page before cannot be accessed */
    char *end;   /* nor can the page from here on */
};

/* At least `size` bytes; they stay until the program ends. */
struct guarded guarded_allocate(size_t size);

#endif
