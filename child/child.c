/*
 * Prints what is in shared memory, once or whenever it changes. Loads the DLL at run time, as a
 * program does that can also live without it.
 */
#include "console.h"
#include "library.h"
#include "show.h"

#include <stdlib.h>
#include <wchar.h>

int wmain(int argc, WCHAR **argv);

static const WCHAR usage[] =
    L"Usage: child [--watch [--count N] | --info] [--region NAME] [--help]\r\n"
    L"\r\n"
    L"Prints the text in shared memory.\r\n"
    L"\r\n"
    L"  --watch        print it now, and again each time it changes, until Ctrl+C\r\n"
    L"  --count N      end after printing N times\r\n"
    L"  --info         print what there is to know of it instead\r\n"
    L"  --region NAME  instead of the text, print the bytes of a named region\r\n"
    L"  --help         show this help\r\n";

struct options {
    BOOL watch, info, help;
    ULONGLONG count; /* 0: no end */
    const WCHAR *region;
};

/* A number that is not 0; 0 if the argument is none. */
static ULONGLONG parse_count(const WCHAR *argument)
{
    WCHAR *end;
    ULONGLONG count = wcstoull(argument, &end, 10);
    return *argument >= L'0' && *argument <= L'9' && *end == 0 ? count : 0;
}

/* FALSE, and a message on the standard error stream, if the arguments make no sense. */
static BOOL parse_options(WCHAR **arguments, struct options *options)
{
    const WCHAR *problem = NULL;
    const WCHAR *culprit = L"";

    *options = (struct options){0};
    for (; *arguments != NULL && problem == NULL; arguments++) {
        if (wcscmp(*arguments, L"--help") == 0) {
            options->help = TRUE;
        } else if (wcscmp(*arguments, L"--watch") == 0) {
            options->watch = TRUE;
        } else if (wcscmp(*arguments, L"--info") == 0) {
            options->info = TRUE;
        } else if (wcscmp(*arguments, L"--region") == 0 && arguments[1] != NULL) {
            options->region = *++arguments;
        } else if (wcscmp(*arguments, L"--count") == 0 && arguments[1] != NULL &&
                   parse_count(arguments[1]) != 0) {
            options->count = parse_count(*++arguments);
        } else {
            problem = wcscmp(*arguments, L"--region") == 0  ? L"a name must follow "
                      : wcscmp(*arguments, L"--count") == 0 ? L"a number from 1 on must follow "
                                                            : L"unknown argument ";
            culprit = *arguments;
        }
    }
    if (problem == NULL && options->watch && options->info) {
        problem = L"--watch and --info do not go together";
    } else if (problem == NULL && options->count != 0 && !options->watch) {
        problem = L"--count goes with --watch";
    }
    if (problem != NULL) {
        console_complain_usage(problem, culprit);
    }
    return problem == NULL;
}

static int print_text(const struct library *library)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    library->get_text(text, SHARED_MEM_TEXT_CCH);
    if (GetLastError() != ERROR_SUCCESS) {
        return console_complain_error(L"cannot read from shared memory", L"");
    }
    return show_text(text) ? EXIT_SUCCESS : EXIT_FAILED;
}

/* A region that is open. */
struct source {
    HSHAREDMEM region;
    const WCHAR *name; /* NULL: the text */
    SHARED_MEM_INFO info;
};

/* FALSE, and a message on the standard error stream, if it cannot be had. */
static BOOL open_source(const struct library *library, const WCHAR *name, struct source *source)
{
    *source = (struct source){
        .region = SHARED_MEM_TEXT, .name = name, .info.cbSize = sizeof source->info};
    if (name != NULL) {
        source->region = library->open(name, 0, 0, NULL);
        if (source->region == NULL && GetLastError() == ERROR_ACCESS_DENIED) {
            source->region = library->open(name, 0, SHARED_MEM_READ_ONLY, NULL);
        }
        if (source->region == NULL) {
            console_complain_error(L"cannot open the region ", name);
            return FALSE;
        }
    }
    if (!library->query(source->region, &source->info)) {
        console_complain_error(L"cannot query the region ", name != NULL ? name : L"of the text");
        return FALSE;
    }
    return TRUE;
}

/* Prints the value, and then, unless `times` is 1, each that replaces it. */
static int print_values(const struct library *library, const struct source *source, ULONGLONG times)
{
    SIZE_T room = (SIZE_T)source->info.capacity;
    void *value = malloc(room);
    if (value == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return console_complain_error(L"cannot make room for the value", L"");
    }
    for (ULONGLONG printed = 1;; printed++) {
        ULONGLONG version;
        SIZE_T size = room;
        if (!library->read(source->region, value, &size, &version)) {
            return console_complain_error(L"cannot read from shared memory", L"");
        }
        BOOL shown = source->name != NULL ? show_bytes(source->name, value, size, version)
                                          : show_text(value);
        if (!shown) {
            return EXIT_FAILED;
        }
        if (printed == times) {
            return EXIT_SUCCESS;
        }
        if (!library->wait(source->region, version, INFINITE)) {
            return console_complain_error(L"cannot wait for a change", L"");
        }
    }
}

static int print_info(const struct source *source)
{
    const WCHAR *name = source->name != NULL ? source->name : L"the text";
    return show_info(name, &source->info) ? EXIT_SUCCESS : EXIT_FAILED;
}

int wmain(int argc, WCHAR **argv)
{
    struct options options;
    struct library library;
    struct source source;

    if (!parse_options(argc > 0 ? argv + 1 : argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.help) {
        return console_print(STD_OUTPUT_HANDLE, usage, NULL) ? EXIT_SUCCESS : EXIT_FAILED;
    }
    BOOL plain = !options.watch && !options.info && options.region == NULL;
    if (!library_load(&library, !plain)) {
        return EXIT_FAILED;
    }
    if (plain) {
        return print_text(&library);
    }
    if (!open_source(&library, options.region, &source)) {
        return EXIT_FAILED;
    }
    return options.info ? print_info(&source)
                        : print_values(&library, &source, options.watch ? options.count : 1);
}
