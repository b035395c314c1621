#include "fuzz.h"

#include "guarded.h"

#include "processor.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    GRANULE = 8,   /* bytes that AddressSanitizer can only hide from some point on */
    FARTHEST = 64, /* exclusive; a block of text_measure */
    PAGE = 4096,
    UNTOUCHED = 0xA5,
};

/* Of the paths that depend on the processor, the widest. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    processor_features = processor_detect();
    return 0;
}

void expect_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    abort();
}

uint8_t input_byte(struct input *input)
{
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->at++;
}

uint64_t input_word(struct input *input)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < sizeof word; i++) {
        word |= (uint64_t)input_byte(input) << 8 * i;
    }
    return word;
}

size_t input_number(struct input *input, size_t max)
{
    size_t code = input_byte(input);
    if (code < 0xA0) {
        return code < max ? code : max;
    }
    if (code < 0xE0) {
        size_t below = code - 0xA0;
        return below < max ? max - below : 0;
    }
    code = (code & 0x1F) << 16 | (size_t)input_byte(input) << 8;
    return (code | input_byte(input)) % (max + 1);
}

void input_fill(struct input *input, void *memory, size_t size)
{
    /* Zeros; no zero at all; zero bytes, yet no NUL; and halves of surrogate pairs. */
    static const uint16_t patterns[][2] = {{0, 0},           {0xFFFF, 0xFFFF}, {0x0100, 0x0001},
                                           {0xD83C, 0xDF89}, {0xDF89, 0xD83C}, {0xD83C, 0xD83C},
                                           {0xDC00, 0xDC00}, {'a', 'b'}};
    enum { PATTERNS = sizeof patterns / sizeof *patterns };
    unsigned char *bytes = memory;
    unsigned char period[16];
    uint8_t kind = input_byte(input);
    size_t length = sizeof patterns[0];

    if (kind < PATTERNS) {
        memcpy(period, patterns[kind], length);
    } else {
        length = 1 + kind % sizeof period;
        for (size_t i = 0; i < length; i++) {
            period[i] = input_byte(input);
        }
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = period[i % length];
    }
}

struct arena arena_make(size_t size)
{
    struct guarded memory = guarded_allocate(size + FARTHEST);
    return (struct arena){.start = (unsigned char *)memory.start,
                          .end = (unsigned char *)memory.end};
}

void arena_make_array(struct arena *arenas, unsigned count, size_t size)
{
    size_t each = (size + FARTHEST + PAGE - 1) / PAGE * PAGE;
    unsigned char *at = (unsigned char *)guarded_allocate(count * (each + PAGE)).start;
    for (unsigned i = 0; i < count; i++) {
        arenas[i] = (struct arena){.start = at, .end = at + each};
        EXPECT(mprotect(at + each, PAGE, PROT_NONE) == 0);
        at += each + PAGE;
    }
}

void *arena_place(struct arena *arena, size_t size, struct input *input)
{
    size_t all = (size_t)(arena->end - arena->start);
    uint8_t where = input_byte(input);
    size_t distance = where % FARTHEST;

    EXPECT(size + distance <= all);
    __asan_unpoison_memory_region(arena->start, all);
    arena->block = where >= 0x80 ? arena->start + distance : arena->end - distance - size;
    size_t before = (uintptr_t)arena->block % GRANULE;
    memset(arena->block - before, UNTOUCHED, before);
    __asan_poison_memory_region(arena->start, all);
    __asan_unpoison_memory_region(arena->block, size);
    if (size == 0) { /* nothing was unpoisoned, not even what arena_check looks at */
        __asan_unpoison_memory_region(arena->block - before, before);
    }
    return arena->block;
}

void arena_check(const struct arena *arena)
{
    for (size_t before = (uintptr_t)arena->block % GRANULE; before > 0; before--) {
        EXPECT(arena->block[-(ptrdiff_t)before] == UNTOUCHED);
    }
}
