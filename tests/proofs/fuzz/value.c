/*
 * A named region's value, in four slots and in two, of any capacity: as text_value.c does it. A
 * reader may be overtaken by several writers here, and must know when its slot was safe.
 */
#include "fuzz.h"

#include "values.h"

#include <string.h>

enum {
    MOST_BYTES = 9000,
    MOST_STEPS = 40,
};

static struct values values;
static struct {
    unsigned char slot[LAYOUT_MAX_SLOTS][MOST_BYTES];
    struct layout_control control;
} model;

/* What a reader must find, unless a step cheated. */
static struct value {
    bool known;
    size_t size;
    unsigned char bytes[MOST_BYTES];
} value;

static unsigned writes, cheats; /* their numbers */

static struct arena slots[LAYOUT_MAX_SLOTS], inputs, buffers;

static void compare_with_model(void)
{
    for (unsigned i = 0; i < values.latch.slots; i++) {
        EXPECT(memcmp(values.latch.slot[i], model.slot[i], values.max_capacity) == 0);
        arena_check(&slots[i]);
    }
    EXPECT(memcmp(values.latch.control, &model.control, sizeof model.control) == 0);
}

/* Another process, with code of its own, makes the section what the model is. */
static void take_over_model(void)
{
    for (unsigned i = 0; i < values.latch.slots; i++) {
        memcpy(values.latch.slot[i], model.slot[i], values.max_capacity);
    }
    memcpy(values.latch.control, &model.control, sizeof model.control);
}

static void remember(const void *bytes, size_t size)
{
    value.known = true;
    value.size = size;
    memcpy(value.bytes, bytes, size);
}

static const unsigned char *make_value(struct input *input, size_t *size)
{
    *size = input_number(input, values_capacity(&values));
    unsigned char *bytes = arena_place(&inputs, *size, input);
    input_fill(input, bytes, *size);
    return bytes;
}

static void write(struct input *input)
{
    size_t size;
    const unsigned char *bytes = make_value(input, &size);
    uint64_t next = model.control.sequence + 1;

    values_write(&values, bytes, size);
    memcpy(model.slot[next % values.latch.slots], bytes, size);
    model.control.length[next % values.latch.slots] = size;
    model.control.sequence = next;
    remember(bytes, size);
    writes++;
    arena_check(&inputs);
}

/* A writer that died after some bytes of its publication. */
static void write_and_die(struct input *input)
{
    size_t size;
    const unsigned char *bytes = make_value(input, &size);
    uint64_t next = model.control.sequence + 1;

    size_t done = input_number(input, size);
    memcpy(model.slot[next % values.latch.slots], bytes, done);
    if (done == size) {
        model.control.length[next % values.latch.slots] = size;
    }
    take_over_model();
}

static void cheat(struct input *input)
{
    uint8_t what = input_byte(input) % 8;
    if (what < LAYOUT_MAX_SLOTS) {
        size_t at = input_number(input, values.max_capacity);
        size_t size = input_number(input, values.max_capacity - at);
        if (what < values.latch.slots) {
            input_fill(input, model.slot[what] + at, size);
        }
    } else if (what == 4) {
        unsigned char *control = (unsigned char *)&model.control;
        size_t at = input_number(input, sizeof model.control);
        input_fill(input, control + at, input_number(input, sizeof model.control - at));
    } else if (what == 5) {
        uint64_t *number =
            input_byte(input) % 2 == 0 ? &model.control.sequence : &model.control.capacity;
        *number = input_word(input);
    } else {
        uint64_t *length = &model.control.length[input_byte(input) % LAYOUT_MAX_SLOTS];
        *length = what == 6 ? values.capacity + input_byte(input) % 4 : input_word(input);
    }
    value.known = false;
    cheats++;
    take_over_model();
}

/* What others do while a reader reads. */
static void interfere(struct input *input)
{
    switch (input_byte(input) % 6) {
    case 0:
        cheat(input);
        break;
    case 1:
        for (unsigned writers = input_byte(input) % 5; writers > 0; writers--) {
            write(input);
        }
        break;
    case 2:
        write_and_die(input);
        break;
    default:
        break;
    }
}

/* Reads as ReadSharedMem does, slowly. */
static void read(struct input *input)
{
    static struct value then;
    unsigned cheats_then = cheats, writes_then = writes;
    size_t room = input_number(input, MOST_BYTES);
    unsigned char *buffer = arena_place(&buffers, room, input);
    then.known = value.known;
    then.size = value.size;
    memcpy(then.bytes, value.bytes, value.size);

    uint64_t sequence = seqlatch_read_begin(&values.latch);
    size_t size = values_size(&values, sequence);
    uint64_t claimed = model.control.length[sequence % values.latch.slots];
    uint64_t stated = model.control.capacity;
    bool can_be = stated >= values.min_capacity && stated <= values.max_capacity;
    uint64_t capacity = can_be ? stated : values.capacity;
    EXPECT(values_capacity(&values) == capacity);
    EXPECT(size == (claimed <= values.capacity || claimed < capacity ? claimed : capacity));
    EXPECT(size <= values.max_capacity);
    EXPECT(!then.known || size == then.size);
    interfere(input);
    if (size <= room) {
        memset(buffer, 0xC3, room);
        if (size > 0) {
            values_copy(&values, sequence, buffer, size);
        }
    }
    interfere(input);

    bool unchanged = !seqlatch_read_retry(&values.latch, sequence);
    EXPECT(unchanged == (model.control.sequence - sequence <= values.latch.slots - 2));
    if (size <= room) {
        for (size_t i = size; i < room; i++) {
            EXPECT(buffer[i] == 0xC3);
        }
    }
    if (cheats == cheats_then) {
        EXPECT(unchanged == (writes - writes_then + 2 <= values.latch.slots));
        EXPECT(!unchanged || size > room || !then.known || memcmp(buffer, then.bytes, size) == 0);
    }
    arena_check(&buffers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (values.latch.control == NULL) {
        struct input at_the_end = {NULL, 0};
        for (unsigned i = 0; i < LAYOUT_MAX_SLOTS; i++) {
            slots[i] = arena_make(MOST_BYTES);
        }
        struct arena arena = arena_make(sizeof *values.latch.control);
        values.latch.control = arena_place(&arena, sizeof *values.latch.control, &at_the_end);
        inputs = arena_make(MOST_BYTES);
        buffers = arena_make(MOST_BYTES);
    }

    struct input input = {data, size};
    values.latch.slots = input_byte(&input) % 2 == 0 ? LAYOUT_MAX_SLOTS : LAYOUT_TEXT_SLOTS;
    values.max_capacity = input_number(&input, MOST_BYTES);
    values.min_capacity = input_number(&input, values.max_capacity);
    values.capacity =
        values.min_capacity + input_number(&input, values.max_capacity - values.min_capacity);
    for (unsigned i = 0; i < values.latch.slots; i++) {
        values.latch.slot[i] = arena_place(&slots[i], values.max_capacity, &input);
    }
    memset(&model, 0, sizeof model);
    model.control.capacity = values.capacity;
    value.known = true; /* all zero is the empty value */
    value.size = 0;
    take_over_model();
    for (unsigned i = 0; i < MOST_STEPS && input.left > 0; i++) {
        switch (input_byte(&input) % 4) {
        case 0:
            cheat(&input);
            break;
        case 1:
            write(&input);
            break;
        case 2:
            write_and_die(&input);
            break;
        default:
            read(&input);
            break;
        }
        compare_with_model();
    }
    return 0;
}
