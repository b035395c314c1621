/*
 * The text region's cell: writers, readers, writers that die, and programs that put any bytes
 * anywhere, in any order. What the cell does is compared, to the last byte of its section, with a
 * model that does it plainly; and as long as no step cheats, what is read with what was written.
 */
#include "fuzz.h"
#include "plain.h"

#include "text.h"
#include "values.h"

#include <string.h>

enum {
    SLOT = LAYOUT_TEXT_SLOT_SIZE,
    MOST_ROOM = LAYOUT_TEXT_CCH + 64,
    MOST_STEPS = 40,
};

/* The section: as the cell sees it, each part between two pages without access, and as a model. */
static struct values values;
static struct {
    unsigned char slot[LAYOUT_TEXT_SLOTS][SLOT];
    struct layout_control control;
} model;

/* What a reader must find, unless a step cheated. */
static struct {
    bool known;
    size_t cch;
    uint16_t text[LAYOUT_TEXT_CCH];
} value;

static unsigned cheats; /* their number */

static struct arena texts, buffers;

static void compare_with_model(void)
{
    for (unsigned i = 0; i < LAYOUT_TEXT_SLOTS; i++) {
        EXPECT(memcmp(seqlatch_slot(&values.latch, i), model.slot[i], SLOT) == 0);
    }
    EXPECT(memcmp(values.latch.control, &model.control, sizeof model.control) == 0);
}

/* Another process, with code of its own, makes the section what the model is. */
static void take_over_model(void)
{
    for (unsigned i = 0; i < LAYOUT_TEXT_SLOTS; i++) {
        memcpy(seqlatch_slot(&values.latch, i), model.slot[i], SLOT);
    }
    memcpy(values.latch.control, &model.control, sizeof model.control);
}

static const unsigned char *model_current(void)
{
    return model.slot[model.control.sequence % LAYOUT_TEXT_SLOTS];
}

static void model_publish(const void *text, size_t cch)
{
    unsigned char *slot = model.slot[(model.control.sequence + 1) % LAYOUT_TEXT_SLOTS];
    memcpy(slot, text, cch * 2);
    memset(slot + cch * 2, 0, 2);
    model.control.sequence++;
}

static void model_roll_forward(void)
{
    bool whole;
    if (model.control.sequence % 2 != 0) {
        model_publish(model.slot[1], plain_fit(model.slot[1], LAYOUT_TEXT_CCH, &whole));
    }
}

static void remember(const void *text, size_t cch)
{
    value.known = true;
    value.cch = cch;
    memcpy(value.text, text, cch * 2);
}

/* A text as region_write_text would hand it to the cell: what fits of any units whatever. */
static const uint16_t *make_text(struct input *input, size_t *cch)
{
    size_t units = input_number(input, LAYOUT_TEXT_CCH);
    unsigned char *bytes = arena_place(&texts, units * 2, input);
    input_fill(input, bytes, units * 2);
    *cch = 0;
    if (units > 0) {
        bool whole;
        *cch = text_fit((const void *)bytes, units, &whole);
    }
    return (const void *)bytes;
}

static void roll_forward(void)
{
    values_roll_forward(&values);
    model_roll_forward();
    EXPECT(seqlatch_read_begin(&values.latch) % 2 == 0);
}

static void write(struct input *input)
{
    size_t cch;
    const uint16_t *text = make_text(input, &cch);

    values_roll_forward(&values);
    values_write(&values, text, cch * sizeof *text);
    model_roll_forward();
    model_publish(text, cch);
    model_publish(text, cch);
    remember(text, cch);
    EXPECT(seqlatch_read_begin(&values.latch) % 2 == 0);
    EXPECT(plain_measure(values.latch.slot0, LAYOUT_TEXT_CCH) == cch); /* at rest: at offset 0 */
    arena_check(&texts);
}

/* A writer that roll_forwardd and then died after some bytes of its first or second publication. */
static void write_and_die(struct input *input)
{
    size_t cch;
    const uint16_t *text = make_text(input, &cch);
    unsigned char before[SLOT];

    model_roll_forward();
    for (unsigned publication = input_byte(input) % 2 + 1; publication > 0; publication--) {
        unsigned char *slot = model.slot[(model.control.sequence + 1) % 2];
        memcpy(before, slot, SLOT);
        model_publish(text, cch);
        if (publication == 1) { /* the last thing it did, and not all of that */
            size_t done = input_number(input, (cch + 1) * 2);
            memcpy(slot + done, before + done, SLOT - done);
            model.control.sequence--;
        } else {
            remember(text, cch);
        }
    }
    take_over_model();
}

static void cheat(struct input *input)
{
    uint8_t where = input_byte(input) % 4;
    if (where == 3) {
        model.control.sequence = input_word(input);
    } else {
        unsigned char *part = where == 2 ? (unsigned char *)&model.control : model.slot[where];
        size_t at = input_number(input, SLOT - 1);
        size_t size = input_number(input, SLOT - at);
        input_fill(input, part + at, size);
    }
    value.known = false;
    cheats++;
    take_over_model();
}

/* Reads as GetSharedMem does. */
static void read_text(struct input *input)
{
    size_t room = 1 + input_number(input, MOST_ROOM - 1);
    unsigned char *buffer = arena_place(&buffers, room * 2, input);
    bool expected_whole;
    memset(buffer, 0xC3, room * 2);
    enum text_read read = values_read_text(&values, (void *)buffer, room);
    bool whole = read == TEXT_WHOLE;
    EXPECT(read != TEXT_STALE);

    bool longest = room >= LAYOUT_TEXT_CCH;
    size_t cch = plain_fit(model_current(), longest ? LAYOUT_TEXT_CCH : room, &expected_whole);
    EXPECT(cch < room && cch < LAYOUT_TEXT_CCH);
    EXPECT(whole == (expected_whole || longest));
    EXPECT(memcmp(buffer, model_current(), cch * 2) == 0);
    EXPECT(plain_unit(buffer, cch) == 0);
    for (size_t i = (cch + 1) * 2; i < room * 2; i++) {
        EXPECT(buffer[i] == 0xC3);
    }
    if (value.known) {
        EXPECT(whole == (value.cch < room));
        EXPECT(whole ? cch == value.cch : cch == room - 1 || cch + 2 == room);
        EXPECT(memcmp(buffer, value.text, cch * 2) == 0);
    }
    arena_check(&buffers);
}

/* What others do while a reader reads. */
static void interfere(struct input *input)
{
    switch (input_byte(input) % 6) {
    case 0:
        cheat(input);
        break;
    case 1:
        write(input);
        break;
    case 2:
        write_and_die(input);
        break;
    default:
        break;
    }
}

/* Reads as ReadSharedMem does, slowly. */
static void read_value(struct input *input)
{
    size_t room = input_number(input, SLOT + 8);
    unsigned char *buffer = arena_place(&buffers, room, input);
    uint16_t text[LAYOUT_TEXT_CCH] = {0};
    bool whole, was_known = value.known;
    unsigned cheats_then = cheats;
    memcpy(text, value.text, value.cch * 2);

    uint64_t sequence = seqlatch_read_begin(&values.latch);
    size_t size = values_size(&values, sequence);
    EXPECT(size == (plain_fit(model_current(), LAYOUT_TEXT_CCH, &whole) + 1) * 2);
    EXPECT(size >= 2 && size <= SLOT);
    EXPECT(!was_known || size == (value.cch + 1) * 2);
    interfere(input);
    if (size <= room) {
        memset(buffer, 0xC3, room);
        values_copy(&values, sequence, buffer, size);
    }
    interfere(input);

    bool unchanged = !seqlatch_read_retry(&values.latch, sequence);
    EXPECT(unchanged == (model.control.sequence == sequence));
    if (size <= room) {
        for (size_t i = size; i < room; i++) {
            EXPECT(buffer[i] == 0xC3);
        }
        if (unchanged && was_known && cheats == cheats_then) {
            EXPECT(memcmp(buffer, text, size) == 0);
        }
    }
    arena_check(&buffers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (values.latch.control == NULL) {
        struct input at_the_end = {NULL, 0};
        values.latch.slots = LAYOUT_TEXT_SLOTS;
        values.is_text = true;
        values.capacity = (struct stated){SLOT, SLOT, SLOT};
        struct arena slots[LAYOUT_TEXT_SLOTS];
        arena_make_array(slots, LAYOUT_TEXT_SLOTS, SLOT);
        for (unsigned i = 0; i < LAYOUT_TEXT_SLOTS; i++) {
            arena_place(&slots[i], SLOT, &at_the_end);
        }
        values.latch.slot0 = slots[0].block;
        values.latch.stride = slots[1].block - slots[0].block;
        struct arena arena = arena_make(sizeof *values.latch.control);
        values.latch.control = arena_place(&arena, sizeof *values.latch.control, &at_the_end);
        texts = arena_make(SLOT);
        buffers = arena_make((size_t)MOST_ROOM * 2);
    }

    struct input input = {data, size};
    memset(&model, 0, sizeof model);
    memset(&value, 0, sizeof value);
    value.known = true; /* all zero is the empty text */
    take_over_model();
    for (unsigned i = 0; i < MOST_STEPS && input.left > 0; i++) {
        switch (input_byte(&input) % 6) {
        case 0:
            cheat(&input);
            break;
        case 1:
            write(&input);
            break;
        case 2:
            write_and_die(&input);
            break;
        case 3:
            roll_forward();
            break;
        case 4:
            read_text(&input);
            break;
        default:
            read_value(&input);
            break;
        }
        compare_with_model();
    }
    return 0;
}
