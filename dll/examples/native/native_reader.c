/*
 * Prints the value in a region's file, and then those that replace it; as a program of Linux,
 * beside Windows programs that write it under Wine.
 *
 *     native_reader FILE [COUNT]    so many values; default: 1
 */
#include "file_reader.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 5000 };

static const char *print_values(const struct file_reader *reader, unsigned long count)
{
    char *value = malloc(file_reader_capacity(reader));
    const char *problem = value != NULL ? NULL : "there is no memory for a value";
    while (problem == NULL && count > 0) {
        size_t size;
        uint64_t version;
        problem = file_reader_read(reader, value, &size, &version, PATIENCE_MS);
        if (problem == NULL) {
            printf("version %llu: %.*s\n", (unsigned long long)version, (int)size, value);
            fflush(stdout);
        }
        if (problem == NULL && --count > 0) {
            file_reader_wait(reader, version);
        }
    }
    free(value);
    return problem;
}

int main(int argc, char **argv)
{
    struct file_reader reader;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: native_reader FILE [COUNT]\n");
        return 2;
    }
    const char *problem = file_reader_open(&reader, argv[1]);
    if (problem == NULL) {
        problem = print_values(&reader, argc > 2 ? strtoul(argv[2], NULL, 10) : 1);
        file_reader_close(&reader);
    }
    if (problem != NULL) {
        fprintf(stderr, "native_reader: %s: %s\n", argv[1], problem);
    }
    return problem != NULL;
}
