/*
 * The life of one file, step by step: processes open it, write, flush and die, and now and then the
 * power fails. After each store of each step, images are made of what may be on the disk, and each
 * is recovered and checked; some of these recoveries meet a power failure, too.
 */
#ifndef SHAREDMEM_TESTS_POWER_STORY_H
#define SHAREDMEM_TESTS_POWER_STORY_H

#include "disk.h"
#include "durable.h"

/* What processes do, and what becomes of them. */
enum story_step {
    STORY_OPEN = 'o',
    STORY_OPEN_BARRIER_1_FAILS = '1',
    STORY_OPEN_BARRIER_2_FAILS = '2',
    STORY_WRITE = 'w',      /* a value of any size */
    STORY_WRITE_LONG = 'W', /* as large as the capacity */
    STORY_FLUSH = 'f',
    STORY_FLUSH_BARRIER_FAILS = 'F',
    STORY_DIE = 'd', /* all processes do */
    STORY_POWER_FAILS = 'p',
};

#define STORY_UNCUT SIZE_MAX

/* How many of the images that a store may leave are tried. */
struct story_effort {
    unsigned all;        /* every one, if there are no more than that */
    unsigned sampled;    /* else so many */
    unsigned recoveries; /* each so-many-th recovery is itself explored */
};

struct story_counts {
    unsigned long long stories, stores, images, recoveries;
};

/* A value with a version; recoveries give the same value another one. */
struct publication {
    uint64_t version;
    size_t size;
    const unsigned char *data;
};

/* What a recovered file must be. */
struct rules {
    uint64_t durable;   /* the newest version that was said to be */
    uint64_t given_out; /* the newest version that any process may have seen */
    bool was_opened;
    unsigned exactly; /* the publication whose value it is, if that is known */
};

/* Memory with a file in it. */
struct file {
    unsigned char *memory;
    struct values values;
    struct durable durable;
};

/* A file that is written to, and what may be on its disk. */
struct lived {
    struct file file;
    struct recorder recorder;
    struct disk disk;
    struct rules rules;
};

struct story {
    struct file_identity identity;
    struct file_image image;
    struct lived now;      /* the file as it is */
    struct lived recovery; /* of an image, recorded */
    struct file trial;     /* another one, not recorded */
    struct story_effort effort;
    struct story_counts *counts;
    const unsigned char *created; /* the file, before it was opened */
    struct publication *publications;
    unsigned publication_count;
    uint64_t seed;
    uint64_t kept; /* processes died that had seen this version; the machine did not */
    bool is_open, is_explored;
    size_t next_cut; /* of the last step, where memory is another one; none: STORY_UNCUT */
};

/* Creates a file. The counts grow. Only one story can go on at a time. */
void story_begin(struct story *story, uint64_t capacity, uint64_t depth, uint64_t seed,
                 struct story_effort effort, struct story_counts *counts);
void story_end(struct story *story);

/*
 * The next step, of which so many stores and barriers happen before its process is killed. Only an
 * open file is written and flushed, and only one that is not open is opened.
 */
void story_go_on(struct story *story, enum story_step step, size_t cut);

/* A step that is possible, at random. */
void story_go_on_somehow(struct story *story);

#endif
