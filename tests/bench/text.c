/* What it takes to set and to get a text, by its length. */
#include "bench.h"
#include "check.h"
#include "stopwatch.h"
#include "stores.h"

#include <string.h>
#include <wchar.h>

enum { CCH = 2048 };

static WCHAR text[CCH], buffer[CCH];
static size_t cch;

/* The limit: a copy of known length. Not to be inlined: no store can know the length before. */
static void *(*volatile copy)(void *to, const void *from, size_t size) = memcpy;
static WCHAR copied[CCH];

static long long copy_in(const void *unused, unsigned times)
{
    (void)unused;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        copy(copied, text, (cch + 1) * sizeof *text);
    }
    return stopwatch_start() - start;
}

static long long copy_out(const void *unused, unsigned times)
{
    (void)unused;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        copy(buffer, copied, (cch + 1) * sizeof *text);
    }
    return stopwatch_start() - start;
}

static long long set(const void *context, unsigned times)
{
    const struct text_store *store = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        store->set(text);
    }
    return stopwatch_start() - start;
}

static long long get(const void *context, unsigned times)
{
    const struct text_store *store = context;
    long long start = stopwatch_start();
    for (unsigned i = 0; i < times; i++) {
        store->get(buffer, CCH);
    }
    return stopwatch_start() - start;
}

int main(int argc, char **argv)
{
    static const size_t lengths[] = {0, 1, 21, 260, 2000};
    struct subject sets[TEXT_STORES + 1] = {{"memcpy", copy_in, NULL}};
    struct subject gets[TEXT_STORES + 1] = {{"memcpy", copy_out, NULL}};

    bench_begin(argc, argv);
    bench_pin(0);
    for (size_t i = 0; i < TEXT_STORES; i++) {
        sets[i + 1] = (struct subject){text_stores[i].name, set, &text_stores[i]};
        gets[i + 1] = (struct subject){text_stores[i].name, get, &text_stores[i]};
    }
    for (size_t i = 0; i < ARRAYSIZE(lengths); i++) {
        cch = lengths[i];
        wmemset(text, L'x', cch);
        text[cch] = 0;
        bench_compare("set", cch, sets, ARRAYSIZE(sets));
        for (size_t store = 0; store < TEXT_STORES; store++) {
            text_stores[store].get(buffer, CCH);
            CHECK(wcscmp(buffer, text) == 0);
        }
        bench_compare("get", cch, gets, ARRAYSIZE(gets));
    }
    return check_passed();
}
