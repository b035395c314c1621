/*
 * The latch under several writers and several readers, in one process so that sanitizers can watch:
 * two slots as the text region uses them, four as a named region does.
 */
#include "check.h"
#include "record.h"
#include "thread.h"

#include "byte_cell.h"
#include "latch.h"
#include "shared_copy.h"
#include "text_cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WRITERS = 3,
    READERS = 3,
    RUN_MS = 1500,
};

static _Alignas(LAYOUT_PAGE) unsigned char slots[LAYOUT_MAX_SLOTS][LAYOUT_PAGE];
static _Alignas(LAYOUT_PAGE) struct layout_control control;
static struct latch latch;
static uint64_t stop; /* not 0: the threads come to their end */

struct player {
    unsigned number;
    struct record_log log; /* of a reader */
    uint64_t count;        /* of a writer */
    uint64_t retries;
};

static void lock(void)
{
    while (!atomic_compare_exchange_acquire(&control.writer, 0, 1)) {
        thread_yield();
    }
}

static void unlock(void)
{
    atomic_exchange_full_barrier(&control.writer, 0);
}

static void publish(const uint16_t *text, size_t cch)
{
    if (latch.slots == LAYOUT_TEXT_SLOTS) {
        text_cell_settle(&latch);
        text_cell_write(&latch, text, cch);
        return;
    }
    byte_cell_write(&latch, text, (cch + 1) * sizeof *text);
}

static bool snapshot(uint16_t *text)
{
    if (latch.slots == LAYOUT_TEXT_SLOTS) {
        unsigned reading = text_cell_read(&latch, text, RECORD_CCH);
        CHECK(reading == 0 || (reading & TEXT_CELL_OVERTAKEN) != 0);
        return reading == 0;
    }
    uint64_t sequence = latch_begin(&latch);
    shared_copy(text, latch_slot(&latch, sequence), byte_cell_size(&latch, sequence));
    return latch_unchanged(&latch, sequence);
}

static void write_records(void *argument)
{
    struct player *self = argument;
    uint16_t text[RECORD_CCH];
    while (atomic_load_relaxed(&stop) == 0) {
        size_t cch = record_make(text, self->number, self->count++);
        lock();
        publish(text, cch);
        unlock();
    }
}

static void read_records(void *argument)
{
    struct player *self = argument;
    uint16_t text[RECORD_CCH];
    while (atomic_load_relaxed(&stop) == 0) {
        if (snapshot(text)) {
            record_check(&self->log, text);
        } else {
            self->retries++;
        }
    }
}

static void run(unsigned slot_count)
{
    static struct player players[WRITERS + READERS];
    static uint16_t text[RECORD_CCH];
    thread threads[WRITERS + READERS];

    memset(&control, 0, sizeof control);
    memset(players, 0, sizeof players);
    latch = (struct latch){
        .control = &control,
        .slots = slot_count,
        .capacity = LAYOUT_PAGE,
        .least_capacity = LAYOUT_PAGE,
        .most_capacity = LAYOUT_PAGE,
    };
    for (unsigned i = 0; i < LAYOUT_MAX_SLOTS; i++) {
        latch.slot[i] = slots[i];
    }
    publish(text, record_make(text, WRITERS, 0));

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

    CHECK(snapshot(text)); /* nobody writes: the first attempt succeeds */
    record_check(&sum.log, text);
}

int main(void)
{
    check_deadline(60);
    run(LAYOUT_TEXT_SLOTS);
    CHECK(control.sequence % 2 == 0);
    run(LAYOUT_MAX_SLOTS);
    return check_passed();
}
