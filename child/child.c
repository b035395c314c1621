/*
 * Prints what is in shared memory, once or whenever it changes, and which regions there are. Loads
 * the DLL at run time, as a program does that can also live without it.
 */
#include "console.h"
#include "library.h"
#include "list.h"
#include "options.h"
#include "record.h"
#include "show.h"
#include "source.h"
#include "working_set.h"

#include <stdlib.h>
#include <wchar.h>

int wmain(int argc, WCHAR **argv);

static struct {
    BOOL watch, info, list, top; /* at most one */
    const WCHAR *record;         /* or a path, instead of these */
    ULONGLONG count;             /* 0: no end */
    const WCHAR *region;         /* at most one of the two; neither: the text */
    const WCHAR *file;
} options;

static const struct option table[] = {
    {L"--watch", OPTION_FLAG, &options.watch, NULL, NULL,
     L"print it now, and again each time it changes, until Ctrl+C"},
    {L"--list", OPTION_FLAG, &options.list, NULL, NULL,
     L"list all regions, with the writes of half a second"},
    {L"--top", OPTION_FLAG, &options.top, NULL, NULL,
     L"the same once a second, the busiest first, until Ctrl+C"},
    {L"--record", OPTION_STRING, (void *)&options.record, L"FILE", L"a path",
     L"write every version to a new file, for parent --replay, until Ctrl+C\n"
     L"or the end of the standard input"},
    {L"--count", OPTION_COUNT, &options.count, L"N", L"a number from 1 on",
     L"end after printing N times, or recording N versions"},
    {L"--info", OPTION_FLAG, &options.info, NULL, NULL,
     L"describe it instead, and the memory that it takes"},
    {L"--region", OPTION_STRING, (void *)&options.region, L"NAME", L"a name",
     L"instead of the text, print the bytes of a named region"},
    {L"--file", OPTION_STRING, (void *)&options.file, L"PATH", L"a path",
     L"instead of the text, print the bytes of the region of a file"},
};

static const struct command_line command_line = {
    .synopsis = L"child [--watch [--count N] | --info] [--region NAME | --file PATH]\r\n"
                L"             child --record FILE [--count N] [--region NAME | --file PATH]\r\n"
                L"             child --list | --top [--count N] | --help",
    .description = L"Prints the text in shared memory.",
    .options = table,
    .count = ARRAYSIZE(table),
    .notes = L"",
};

/* FALSE, and a message on the standard error stream, if the options contradict each other. */
static BOOL check_options(void)
{
    BOOL named = options.region != NULL || options.file != NULL;
    const WCHAR *problem =
        options.watch + options.info + options.list + options.top + (options.record != NULL) > 1
            ? L"--watch, --info, --list, --top and --record do not go together"
        : options.count != 0 && !options.watch && !options.top && options.record == NULL
            ? L"--count goes with --watch, --top or --record"
        : options.region != NULL && options.file != NULL ? L"--region and --file do not go together"
        : named && (options.list || options.top)
            ? L"--list and --top are for all regions, not for one of them"
            : NULL;
    if (problem != NULL) {
        console_complain_usage(problem, L"");
    }
    return problem == NULL;
}

static int print_text(const struct library *library)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    library->get(text, SHARED_MEM_TEXT_CCH);
    if (GetLastError() != ERROR_SUCCESS) {
        return console_complain_error(L"cannot read from shared memory", L"");
    }
    return show_text(text) ? EXIT_SUCCESS : EXIT_FAILED;
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

static int print_info(const struct library *library, const struct source *source)
{
    const WCHAR *name = source->name != NULL ? source->name : L"the text";
    struct working_set of_section, of_dll;

    if (!show_info(name, options.file != NULL, &source->info)) {
        return EXIT_FAILED;
    }
    if (!working_set_of_view(source->info.address, &of_section)) {
        return console_complain_error(L"cannot query the working set of the section of ", name);
    }
    if (!working_set_of_module(library->module, &of_dll)) {
        return console_complain_error(L"cannot query the working set of sharedmem.dll", L"");
    }
    return show_working_set(L"Section:  ", &of_section) && show_working_set(L"DLL:      ", &of_dll)
               ? EXIT_SUCCESS
               : EXIT_FAILED;
}

int wmain(int argc, WCHAR **argv)
{
    struct library library;
    struct source source;
    WCHAR **rest;
    int exit_code;

    if (!options_parse(&command_line, argc > 0 ? argv + 1 : argv, &rest, &exit_code)) {
        return exit_code;
    }
    if (!check_options()) {
        return EXIT_USAGE;
    }
    BOOL plain = !options.watch && !options.info && !options.list && !options.top &&
                 options.record == NULL && options.region == NULL && options.file == NULL;
    if (!library_load(&library, !plain)) {
        return EXIT_FAILED;
    }
    if (plain) {
        return print_text(&library);
    }
    if (options.list) {
        return list_regions(&library);
    }
    if (options.top) {
        return list_live(&library, options.count);
    }
    if (!source_open(&source, &library, options.region, options.file)) {
        return EXIT_FAILED;
    }
    if (options.record != NULL) {
        return record(&library, &source, options.record, options.count);
    }
    return options.info ? print_info(&library, &source)
                        : print_values(&library, &source, options.watch ? options.count : 1);
}
