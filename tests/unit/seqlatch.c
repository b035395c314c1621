/*
 * The latch under several writers and several readers, in one process so that sanitizers can watch:
 * two slots as the text region uses them, four as a named region does, and eight with a history of
 * six, of which a reader gets one value after the other.
 */
#include "check.h"
#include "checked_text.h"
#include "thread.h"

#include "processor.h"
#include "text.h"
#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WRITERS = 3,
    READERS = 3,
    HISTORY_SLOTS = 8,
    RUN_MS = 1500,
};

static _Alignas(LAYOUT_PAGE) unsigned char slots[HISTORY_SLOTS][LAYOUT_PAGE];
static struct layout_record records[HISTORY_SLOTS];
static _Alignas(LAYOUT_PAGE) struct layout_control control;
static struct values values;
static unsigned slot_count;
static uint64_t stop; /* not 0: the threads come to their end */

struct player {
    unsigned number;
    struct checked_text_log log; /* of a reader */
    uint64_t count;              /* of a writer */
    uint64_t retries;
    uint64_t version, missed; /* of a reader of the history */
};

static void lock(void)
{
    while (!atomic_compare_exchange_acquire(&control.lock.owner, 0, 1)) {
        thread_yield();
    }
}

static void unlock(void)
{
    atomic_exchange_full_barrier(&control.lock.owner, 0);
}

static void publish(const uint16_t *text, size_t cch)
{
    values_roll_forward(&values);
    values_write(&values, text, (values.is_text ? cch : cch + 1) * sizeof *text);
}

static bool snapshot(uint16_t *text)
{
    if (values.is_text) {
        enum text_read read = values_read_text(&values, text, CHECKED_TEXT_CCH);
        CHECK(read != TEXT_CUT);
        return read == TEXT_WHOLE;
    }
    uint64_t sequence = seqlatch_read_begin(&values.latch);
    size_t size = values_size(&values, sequence);
    values_copy(&values, sequence, text, size);
    if (seqlatch_read_retry(&values.latch, sequence)) {
        return false;
    }
    CHECK_EQUAL(size, (text_measure(text, CHECKED_TEXT_CCH) + 1) * sizeof *text);
    return true;
}

/*
 * Values come in the order of their versions, and what is missing between two is what was missed:
 * then each writer's records are those that follow each other, with none left out.
 */
static void read_history(struct player *self)
{
    uint16_t text[CHECKED_TEXT_CCH];
    struct values_next next;
    if (!values_find_next(&values, self->version, &next)) {
        return;
    }
    size_t size = values_size(&values, next.sequence);
    values_copy(&values, next.sequence, text, size);
    if (seqlatch_read_retry(&values.latch, next.sequence)) {
        self->retries++;
        return;
    }
    unsigned writer;
    uint64_t count, *expected = self->log.next;
    CHECK(checked_text_parse(text, &writer, &count));
    CHECK_EQUAL(next.version, self->version + next.missed + 1);
    CHECK(count >= expected[writer] && count <= expected[writer] + self->missed + next.missed);
    self->missed += next.missed - (count - expected[writer]);
    self->version = next.version;
    checked_text_check(&self->log, text);
}

static void write_records(void *argument)
{
    struct player *self = argument;
    uint16_t text[CHECKED_TEXT_CCH];
    while (atomic_load_relaxed(&stop) == 0) {
        size_t cch = checked_text_make(text, self->number, self->count++);
        lock();
        publish(text, cch);
        unlock();
    }
}

static void read_records(void *argument)
{
    struct player *self = argument;
    uint16_t text[CHECKED_TEXT_CCH];
    while (atomic_load_relaxed(&stop) == 0) {
        if (slot_count == HISTORY_SLOTS) {
            read_history(self);
        } else if (snapshot(text)) {
            checked_text_check(&self->log, text);
        } else {
            self->retries++;
        }
    }
}

static void run(void)
{
    static struct player players[WRITERS + READERS];
    static uint16_t text[CHECKED_TEXT_CCH];
    thread threads[WRITERS + READERS];

    memset(&control, 0, sizeof control);
    memset(players, 0, sizeof players);
    values = (struct values){
        .latch = {.control = &control,
                  .slots = slot_count,
                  .slot0 = slots[0],
                  .stride = sizeof slots[0]},
        .records = records,
        .is_text = slot_count == LAYOUT_TEXT_SLOTS,
        .capacity = {LAYOUT_PAGE, LAYOUT_PAGE, LAYOUT_PAGE},
        .depth = {slot_count - 2, slot_count - 2, slot_count - 2},
    };
    publish(text, checked_text_make(text, WRITERS, 0));

    atomic_store_relaxed(&stop, 0);
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        players[i].number = i;
        threads[i] = thread_start(i < WRITERS ? write_records : read_records, &players[i]);
    }
    thread_sleep(RUN_MS);
    atomic_store_relaxed(&stop, 1);

    struct player sum = {0};
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        thread_join(threads[i]);
        sum.count += players[i].count;
        sum.log.reads += players[i].log.reads;
        sum.retries += players[i].retries;
    }
    printf("%u slots: %llu written, %llu read, %llu tried again\n", slot_count,
           (unsigned long long)sum.count, (unsigned long long)sum.log.reads,
           (unsigned long long)sum.retries);
    CHECK(sum.count > WRITERS && sum.log.reads > READERS);

    CHECK(snapshot(text)); /* without a writer, the first attempt succeeds */
    checked_text_check(&sum.log, text);
}

int main(void)
{
    check_deadline(60);
    processor_features = processor_detect();
    slot_count = LAYOUT_TEXT_SLOTS;
    run();
    CHECK(control.sequence % 2 == 0);
    slot_count = LAYOUT_SLOTS;
    run();
    slot_count = HISTORY_SLOTS;
    run();
    return check_passed();
}
