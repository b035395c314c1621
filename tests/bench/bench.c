#include "bench.h"

#include "check.h"
#include "stopwatch.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN32
#include <windows.h>
#endif

enum {
    DEFAULT_ROUNDS = 51,
    MOST_TIMES = 1 << 24,
    MOST_ROUND_SECONDS = 60,   /* that a round of everything takes */
    WARM_UP = 8,               /* calls, in which everything that they touch comes into being */
    LONG_WARM_UP_MS = 500,     /* after which there are no more of them */
    LONG_COMPARISON_MS = 2000, /* after which there are no more rounds than these */
    ROUNDS_OF_A_LONG_ONE = 5,
};

#define ROUND_MS 1.0 /* what one round of one subject takes at least, where calls are short */

static unsigned rounds = DEFAULT_ROUNDS;

void bench_begin(int argc, char **argv)
{
    if (argc > 1) {
        rounds = (unsigned)atoi(argv[1]);
    }
    CHECK(rounds > 0);
    check_deadline(rounds * MOST_ROUND_SECONDS);
}

unsigned bench_rounds(void)
{
    return rounds;
}

#ifdef _WIN32
void bench_pin(unsigned processor)
{
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    DWORD last = system.dwNumberOfProcessors - 1;
    CHECK(SetThreadAffinityMask(GetCurrentThread(),
                                (DWORD_PTR)1 << (processor < last ? processor : last)) != 0);
}
#endif

void samples_add(struct samples *samples, double value)
{
    CHECK(samples->count < BENCH_MOST_SAMPLES);
    samples->value[samples->count++] = value;
}

static int compare_values(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void sort(struct samples *samples)
{
    CHECK(samples->count > 0);
    qsort(samples->value, samples->count, sizeof *samples->value, compare_values);
}

double samples_median(struct samples *samples)
{
    sort(samples);
    return samples->value[(samples->count - 1) / 2];
}

void samples_report(struct samples *samples, const char *measure, unsigned long long parameter,
                    const char *subject, const char *unit)
{
    sort(samples);
    size_t last = samples->count - 1;
    printf("%s,%llu,%s,%s,%.5g,%.5g,%.5g,%.5g\n", measure, parameter, subject, unit,
           samples->value[0], samples->value[last / 2], samples->value[last * 99 / 100],
           samples->value[last]);
    fflush(stdout);
    samples->count = 0;
}

/* How often to call it in a round. Its code and its data are warm thereafter. */
static unsigned times_for(const struct subject *subject)
{
    unsigned times = 1;
    long long start = stopwatch_start();
    for (int i = 0; i < WARM_UP && stopwatch_milliseconds(start) < LONG_WARM_UP_MS; i++) {
        subject->repeat(subject->context, 1);
    }
    if (stopwatch_milliseconds(start) >= LONG_WARM_UP_MS) {
        return times;
    }
    for (;;) {
        start = stopwatch_start();
        subject->repeat(subject->context, times);
        if (stopwatch_milliseconds(start) >= ROUND_MS || times >= MOST_TIMES) {
            return times;
        }
        times *= 2;
    }
}

void bench_compare(const char *measure, unsigned long long parameter,
                   const struct subject *subjects, size_t count)
{
    static struct samples samples[BENCH_MOST_SUBJECTS];
    unsigned times[BENCH_MOST_SUBJECTS];

    CHECK(count <= BENCH_MOST_SUBJECTS);
    for (size_t i = 0; i < count; i++) {
        times[i] = times_for(&subjects[i]);
    }
    long long start = stopwatch_start();
    for (unsigned round = 0; round < rounds; round++) {
        if (round >= ROUNDS_OF_A_LONG_ONE && stopwatch_milliseconds(start) > LONG_COMPARISON_MS) {
            break;
        }
        for (size_t turn = 0; turn < count; turn++) {
            size_t i = (round + turn) % count;
            long long ticks = subjects[i].repeat(subjects[i].context, times[i]);
            samples_add(&samples[i], stopwatch_nanoseconds(ticks) / (double)times[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        samples_report(&samples[i], measure, parameter, subjects[i].name, "ns");
    }
}
