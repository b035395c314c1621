#define _POSIX_C_SOURCE 200809L
#include "file_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_in_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void sleep_a_millisecond(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static const char *map(struct file_reader *reader, int file)
{
    struct file_identity *identity = &reader->identity;
    struct stat status;
    if (fstat(file, &status) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(status.st_mode) ||
        pread(file, identity, sizeof *identity, 0) != (ssize_t)sizeof *identity) {
        return "it is not a region's file";
    }
    switch (file_identity_check(identity)) {
    case FILE_IDENTITY_FOREIGN:
        return "it is not a region's file";
    case FILE_IDENTITY_DAMAGED:
        return "it is damaged";
    case FILE_IDENTITY_RIGHT:
        break;
    }
    if (!file_image_plan(&reader->image, identity->capacity, identity->depth) ||
        (uint64_t)status.st_size != reader->image.size) {
        return "it is damaged";
    }
    reader->view = mmap(NULL, reader->image.size, PROT_READ, MAP_SHARED, file, 0);
    return reader->view != MAP_FAILED ? NULL : strerror(errno);
}

const char *file_reader_open(struct file_reader *reader, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* for a pipe, it would wait */
    if (file < 0) {
        return strerror(errno);
    }
    const char *problem = map(reader, file);
    close(file);
    if (problem == NULL) {
        durable_attach(&reader->durable, &reader->values, reader->view, &reader->identity,
                       &reader->image);
    }
    return problem;
}

void file_reader_close(struct file_reader *reader)
{
    munmap(reader->view, reader->image.size);
}

/* What an attempt to read came to. */
enum attempt {
    WHOLE,
    STALE,    /* writers have overtaken it */
    UNPROVEN, /* the checksum is wrong */
};

/*
 * The latch tells a mixture from a value, as in the DLL. The checksum is for what the DLL does not
 * meet: a reader that takes no part in the locks which keep others out while the first Windows
 * program opens the file, and recovers the value.
 */
static enum attempt read_once(const struct file_reader *reader, void *buffer, size_t *size,
                              uint64_t *version)
{
    const struct values *values = &reader->values;
    uint64_t sequence = seqlatch_read_begin(&values->latch);
    uint64_t checksum = atomic_load_relaxed(&values_record(values, sequence)->checksum);
    *version = sequence;
    *size = values_size(values, sequence);
    values_copy(values, sequence, buffer, *size);
    if (seqlatch_read_retry(&values->latch, sequence)) {
        return STALE;
    }
    return checksum == checksum_of_value(values->file_id, sequence, buffer, *size) ? WHOLE
                                                                                   : UNPROVEN;
}

const char *file_reader_read(const struct file_reader *reader, void *buffer, size_t *size,
                             uint64_t *version, unsigned milliseconds)
{
    uint64_t deadline = now_in_milliseconds() + milliseconds;
    enum attempt attempt;
    while ((attempt = read_once(reader, buffer, size, version)) != WHOLE) {
        if (now_in_milliseconds() >= deadline) {
            return attempt == STALE ? "writers left no time to copy a value"
                                    : "it has no value yet: a Windows program has to open it first";
        }
        if (attempt == UNPROVEN) {
            sleep_a_millisecond();
        }
    }
    return NULL;
}

void file_reader_wait(const struct file_reader *reader, uint64_t version)
{
    while (seqlatch_read_begin(&reader->values.latch) == version) {
        sleep_a_millisecond();
    }
}
