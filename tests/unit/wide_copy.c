/*
 * Copies of every size, at every alignment, up to a page without access, by each path that this
 * processor has; and texts, whose copies have paths of their own.
 */
#include "check.h"
#include "exact_text.h"
#include "guarded.h"

#include "processor.h"
#include "text.h"
#include "wide_copy.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MOST = 40000, /* bytes; more than where the last path begins */
    AROUND = 400, /* all sizes up to this one are tried */
    UNTOUCHED = 0xC3,
};

static struct guarded source, target;

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 37 + i / 256);
}

/* Nothing before or behind the copy changes, and nothing beyond the source is read. */
static void copy_between(size_t from_end, size_t to_end, size_t size)
{
    unsigned char *from = (unsigned char *)source.end - from_end - size;
    unsigned char *to = (unsigned char *)target.end - to_end - size;
    memset(to - 64, UNTOUCHED, 64 + size + to_end);
    wide_copy(to, from, size);
    CHECK(memcmp(to, from, size) == 0);
    for (size_t i = 0; i < 64; i++) {
        CHECK_EQUAL(to[(ptrdiff_t)i - 64], UNTOUCHED);
    }
    for (size_t i = 0; i < to_end; i++) {
        CHECK_EQUAL(to[size + i], UNTOUCHED);
    }
}

static void copies_are_exact(void)
{
    unsigned char *bytes = (unsigned char *)source.start;
    for (size_t i = 0; bytes + i < (unsigned char *)source.end; i++) {
        bytes[i] = pattern(i);
    }
    for (size_t size = 0; size <= AROUND; size++) {
        for (size_t end = 0; end < 64; end += 1 + end / 8) {
            copy_between(end, 0, size);
            copy_between(0, end, size);
            copy_between(end, (end * 7 + size) % 64, size);
        }
    }
    static const size_t large[] = {1000, 4000, 4096, 8191, 16383, 16384, 16385, 32768, MOST};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        for (size_t end = 0; end < 64; end++) {
            copy_between(end, (end * 7) % 64, large[i]);
        }
    }
}

/* At every even address of the text and of the buffer: what text_fit says, and not a unit more. */
static void texts_are_exact(void)
{
    enum { LONGEST = 300 };
    for (size_t length = 0; length <= LONGEST; length += length < 80 ? 1 : 13) {
        uint16_t *text = (uint16_t *)(void *)source.end - (length + 1);
        for (size_t i = 0; i < length; i++) {
            static const uint16_t units[] = {'x', 0xD83C, 0xDF89, 0x0100};
            text[i] = units[(i + length) % 4];
        }
        text[length] = 0; /* behind it: no access */
        for (size_t room = 1; room <= LONGEST + 40; room += room < 80 ? 1 : 7) {
            check_text_copy(text, target.end, room);
        }
    }
}

/* An odd address is no multiple of any unit. */
static void odd_texts_are_exact(void)
{
    enum { LENGTH = 200 };
    static unsigned char bytes[2 * LENGTH + 3];
    static uint16_t buffer[LENGTH + 1];
    bool whole;
    for (size_t i = 0; i < 2 * LENGTH; i++) {
        bytes[1 + i] = i % 2 == 0 ? 'x' : 1;
    }
    CHECK_EQUAL(text_copy(buffer, (const void *)(bytes + 1), LENGTH + 1, &whole), LENGTH);
    CHECK(whole && memcmp(buffer, bytes + 1, 2 * LENGTH + 2) == 0);
    CHECK_EQUAL(text_copy(buffer, (const void *)(bytes + 1), LENGTH, &whole), LENGTH - 1);
    CHECK(!whole && buffer[LENGTH - 1] == 0);
}

int main(void)
{
    static const struct {
        const char *name;
        unsigned features;
    } paths[] = {
        {"portable", 0},
        {"AVX2", PROCESSOR_AVX2},
        {"fast strings", PROCESSOR_FAST_STRINGS},
        {"AVX2 and fast strings", PROCESSOR_AVX2 | PROCESSOR_FAST_STRINGS},
    };
    check_deadline(60);
    unsigned detected = processor_detect();
    source = guarded_allocate(MOST + 4096);
    target = guarded_allocate(MOST + 4096);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if ((paths[i].features & ~detected) != 0) {
            printf("not tried, this processor lacks it: %s\n", paths[i].name);
            continue;
        }
        printf("%s\n", paths[i].name);
        processor_features = paths[i].features;
        copies_are_exact();
        texts_are_exact();
        odd_texts_are_exact();
    }
    return check_passed();
}
