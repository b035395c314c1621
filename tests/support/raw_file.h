/* A region's file, mapped without the DLL, beside those that have it open as a region. */
#ifndef SHAREDMEM_TESTS_RAW_FILE_H
#define SHAREDMEM_TESTS_RAW_FILE_H

#include <stddef.h>
#include <windows.h>

struct file_identity;
struct layout_control;
struct layout_record;

struct raw_file {
    unsigned char *view;
    size_t size;
};

/* The path of a test's own file, beside the program; a file that is there is deleted. */
const WCHAR *raw_file_fresh(const WCHAR *name, WCHAR path[MAX_PATH]);

/* Maps a file that a region was made in, and that nobody has damaged. */
struct raw_file raw_file_open(const WCHAR *path);
void raw_file_close(struct raw_file *file);

struct file_identity *raw_file_identity(const struct raw_file *file);
struct layout_control *raw_file_control(const struct raw_file *file);
struct layout_record *raw_file_records(const struct raw_file *file); /* of the slots */
struct layout_record *raw_file_copy(const struct raw_file *file, unsigned copy);

/* All of a file's bytes, for the caller to free; and making a file of some. */
unsigned char *raw_file_read(const WCHAR *path, size_t *size);
void raw_file_write(const WCHAR *path, const void *data, size_t size);

#endif
