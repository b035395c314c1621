/*
 * Texts that prove themselves whole: a record has the number of its writer and how many that writer
 * had written before, and everything else in it follows from the two, its length too.
 */
#ifndef SHAREDMEM_TESTS_CHECKED_TEXT_H
#define SHAREDMEM_TESTS_CHECKED_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKED_TEXT_CCH 2048   /* of the longest record, terminator included */
#define CHECKED_TEXT_WRITERS 65 /* the processes of a large storm, and the test itself */

/*
 * Makes record number `count` (below 2^40) of `writer`; returns its units, without the terminator.
 */
size_t checked_text_make(uint16_t text[CHECKED_TEXT_CCH], unsigned writer, uint64_t count);

/* Whether the text is one whole record; says whose and which. */
bool checked_text_parse(const uint16_t *text, unsigned *writer, uint64_t *count);

/* What a reader has seen of each writer. */
struct checked_text_log {
    uint64_t next[CHECKED_TEXT_WRITERS]; /* one more than the number of the latest record */
    uint64_t reads;
};

/* Checks that the text is a whole record and that its writer's count has not gone backwards. */
void checked_text_check(struct checked_text_log *log, const uint16_t *text);

#endif
