/*
 * Reads the region of a file that Windows programs write to, from a program that is none: beside
 * Wine or Proton, whose processes share the file's pages with all others. Made of dll/core; does
 * not write.
 *
 * While it is mapped, the file must not be cut: the system would send SIGBUS. (Windows programs
 * cannot cut it.)
 */
#ifndef SHAREDMEM_FILE_READER_H
#define SHAREDMEM_FILE_READER_H

#include "durable.h"

struct file_reader {
    struct file_identity identity;
    struct file_image image;
    struct durable durable;
    struct values values;
    void *view; /* of the whole file, for reading only */
};

/* Returns NULL, or what is wrong. The reader must stay where it is. */
const char *file_reader_open(struct file_reader *reader, const char *path);
void file_reader_close(struct file_reader *reader);

/* Bytes that a value can have. */
static inline size_t file_reader_capacity(const struct file_reader *reader)
{
    return reader->values.capacity.found;
}

/*
 * Copies one whole value to a buffer that has room for the capacity. Tries for so long, while
 * writers overtake it, or a Windows program is the first to open the file: until it has, there is
 * no value, when the file is new or the machine has failed. Returns NULL, or what is wrong.
 */
const char *file_reader_read(const struct file_reader *reader, void *buffer, size_t *size,
                             uint64_t *version, unsigned milliseconds);

/* Waits until the version is another one: by looking, once in a millisecond. */
void file_reader_wait(const struct file_reader *reader, uint64_t version);

#endif
