/* What comes before: loading the DLL, its file, and the first call that a thread makes. */
#include "bench.h"
#include "check.h"
#include "library.h"
#include "process.h"
#include "stopwatch.h"
#include "thread.h"

enum { THREADS = 10 }; /* in each round */

static long long load(const void *path, unsigned times)
{
    long long taken = 0;
    for (unsigned i = 0; i < times; i++) {
        long long start = stopwatch_start();
        HMODULE module = LoadLibraryW(path);
        taken += stopwatch_start() - start;
        CHECK(module != NULL);
        FreeLibrary(module);
    }
    return taken;
}

/* Calls that a thread makes for the first time. */

enum { CALLS = 2 };

static struct library library;
static struct samples sets[CALLS], gets[CALLS];

static void call_twice(void *unused)
{
    WCHAR buffer[32];
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        long long start = stopwatch_start();
        library.set(L"This is a test string");
        samples_add(&sets[i], stopwatch_milliseconds(start) * 1e6);
        start = stopwatch_start();
        library.get(buffer, ARRAYSIZE(buffer));
        samples_add(&gets[i], stopwatch_milliseconds(start) * 1e6);
    }
}

static void measure_first_calls(void)
{
    WCHAR path[MAX_PATH];
    library = library_need(process_sibling(L"sharedmem.dll", path));
    thread_join(thread_start(call_twice, NULL)); /* warm-up */
    for (int i = 0; i < CALLS; i++) {
        sets[i].count = gets[i].count = 0;
    }
    for (unsigned i = 0; i < bench_rounds() * THREADS; i++) {
        thread_join(thread_start(call_twice, NULL));
    }
    for (int i = 0; i < CALLS; i++) {
        unsigned nth = (unsigned)i + 1;
        samples_report(&sets[i], "set_of_a_thread", nth, "sharedmem", "ns");
        samples_report(&gets[i], "get_of_a_thread", nth, "sharedmem", "ns");
    }
    library_free(&library);
}

static void report_file(const char *name, const WCHAR *path)
{
    static struct samples size;
    WIN32_FILE_ATTRIBUTE_DATA attributes;
    CHECK(GetFileAttributesExW(path, GetFileExInfoStandard, &attributes));
    samples_add(&size, attributes.nFileSizeLow);
    samples_report(&size, "file", 0, name, "bytes");
}

int main(int argc, char **argv)
{
    WCHAR own[MAX_PATH], empty[MAX_PATH];
    process_sibling(L"sharedmem.dll", own);
    process_sibling(L"empty.dll", empty);
    const struct subject subjects[] = {{"sharedmem", load, own}, {"empty_dll", load, empty}};

    bench_begin(argc, argv);
    bench_compare("load", 0, subjects, ARRAYSIZE(subjects));
    report_file("sharedmem", own);
    report_file("empty_dll", empty);
    measure_first_calls();
    return check_passed();
}
