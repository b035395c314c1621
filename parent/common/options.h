/* The command line of a program: a table of its options, from which its help is made, too. */
#ifndef SHAREDMEM_OPTIONS_H
#define SHAREDMEM_OPTIONS_H

#include <windows.h>

enum option_kind {
    OPTION_FLAG,   /* sets a BOOL */
    OPTION_STRING, /* sets a const WCHAR * */
    OPTION_COUNT,  /* sets a ULONGLONG, which is 1 at least */
    OPTION_FACTOR, /* sets a double, which is more than 0 */
};

struct option {
    const WCHAR *name; /* with its dashes */
    enum option_kind kind;
    void *target;
    const WCHAR *value;   /* the value's name in the help; NULL for a flag */
    const WCHAR *article; /* that name in a complaint: "a name"; NULL for a flag */
    const WCHAR *help;    /* lines, each but the last with \n */
};

struct command_line {
    const WCHAR *synopsis; /* what follows the program's name in the help's first line */
    const WCHAR *description;
    const struct option *options;
    size_t count;
    const WCHAR *notes;   /* at the end of the help; "" if there are none */
    BOOL takes_arguments; /* behind the options */
};

/*
 * Sets what the options say, and *rest to the first argument behind them. FALSE if there is nothing
 * more to do: --help was given, or a misuse, which is reported on the standard error stream.
 * *exit_code is then what the program returns.
 */
BOOL options_parse(const struct command_line *line, WCHAR **arguments, WCHAR ***rest,
                   int *exit_code);

#endif
