/*
 * A file beside the program, as programs use one without the DLL: a value lies at its start, and
 * nothing protects it from being torn.
 */
#ifndef SHAREDMEM_TESTS_PLAIN_FILE_H
#define SHAREDMEM_TESTS_PLAIN_FILE_H

#include <windows.h>

struct plain_file {
    HANDLE handle;
    unsigned char *view; /* of all of it */
};

/* Makes a file of zeros, none of which is missing on the disk. Closing it deletes it. */
struct plain_file plain_file_create(const WCHAR *name, size_t size);

void plain_file_close(struct plain_file *file);

void plain_file_write(const struct plain_file *file, const void *data, size_t size);
size_t plain_file_read(const struct plain_file *file, void *buffer, size_t room);

#endif
