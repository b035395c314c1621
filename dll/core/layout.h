/*
 * The bytes of a section, which 32- and 64-bit processes share, whatever compiler built them:
 *
 *     [slot 0][slot 1] ... [slot N-1][control page]
 *
 * All zero is valid and means empty, because a new section is all zero: no process has to come
 * first. Nothing in here is an address.
 */
#ifndef SHAREDMEM_LAYOUT_H
#define SHAREDMEM_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define LAYOUT_PAGE 4096u
#define LAYOUT_MAX_SLOTS 4u
#define LAYOUT_MAX_WAITERS 64u

/* The text region: two slots of one page, so that at rest its text stands at offset 0. */
#define LAYOUT_TEXT_SLOTS 2u
#define LAYOUT_TEXT_SLOT_SIZE LAYOUT_PAGE
#define LAYOUT_TEXT_SIZE (LAYOUT_TEXT_SLOTS * LAYOUT_TEXT_SLOT_SIZE + LAYOUT_PAGE)
#define LAYOUT_TEXT_CCH (LAYOUT_TEXT_SLOT_SIZE / 2) /* UTF-16 units, the terminator included */

/* "ShMm", layout version 1, and the number of slots. Another layout gets another version. */
#define LAYOUT_MAGIC(slots) (UINT64_C(0x000000016D4D6853) | (uint64_t)(slots) << 48)

/* Fields that different parties write lie on different cache lines. */
struct layout_control {
    /* Set once, from zero, by compare-exchange. */
    uint64_t magic;
    uint64_t capacity; /* bytes that a value can have */
    uint8_t reserved0[48];

    /* Written by the owner of the writer lock; side by side, since readers need both. */
    uint64_t sequence; /* counts publications; slot `sequence mod N` is the current value */
    uint64_t length[LAYOUT_MAX_SLOTS]; /* bytes of the value in each slot, except text */
    uint8_t reserved1[24];

    /* The writer lock: 0, or the token of the thread that owns it. See owner_token.h. */
    uint64_t writer;
    uint8_t reserved2[56];

    /* One bit for each entry of `waiter` whose thread is to be woken. */
    uint64_t armed;
    uint8_t reserved3[56];

    /* Tokens of the threads that wait; 0 is a free entry. */
    uint64_t waiter[LAYOUT_MAX_WAITERS];

    uint8_t reserved4[3328];
};

#define LAYOUT_ASSERT_AT(field, offset)                                                            \
    _Static_assert(offsetof(struct layout_control, field) == (offset), #field " has moved")

LAYOUT_ASSERT_AT(magic, 0);
LAYOUT_ASSERT_AT(capacity, 8);
LAYOUT_ASSERT_AT(sequence, 64);
LAYOUT_ASSERT_AT(length, 72);
LAYOUT_ASSERT_AT(writer, 128);
LAYOUT_ASSERT_AT(armed, 192);
LAYOUT_ASSERT_AT(waiter, 256);
_Static_assert(sizeof(struct layout_control) == LAYOUT_PAGE, "the control page is one page");

#undef LAYOUT_ASSERT_AT

#endif
