/*
 * Checksums of a region's file: XXH3, 64 bits. They detect what a crash tears, not what a person
 * forges.
 */
#ifndef SHAREDMEM_CHECKSUM_H
#define SHAREDMEM_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* What a file is told from others by: random, never zero. */
struct file_id {
    uint64_t low, high;
};

/* Of any bytes. They may change meanwhile; the checksum is then that of no value. */
uint64_t checksum_of_bytes(const void *data, size_t size);

/*
 * Of a value with its length and version, in the file of that id: it proves that all of them are
 * what one writer wrote. It takes both passes over short values in a few nanoseconds.
 */
uint64_t checksum_of_value(const struct file_id *id, uint64_t version, const void *data,
                           size_t size);

#endif
