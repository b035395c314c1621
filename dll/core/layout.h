/*
 * The bytes of a region's section, which 32- and 64-bit processes share, whatever compiler built
 * them:
 *
 *     [slot 0][slot 1] ... [slot N-1][slot records][control page]
 *
 * and those of its notify section, which has a table of waiters. All zero is valid and means empty,
 * because a new section is all zero: no process has to come first. Nothing in here is an address.
 */
#ifndef SHAREDMEM_LAYOUT_H
#define SHAREDMEM_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define LAYOUT_PAGE 4096u
#define LAYOUT_SLOTS 4u /* of a region that has no longer history */
#define LAYOUT_MAX_SLOTS 2048u
#define LAYOUT_MAX_WAITERS 64u
#define LAYOUT_NOTIFY_SIZE LAYOUT_PAGE

/*
 * The text region: two slots of one page, so that at rest its text stands at offset 0, and no slot
 * records.
 */
#define LAYOUT_TEXT_SLOTS 2u
#define LAYOUT_TEXT_SLOT_SIZE LAYOUT_PAGE
#define LAYOUT_TEXT_SIZE (LAYOUT_TEXT_SLOTS * LAYOUT_TEXT_SLOT_SIZE + LAYOUT_PAGE)
#define LAYOUT_TEXT_CCH (LAYOUT_TEXT_SLOT_SIZE / 2) /* UTF-16 units, the terminator included */

/* "ShMm", layout version 2, and the number of slots. Another layout gets another version. */
#define LAYOUT_MAGIC(slots) (UINT64_C(0x000000026D4D6853) | (uint64_t)(slots) << 48)

/* Fields that different parties write lie on different cache lines. */

/* Threads that wait for something, each in an entry of its own. See eventcount.h. */
struct layout_waiters {
    uint64_t armed; /* one bit for each entry whose thread is to be woken */
    uint8_t reserved[56];
    uint64_t owner[LAYOUT_MAX_WAITERS]; /* its token; 0: the entry is free */
};

/* The writer lock. See robust_lock.h. */
struct layout_lock {
    uint64_t owner;  /* its token; 0: the lock is free */
    uint64_t heir;   /* the token of the contender that is to have it next; 0: any thread */
    uint64_t turn;   /* the entry of the contender that was woken last */
    uint64_t claims; /* one bit for each entry whose thread has waited for long */
    uint64_t served; /* the entry of the claim that was served last */
    uint8_t reserved[24];
};

/* What belongs to one slot: a cache line, since readers of one meet the writer of another. */
struct layout_record {
    uint64_t length; /* bytes of the value */

    /* Of a file's values, which are to prove themselves. See checksum.h. */
    uint64_t version;
    uint64_t checksum;
    uint8_t reserved[40];
};

struct layout_control {
    /* Set once, from zero, by compare-exchange. */
    uint64_t magic;
    uint64_t capacity; /* bytes that a value can have */
    uint64_t depth;    /* values that are kept */
    uint64_t first;    /* version of the first that is kept, where those before were lost */
    uint8_t reserved0[32];

    /* Written by the owner of the writer lock. */
    uint64_t sequence; /* counts publications; slot `sequence mod N` is the current value */
    uint8_t reserved1[56];

    struct layout_lock lock;
    struct layout_waiters contenders; /* for the lock */

    /* Of a file only. */
    struct layout_lock flush_lock;
    struct layout_waiters flush_contenders;
    uint64_t confirmed; /* the durable version, times 2; the lowest bit is the copy that has it */

    uint8_t reserved2[2680];
};

#define LAYOUT_ASSERT_AT(field, offset)                                                            \
    _Static_assert(offsetof(struct layout_control, field) == (offset), #field " has moved")

LAYOUT_ASSERT_AT(magic, 0);
LAYOUT_ASSERT_AT(capacity, 8);
LAYOUT_ASSERT_AT(depth, 16);
LAYOUT_ASSERT_AT(sequence, 64);
LAYOUT_ASSERT_AT(lock.owner, 128);
LAYOUT_ASSERT_AT(lock.heir, 136);
LAYOUT_ASSERT_AT(lock.turn, 144);
LAYOUT_ASSERT_AT(lock.claims, 152);
LAYOUT_ASSERT_AT(lock.served, 160);
LAYOUT_ASSERT_AT(contenders.armed, 192);
LAYOUT_ASSERT_AT(contenders.owner, 256);
LAYOUT_ASSERT_AT(flush_lock.owner, 768);
LAYOUT_ASSERT_AT(flush_contenders.owner, 896);
LAYOUT_ASSERT_AT(confirmed, 1408);
_Static_assert(sizeof(struct layout_control) == LAYOUT_PAGE, "the control page is one page");
_Static_assert(sizeof(struct layout_record) == 64, "a record is a cache line");

#undef LAYOUT_ASSERT_AT

#endif
