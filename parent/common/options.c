#include "options.h"

#include "console.h"

#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

enum { HELP_COLUMN = 17 };

static BOOL print_option(const WCHAR *name, const WCHAR *value, const WCHAR *help)
{
    static const WCHAR blanks[HELP_COLUMN + 1] = L"                 ";
    size_t used = 2 + wcslen(name) + (value != NULL ? 1 + wcslen(value) : 0);
    BOOL printed = console_print(STD_OUTPUT_HANDLE, L"  ", name, value != NULL ? L" " : L"",
                                 value != NULL ? value : L"",
                                 blanks + (used < HELP_COLUMN ? used : HELP_COLUMN - 1), NULL);
    while (printed && *help != 0) {
        WCHAR text[128];
        size_t length = wcscspn(help, L"\n");
        swprintf(text, ARRAYSIZE(text), L"%.*ls\r\n", (int)length, help);
        help += length;
        if (*help != 0) {
            help++;
        }
        printed = console_print(STD_OUTPUT_HANDLE, text, *help != 0 ? blanks : L"", NULL);
    }
    return printed;
}

static BOOL print_help(const struct command_line *line)
{
    BOOL printed = console_print(STD_OUTPUT_HANDLE, L"Usage: ", line->synopsis, L"\r\n\r\n",
                                 line->description, L"\r\n\r\n", NULL);
    for (size_t i = 0; printed && i < line->count; i++) {
        const struct option *option = &line->options[i];
        printed = print_option(option->name, option->value, option->help);
    }
    return printed && print_option(L"--help", NULL, L"show this help") &&
           console_print(STD_OUTPUT_HANDLE, line->notes, NULL);
}

/* Sets a number from 1 on; FALSE if the argument is none, or too large. */
static BOOL set_count(ULONGLONG *target, const WCHAR *argument)
{
    WCHAR *end;
    errno = 0;
    *target = wcstoull(argument, &end, 10);
    return *argument >= L'0' && *argument <= L'9' && *end == 0 && *target != 0 && errno == 0;
}

/* Sets a number above 0; FALSE if the argument is none, or too large or small. */
static BOOL set_factor(double *target, const WCHAR *argument)
{
    WCHAR *end;
    errno = 0;
    *target = wcstod(argument, &end);
    return *argument >= L'0' && *argument <= L'9' && *end == 0 && *target > 0 && errno == 0;
}

/* Sets the option's target from the argument behind its name, which may be NULL. */
static BOOL set_option(const struct option *option, const WCHAR *argument)
{
    switch (option->kind) {
    case OPTION_FLAG:
        *(BOOL *)option->target = TRUE;
        return TRUE;
    case OPTION_STRING:
        *(const WCHAR **)option->target = argument;
        return argument != NULL;
    case OPTION_COUNT:
        return argument != NULL && set_count(option->target, argument);
    case OPTION_FACTOR:
        return argument != NULL && set_factor(option->target, argument);
    }
    return FALSE;
}

static const struct option *find(const struct command_line *line, const WCHAR *name)
{
    for (size_t i = 0; i < line->count; i++) {
        if (wcscmp(line->options[i].name, name) == 0) {
            return &line->options[i];
        }
    }
    return NULL;
}

BOOL options_parse(const struct command_line *line, WCHAR **arguments, WCHAR ***rest,
                   int *exit_code)
{
    unsigned given = 0; /* bit i: option i */

    *exit_code = EXIT_USAGE;
    for (; *arguments != NULL && wcsncmp(*arguments, L"-", 1) == 0; arguments++) {
        if (wcscmp(*arguments, L"--help") == 0) {
            *exit_code = print_help(line) ? EXIT_SUCCESS : EXIT_FAILED;
            return FALSE;
        }
        const struct option *option = find(line, *arguments);
        if (option == NULL) {
            console_complain_usage(L"unknown option ", *arguments);
            return FALSE;
        }
        unsigned bit = 1u << (option - line->options);
        if ((given & bit) != 0) {
            console_complain_usage(option->name, L" is given twice");
            return FALSE;
        }
        given |= bit;
        if (!set_option(option, arguments[1])) {
            WCHAR problem[64];
            swprintf(problem, ARRAYSIZE(problem), L"%ls must follow ", option->article);
            console_complain_usage(problem, option->name);
            return FALSE;
        }
        arguments += option->kind != OPTION_FLAG;
    }
    *rest = arguments;
    if (*arguments != NULL && !line->takes_arguments) {
        console_complain_usage(L"unexpected argument ", *arguments);
        return FALSE;
    }
    return TRUE;
}
