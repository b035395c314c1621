/* The DLL's own memcpy, memset and wide copies against the C library's, at any two addresses. */
#include "fuzz.h"

#include "wide_copy.h"

#include <string.h>

enum { MOST = 700 };

void *dll_memcpy(void *restrict to, const void *restrict from, size_t size);
void *dll_memset(void *to, int value, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arenas[2];
    static unsigned char expected[MOST], source[MOST];
    if (arenas[0].start == NULL) {
        arenas[0] = arena_make(MOST);
        arenas[1] = arena_make(MOST);
    }

    struct input input = {data, size};
    while (input.left > 0) {
        int value = input_byte(&input) - 0x80; /* memset takes its low byte */
        size_t count = input_number(&input, MOST);
        unsigned char *to = arena_place(&arenas[0], count, &input);
        unsigned char *from = arena_place(&arenas[1], count, &input);

        input_fill(&input, source, count);
        for (size_t i = 0; i < count; i++) { /* no byte like its neighbours */
            source[i] ^= (unsigned char)(i * 37 >> i / 256);
        }
        memcpy(from, source, count);
        memset(to, 0x5A, count);
        EXPECT(dll_memcpy(to, from, count) == to);
        EXPECT(memcmp(to, source, count) == 0);
        EXPECT(memcmp(from, source, count) == 0);

        memset(to, 0x5A, count);
        wide_copy(to, from, count);
        EXPECT(memcmp(to, source, count) == 0);

        memset(expected, value, count);
        EXPECT(dll_memset(to, value, count) == to);
        EXPECT(memcmp(to, expected, count) == 0);
        arena_check(&arenas[0]);
        arena_check(&arenas[1]);
    }
    return 0;
}
