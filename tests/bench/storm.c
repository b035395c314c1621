/*
 * Calls beside each other on two processors: reading beside a writer that never pauses, two
 * readers, two writers.
 */
#include "bench.h"
#include "check.h"
#include "raw_section.h"
#include "stopwatch.h"
#include "stores.h"
#include "thread.h"

#include "layout.h"
#include "sharedmem.h"
#include "values.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

enum {
    CCH = 2048,
    ROUND_MS = 20,
    MOST_WORKERS = 2,
    ATTEMPTS = 64, /* in a row that fail before a read falls back to the lock */
};

/* Two texts of one length, each of one letter: a mixture shows at its ends. */
static WCHAR texts[2][CCH];
static size_t cch;

static void set_length(size_t length)
{
    cch = length;
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        wmemset(texts[i], (WCHAR)(L'a' + i), cch);
        texts[i][cch] = 0;
    }
}

struct worker;

/* One call of a worker. FALSE: it was in vain. */
typedef bool worker_call(struct worker *worker);

struct worker {
    worker_call *call;
    const struct text_store *store;
    bool each_timed;
    unsigned processor;
    unsigned calls, vain, fallbacks;
    double seconds, longest_us;
    WCHAR buffer[CCH];
};

static bool set(struct worker *worker)
{
    worker->store->set(texts[worker->calls % 2]);
    return true;
}

static bool get(struct worker *worker)
{
    worker->store->get(worker->buffer, CCH);
    return worker->buffer[0] == worker->buffer[cch - 1] && worker->buffer[cch] == 0;
}

/* One attempt at a read, as the DLL makes it: the DLL does not tell how many it took. */

static struct values values;

static bool attempt(struct worker *worker)
{
    return values_read_text(&values, worker->buffer, CCH) == TEXT_WHOLE;
}

static void open_values(void)
{
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_READ);
    values = (struct values){
        .latch = {.control = raw_section_control(&section),
                  .slots = LAYOUT_TEXT_SLOTS,
                  .slot0 = (unsigned char *)section.text,
                  .stride = LAYOUT_TEXT_SLOT_SIZE},
        .is_text = true,
    };
}

static volatile LONG ready, go, stop;

static void run_worker(void *argument)
{
    struct worker *worker = argument;
    unsigned in_a_row = 0;
    double longest_ms = 0;

    bench_pin(worker->processor);
    InterlockedIncrement(&ready);
    while (go == 0) {
        SwitchToThread();
    }
    LONGLONG start = stopwatch_start();
    for (; stop == 0; worker->calls++) {
        LONGLONG call = worker->each_timed ? stopwatch_start() : 0;
        if (worker->call(worker)) {
            in_a_row = 0;
        } else {
            worker->vain++;
            worker->fallbacks += ++in_a_row % ATTEMPTS == 0;
        }
        if (worker->each_timed) {
            double taken = stopwatch_milliseconds(call);
            longest_ms = taken > longest_ms ? taken : longest_ms;
        }
    }
    worker->seconds = stopwatch_milliseconds(start) / 1000;
    worker->longest_us = longest_ms * 1000;
}

static struct worker workers[MOST_WORKERS];

static void hire(size_t i, worker_call *call, const struct text_store *store, bool each_timed)
{
    memset(&workers[i], 0, sizeof workers[i]);
    workers[i].call = call;
    workers[i].store = store;
    workers[i].each_timed = each_timed;
    workers[i].processor = (unsigned)i;
}

/* Lets the workers work for a while. */
static void run(size_t count)
{
    thread threads[MOST_WORKERS];
    ready = go = stop = 0;
    for (size_t i = 0; i < count; i++) {
        threads[i] = thread_start(run_worker, &workers[i]);
    }
    while (ready != (LONG)count) {
        SwitchToThread();
    }
    go = 1;
    thread_sleep(ROUND_MS);
    stop = 1;
    for (size_t i = 0; i < count; i++) {
        thread_join(threads[i]);
    }
}

static double rate_of(size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += workers[i].calls / workers[i].seconds;
    }
    return sum;
}

static double longest_of(size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        most = workers[i].longest_us > most ? workers[i].longest_us : most;
    }
    return most;
}

static void report_stores(struct samples samples[TEXT_STORES], const char *measure,
                          unsigned long long parameter, const char *unit)
{
    for (size_t i = 0; i < TEXT_STORES; i++) {
        samples_report(&samples[i], measure, parameter, text_stores[i].name, unit);
    }
}

/* A reader beside a writer that never pauses. */
static void read_beside_a_writer(void)
{
    static struct samples rates[TEXT_STORES], torn[TEXT_STORES], longest[TEXT_STORES];
    for (unsigned round = 0; round < bench_rounds(); round++) {
        for (size_t i = 0; i < TEXT_STORES; i++) {
            const struct text_store *store = &text_stores[i];
            store->set(texts[0]);
            for (int each_timed = 0; each_timed <= 1; each_timed++) {
                hire(0, get, store, each_timed);
                hire(1, set, store, false);
                run(2);
                CHECK(workers[0].vain == 0 || i == STORES_UNSYNCHRONISED);
                if (each_timed) {
                    samples_add(&longest[i], longest_of(1));
                } else {
                    samples_add(&rates[i], rate_of(1));
                    samples_add(&torn[i], workers[0].vain * 100.0 / workers[0].calls);
                }
            }
        }
    }
    report_stores(rates, "storm_reads", cch, "1/s");
    report_stores(torn, "storm_torn", cch, "%");
    report_stores(longest, "storm_longest_read", cch, "us");
}

/* How often a read has to begin again, and how often it comes to need the lock. */
static void attempts_beside_a_writer(void)
{
    static struct samples retries, fallbacks;
    for (unsigned round = 0; round < bench_rounds(); round++) {
        hire(0, attempt, NULL, false);
        hire(1, set, &text_stores[0], false);
        run(2);
        double reads = workers[0].calls - workers[0].vain + workers[0].fallbacks;
        samples_add(&retries, workers[0].vain * 100 / reads);
        samples_add(&fallbacks, workers[0].fallbacks * 100 / reads);
    }
    samples_report(&retries, "storm_retries", cch, "sharedmem", "% of reads");
    samples_report(&fallbacks, "storm_fallbacks", cch, "sharedmem", "% of reads");
}

/* One caller, on each processor in turn, and two of them. */
static void one_and_two(worker_call *call, const char *measure, const char *longest_measure)
{
    static struct samples rates[MOST_WORKERS][TEXT_STORES], longest[MOST_WORKERS][TEXT_STORES];
    for (unsigned round = 0; round < bench_rounds(); round++) {
        for (size_t i = 0; i < TEXT_STORES; i++) {
            text_stores[i].set(texts[0]);
            for (size_t count = 1; count <= MOST_WORKERS; count++) {
                for (int each_timed = 0; each_timed <= 1; each_timed++) {
                    for (size_t j = 0; j < count; j++) {
                        hire(j, call, &text_stores[i], each_timed);
                        workers[j].processor = (unsigned)(j + round) % MOST_WORKERS;
                    }
                    run(count);
                    if (each_timed) {
                        samples_add(&longest[count - 1][i], longest_of(count));
                    } else {
                        samples_add(&rates[count - 1][i], rate_of(count));
                    }
                }
            }
        }
    }
    for (size_t count = 1; count <= MOST_WORKERS; count++) {
        report_stores(rates[count - 1], measure, count, "1/s");
        report_stores(longest[count - 1], longest_measure, count, "us");
    }
}

int main(int argc, char **argv)
{
    static const size_t lengths[] = {21, 260, 2000};
    bench_begin(argc, argv);
    open_values();
    for (size_t i = 0; i < ARRAYSIZE(lengths); i++) {
        set_length(lengths[i]);
        read_beside_a_writer();
        attempts_beside_a_writer();
    }
    set_length(21);
    one_and_two(get, "readers", "readers_longest");
    one_and_two(set, "writers", "writers_longest");
    return check_passed();
}
