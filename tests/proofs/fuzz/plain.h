/* The obviously right way to do what text.h does, at any address; see there. */
#ifndef SHAREDMEM_TESTS_FUZZ_PLAIN_H
#define SHAREDMEM_TESTS_FUZZ_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint16_t plain_unit(const void *text, size_t at);
size_t plain_measure(const void *text, size_t limit);
size_t plain_fit(const void *text, size_t room, bool *whole);

#endif
