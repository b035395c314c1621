#include "checksum.h"

#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#define XXH_NO_STDLIB
#include <xxhash.h>

uint64_t checksum_of_bytes(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

uint64_t checksum_of_value(const struct file_id *id, uint64_t version, const void *data,
                           size_t size)
{
    const uint64_t fields[] = {id->low, id->high, version, size, checksum_of_bytes(data, size)};
    return checksum_of_bytes(fields, sizeof fields);
}
