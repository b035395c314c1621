/*
 * A named region's value, in four slots and in two, of any capacity: as text_value.c does it. A
 * reader may be overtaken by several writers here, and must know when its slot was safe; one that
 * reads the history gets the value of the right version, and counts right what it has missed.
 */
#include "fuzz.h"

#include "values.h"

#include <string.h>

enum {
    MOST_BYTES = 9000,
    MOST_STEPS = 40,
    REMEMBERED = 8, /* versions */
};

static struct values values;
static struct {
    unsigned char slot[LAYOUT_SLOTS][MOST_BYTES];
    struct layout_record record[LAYOUT_SLOTS];
    struct layout_control control;
} model;

/* What a reader must find, unless a step cheated. */
static struct value {
    bool known;
    size_t size;
    unsigned char bytes[MOST_BYTES];
} value;

/* The same for the values written last, by version. */
static struct {
    uint64_t version; /* 0: none */
    struct value value;
} history[REMEMBERED];

static unsigned writes, cheats; /* their numbers */

static struct arena slots[LAYOUT_SLOTS], inputs, buffers;

static void compare_with_model(void)
{
    for (unsigned i = 0; i < values.latch.slots; i++) {
        EXPECT(memcmp(seqlatch_slot(&values.latch, i), model.slot[i], values.capacity.max) == 0);
        arena_check(&slots[i]);
    }
    EXPECT(memcmp(values.records, model.record, sizeof model.record) == 0);
    EXPECT(memcmp(values.latch.control, &model.control, sizeof model.control) == 0);
}

/* Another process, with code of its own, makes the section what the model is. */
static void take_over_model(void)
{
    for (unsigned i = 0; i < values.latch.slots; i++) {
        memcpy(seqlatch_slot(&values.latch, i), model.slot[i], values.capacity.max);
    }
    memcpy(values.records, model.record, sizeof model.record);
    memcpy(values.latch.control, &model.control, sizeof model.control);
}

static void remember(const void *bytes, size_t size)
{
    value.known = true;
    value.size = size;
    memcpy(value.bytes, bytes, size);
    history[model.control.sequence % REMEMBERED].version = model.control.sequence;
    history[model.control.sequence % REMEMBERED].value = value;
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
    model.record[next % values.latch.slots].length = size;
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
        model.record[next % values.latch.slots].length = size;
    }
    take_over_model();
}

static void cheat(struct input *input)
{
    uint8_t what = input_byte(input) % 8;
    if (what < LAYOUT_SLOTS) {
        size_t at = input_number(input, values.capacity.max);
        size_t size = input_number(input, values.capacity.max - at);
        if (what < values.latch.slots) {
            input_fill(input, model.slot[what] + at, size);
        }
    } else if (what == 4) {
        unsigned char *control = (unsigned char *)&model.control;
        size_t at = input_number(input, sizeof model.control);
        input_fill(input, control + at, input_number(input, sizeof model.control - at));
    } else if (what == 5) {
        struct layout_control *control = &model.control;
        uint64_t *numbers[] = {&control->sequence, &control->capacity, &control->first};
        *numbers[input_byte(input) % 3] = input_word(input);
    } else {
        uint64_t *length = &model.record[input_byte(input) % LAYOUT_SLOTS].length;
        *length = what == 6 ? values.capacity.found + input_byte(input) % 4 : input_word(input);
    }
    value.known = false;
    memset(history, 0, sizeof history);
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
    uint64_t claimed = model.record[sequence % values.latch.slots].length;
    uint64_t stated = model.control.capacity;
    bool can_be = stated >= values.capacity.min && stated <= values.capacity.max;
    uint64_t capacity = can_be ? stated : values.capacity.found;
    EXPECT(values_capacity(&values) == capacity);
    EXPECT(size == (claimed <= values.capacity.found || claimed < capacity ? claimed : capacity));
    EXPECT(size <= values.capacity.max);
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

/* What values_find_next must find. */
static bool find_next_plainly(uint64_t last, struct values_next *next)
{
    uint64_t newest = model.control.sequence, stated = model.control.depth;
    uint64_t first = model.control.first;
    uint64_t depth = stated >= 1 && stated <= values.depth.max ? stated : values.depth.found;
    last = last <= newest ? last : 0;
    uint64_t oldest = newest < depth ? 1 : newest - depth + 1;
    if (first <= newest && first > oldest) { /* earlier ones are not kept */
        oldest = first;
    }
    next->version = last == newest ? newest : last < oldest ? oldest : last + 1;
    next->sequence = next->version;
    next->missed = next->version - last - 1;
    return newest != last;
}

/* Reads as ReadNextSharedMem does, slowly, with any place. */
static void read_next(struct input *input)
{
    static struct value then;
    struct values_next next, expected;
    uint64_t last = input_byte(input) % 4 == 0 ? input_word(input)
                                               : model.control.sequence - input_byte(input) % 6;
    unsigned cheats_then = cheats, writes_then = writes;
    bool found = values_find_next(&values, last, &next);
    EXPECT(found == find_next_plainly(last, &expected));
    EXPECT(next.version == expected.version && next.sequence == expected.sequence);
    if (!found) {
        return;
    }
    EXPECT(next.missed == expected.missed);
    then.known = history[next.version % REMEMBERED].version == next.version;
    if (then.known) {
        then = history[next.version % REMEMBERED].value;
    }
    uint64_t age = model.control.sequence - next.version;

    interfere(input);
    size_t size = values_size(&values, next.sequence);
    EXPECT(size <= values.capacity.max);
    unsigned char *buffer = arena_place(&buffers, size, input);
    if (size > 0) {
        values_copy(&values, next.sequence, buffer, size);
    }
    interfere(input);
    bool unchanged = !seqlatch_read_retry(&values.latch, next.sequence);
    if (cheats == cheats_then) {
        EXPECT(unchanged == (age + (writes - writes_then) + 2 <= values.latch.slots));
        EXPECT(!unchanged || !then.known ||
               (size == then.size && memcmp(buffer, then.bytes, size) == 0));
    }
    arena_check(&buffers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (values.latch.control == NULL) {
        struct input at_the_end = {NULL, 0};
        arena_make_array(slots, LAYOUT_SLOTS, MOST_BYTES);
        struct arena records = arena_make(sizeof model.record);
        values.records = arena_place(&records, sizeof model.record, &at_the_end);
        struct arena control = arena_make(sizeof *values.latch.control);
        values.latch.control = arena_place(&control, sizeof *values.latch.control, &at_the_end);
        inputs = arena_make(MOST_BYTES);
        buffers = arena_make(MOST_BYTES);
    }

    struct input input = {data, size};
    values.latch.slots = input_byte(&input) % 2 == 0 ? LAYOUT_SLOTS : LAYOUT_TEXT_SLOTS;
    struct stated *capacity = &values.capacity;
    capacity->max = input_number(&input, MOST_BYTES);
    capacity->min = input_number(&input, capacity->max);
    capacity->found = capacity->min + input_number(&input, capacity->max - capacity->min);
    for (unsigned i = 0; i < values.latch.slots; i++) {
        struct input same = input;
        arena_place(&slots[i], capacity->max, &same);
    }
    input_byte(&input);
    values.latch.slot0 = slots[0].block;
    values.latch.stride = slots[1].block - slots[0].block;
    values.depth.min = 1;
    values.depth.max = values.latch.slots > 2 ? values.latch.slots - 2 : 1;
    values.depth.found = values.depth.max;
    memset(&model, 0, sizeof model);
    memset(history, 0, sizeof history);
    model.control.depth = values.depth.found;
    model.control.capacity = values.capacity.found;
    value.known = true; /* all zero is the empty value */
    value.size = 0;
    take_over_model();
    for (unsigned i = 0; i < MOST_STEPS && input.left > 0; i++) {
        uint8_t step = input_byte(&input);
        switch (step % 4) {
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
            (step < 0x80 ? read : read_next)(&input);
            break;
        }
        compare_with_model();
    }
    return 0;
}
