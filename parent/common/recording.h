/*
 * Recordings: the values that a region had, in a file. All numbers are little-endian, of 64 bits,
 * and nothing is between them:
 *
 *     offset  bytes
 *     0       8      "SHMREC1\n"
 *     8              the first value
 *
 *     of a value:
 *     0       8      time: milliseconds since the recording began
 *     8       8      version
 *     16      8      missed: values between the one before and this one, which were lost
 *     24      8      size
 *     32      size   the bytes
 *
 * A recording may end behind any value. No time is less than the one before, and each version is
 * greater than the one before, or 0, by more than missed: a file of which this is not true is
 * damaged. (Of a region that no file backs, by missed + 1; of the text, by twice that.)
 */
#ifndef SHAREDMEM_RECORDING_H
#define SHAREDMEM_RECORDING_H

#include <windows.h>

struct recording_entry {
    ULONGLONG time, version, missed, size;
};

/* An open file. The functions return FALSE, with the reason in GetLastError, if they fail. */
struct recording {
    HANDLE file;
    struct recording_entry last; /* that was written, or read */
    unsigned char buffer[65536];
    size_t used, filled; /* of the buffer: written to, or read from; read into */
    ULONGLONG left;      /* bytes of the file that have not been read */
    /* What recording_open finds: */
    ULONGLONG count;   /* values */
    ULONGLONG largest; /* the size of the largest one */
};

/* A new file; ERROR_FILE_EXISTS if it is there. */
BOOL recording_create(struct recording *recording, const WCHAR *path);

/* ERROR_INVALID_DATA if the value does not follow the one before. */
BOOL recording_add(struct recording *recording, const struct recording_entry *entry,
                   const void *bytes);

/* Writes what recording_add has kept back. */
BOOL recording_flush(struct recording *recording);

/*
 * A file to read, of which no byte has to be believed: ERROR_BAD_FORMAT if it is no recording,
 * ERROR_HANDLE_EOF if it ends in the middle of a value, ERROR_INVALID_DATA if it is damaged.
 */
BOOL recording_open(struct recording *recording, const WCHAR *path);

/* The next value; ERROR_INVALID_DATA if it has more than `room` bytes. Not behind the last one. */
BOOL recording_next(struct recording *recording, struct recording_entry *entry, void *bytes,
                    ULONGLONG room);

void recording_close(struct recording *recording);

/* Says on the standard error stream why one of these has failed, and returns the exit code. */
int recording_complain(const WCHAR *what, const WCHAR *path);

#endif
