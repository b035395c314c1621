/*
 * Measuring and fitting text, against the plain definition, at every alignment and beside the
 * abyss.
 */
#include "check.h"
#include "exact_text.h"
#include "guarded.h"

#include "processor.h"
#include "text.h"
#include "values.h"

#include <string.h>

enum { LONGEST = 200 };

static size_t plain_measure(const uint16_t *text, size_t limit)
{
    size_t cch = 0;
    while (cch < limit && text[cch] != 0) {
        cch++;
    }
    return cch;
}

/* With every length at every place of a block; what lies beyond the limit may not matter. */
static void measure_equals_its_definition(void)
{
    static uint16_t text[LONGEST + 64];
    for (size_t start = 0; start < 33; start++) {
        for (size_t length = 0; length < LONGEST; length++) {
            for (size_t i = 0; i < LONGEST + 64; i++) {
                text[i] =
                    i < start || (i + length) % 5 != 0 ? 0x0100 : 0x0001; /* NUL bytes, no NUL */
            }
            text[start + length] = 0;
            static const size_t about[] = {0, 1, 2, 31, 32, 33, 64, LONGEST};
            for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
                size_t limit = about[i];
                CHECK_EQUAL(text_measure(text + start, limit), plain_measure(text + start, limit));
            }
            CHECK_EQUAL(text_measure(text + start, length), length);
            CHECK_EQUAL(text_measure(text + start, length + 1), length);
        }
    }
}

/* Unterminated, with the limit as the only thing between the text and a page without access. */
static void the_limit_holds(void)
{
    struct guarded memory = guarded_allocate(4096);
    memset(memory.start, 'x', (size_t)(memory.end - memory.start));
    for (size_t limit = 0; limit < LONGEST; limit++) {
        bool whole;
        const uint16_t *text = (const uint16_t *)(const void *)memory.end - limit;
        CHECK_EQUAL(text_measure(text, limit), limit);
        CHECK_EQUAL(text_measure((const uint16_t *)(const void *)memory.start, limit), limit);
        if (limit > 0) {
            CHECK_EQUAL(text_fit(text, limit, &whole), limit - 1);
            CHECK(!whole);
        }
    }
}

static void fit_keeps_pairs_whole(void)
{
    static const uint16_t text[] = {'a', 0xD83C, 0xDF89, 0xD83C, 0xD83C, 0xDF89, 0xDF89, 0};
    static const size_t expected[] = {0, 1, 1, 3, 4, 4, 6, 7, 7}; /* by room - 1 */
    for (size_t room = 1; room <= 9; room++) {
        bool whole;
        CHECK_EQUAL(text_fit(text, room, &whole), expected[room - 1]);
        CHECK_EQUAL(whole, room >= 8);
    }
}

/* A copy is what fits, terminated; before and behind it, not a byte of the buffer changes. */
static void a_copy_is_what_fits(void)
{
    struct guarded source = guarded_allocate(4096), target = guarded_allocate(4096);
    uint16_t *text = (void *)source.start;
    for (size_t length = 0; length <= LONGEST; length++) {
        for (size_t i = 0; i < LONGEST + 64; i++) {
            static const uint16_t units[] = {'x', 0xD83C, 0xDF89, 0x0100};
            text[i] = i == length ? 0 : units[(i + length) % 4];
        }
        for (size_t room = 1; room <= LONGEST + 40; room++) {
            check_text_copy(text, target.end, room);
        }
    }
}

/* Whatever numbers the section has, a text is read from and written to its two slots only. */
static void a_value_survives_any_numbers(void)
{
    struct guarded memory = guarded_allocate(LAYOUT_TEXT_SIZE);
    unsigned char *start = (unsigned char *)memory.start;
    struct layout_control *control = (void *)(memory.end - LAYOUT_PAGE);
    struct values values = {
        .latch = {.control = control,
                  .slots = LAYOUT_TEXT_SLOTS,
                  .slot0 = start,
                  .stride = LAYOUT_TEXT_SLOT_SIZE},
        .is_text = true,
    };
    static const uint64_t sequences[] = {0,
                                         1,
                                         2,
                                         3,
                                         UINT64_MAX,
                                         UINT64_MAX - 1,
                                         UINT64_C(1) << 63,
                                         UINT64_C(0xFFFFFFFF),
                                         UINT64_C(0x100000000)};
    static const uint16_t text[] = {'t', 'e', 'x', 't', 0};
    static uint16_t buffer[3 * LAYOUT_TEXT_CCH];

    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        memset(start, 0xFF, LAYOUT_TEXT_SIZE); /* not a NUL anywhere */
        control->sequence = sequences[i];
        CHECK_EQUAL(values_read_text(&values, buffer, 3 * LAYOUT_TEXT_CCH), TEXT_WHOLE);
        CHECK_EQUAL(text_measure(buffer, 3 * LAYOUT_TEXT_CCH), LAYOUT_TEXT_CCH - 1);
        CHECK_EQUAL(values_read_text(&values, buffer, 10), TEXT_CUT);
        CHECK_EQUAL(text_measure(buffer, 10), 9);

        values_roll_forward(&values);
        values_write(&values, text, 4 * sizeof *text);
        CHECK_EQUAL(control->sequence % 2, 0);
        CHECK_EQUAL(values_read_text(&values, buffer, 10), TEXT_WHOLE);
        CHECK(memcmp(buffer, text, sizeof text) == 0);
        CHECK(memcmp(start, text, sizeof text) == 0); /* at rest: slot 0 */
    }
}

int main(void)
{
    check_deadline(60);
    processor_features = processor_detect();
    measure_equals_its_definition();
    the_limit_holds();
    fit_keeps_pairs_whole();
    a_copy_is_what_fits();
    a_value_survives_any_numbers();
    return check_passed();
}
