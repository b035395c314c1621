/*
 * Measuring things beside each other: in one run, interleaved, many rounds of each; natively as
 * well as under Windows. Results go to standard output, one line each:
 *
 *     measure,parameter,subject,unit,minimum,median,99th percentile,maximum
 */
#ifndef SHAREDMEM_TESTS_BENCH_H
#define SHAREDMEM_TESTS_BENCH_H

#include <stddef.h>

/* Reads the argument that each of these programs takes: how many rounds; 51 without it. */
void bench_begin(int argc, char **argv);
unsigned bench_rounds(void);

#ifdef _WIN32
/* Lets the calling thread run on this processor only, or on the last one. */
void bench_pin(unsigned processor);
#endif

enum { BENCH_MOST_SAMPLES = 1 << 14 };

/*
 * What something took, each time: for results that are no calls repeated. All zero is none yet; too
 * large for the stack.
 */
struct samples {
    double value[BENCH_MOST_SAMPLES];
    size_t count;
};

void samples_add(struct samples *samples, double value);

double samples_median(struct samples *samples);

/* Prints the line of a result, and forgets the samples. */
void samples_report(struct samples *samples, const char *measure, unsigned long long parameter,
                    const char *subject, const char *unit);

/* Calls something so many times, and returns the ticks that it took (stopwatch_start's). */
typedef long long bench_repeat(const void *context, unsigned times);

struct subject {
    const char *name;
    bench_repeat *repeat;
    const void *context;
};

enum { BENCH_MOST_SUBJECTS = 8 };

/*
 * Compares the nanoseconds that one call of each takes. Where calls take long, there are fewer
 * rounds than asked for.
 */
void bench_compare(const char *measure, unsigned long long parameter,
                   const struct subject *subjects, size_t count);

#endif
