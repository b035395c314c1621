/*
 * What the fuzz targets are made of. An input is a little program: numbers that say what to do, at
 * which sizes and addresses, and with which bytes.
 */
#ifndef SHAREDMEM_TESTS_FUZZ_H
#define SHAREDMEM_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program in the way that libFuzzer takes for a finding, unless the condition holds. */
#define EXPECT(condition) ((condition) ? (void)0 : expect_failed(__FILE__, __LINE__, #condition))

_Noreturn void expect_failed(const char *file, int line, const char *what);

/* What is left of an input; behind its end there are zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

uint8_t input_byte(struct input *input);
uint64_t input_word(struct input *input);

/* 0 .. max, mostly near either end: that is where mistakes live. */
size_t input_number(struct input *input, size_t max);

/* Fills memory with bytes, or with UTF-16 text of some awkward kind. */
void input_fill(struct input *input, void *memory, size_t size);

/*
 * Memory for one block at a time, of an exact size at any address. An access beyond either of its
 * ends is reported; a read without AddressSanitizer, if it strays to another page.
 */
struct arena {
    unsigned char *start;
    unsigned char *end;
    unsigned char *block;
};

struct arena arena_make(size_t size);

/* The same for several, at equal distances: blocks of one size and one `where` are, too. */
void arena_make_array(struct arena *arenas, unsigned count, size_t size);

/* The input says where; the block before is gone. */
void *arena_place(struct arena *arena, size_t size, struct input *input);

/* AddressSanitizer does not see stores to some bytes just before the block: here they show. */
void arena_check(const struct arena *arena);

#endif
