/* A value of any bytes in a section, under a named mutex. */
#ifndef SHAREDMEM_TESTS_MUTEX_CELL_H
#define SHAREDMEM_TESTS_MUTEX_CELL_H

#include <stddef.h>

/* Once, before the others. */
void mutex_cell_open(size_t capacity);

void mutex_cell_write(const void *data, size_t size);
size_t mutex_cell_read(void *buffer, size_t room); /* bytes */

#endif
