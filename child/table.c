#include "table.h"

#include <stdlib.h>
#include <wchar.h>

enum column {
    COLUMN_NAME,
    COLUMN_RATE,
    COLUMN_BAR,
    COLUMN_VERSION,
    COLUMN_SIZE,
    COLUMN_CAPACITY,
    COLUMN_DEPTH,
    COLUMN_WAITERS,
    COLUMN_WRITER,
    COLUMNS
};

enum { CELL_CCH = REGION_NAME_CCH, BAR_CCH = 8, LINE_CCH = 2 * REGION_NAME_CCH + 256 };

static const WCHAR *const titles[COLUMNS] = {
    L"Name", L"Writes/s", L"", L"Version", L"Size", L"Capacity", L"Depth", L"Waiters", L"Writer"};

struct row {
    WCHAR cells[COLUMNS][CELL_CCH];
};

/* A program may have put anything into a name, also what commands a terminal. */
static void set_name(WCHAR *cell, const WCHAR *name)
{
    swprintf(cell, CELL_CCH, L"%ls%ls", name,
             wcscmp(name, SHARED_MEM_TEXT_NAME) == 0 ? L" (the text)" : L"");
    for (; *cell != 0; cell++) {
        *cell = *cell < 0x20 || (*cell >= 0x7F && *cell < 0xA0) ? L'?' : *cell;
    }
}

static void set_rate(WCHAR *cell, double rate)
{
    if (rate < 0) {
        wcscpy(cell, L"-");
    } else {
        swprintf(cell, CELL_CCH, rate == 0 || rate >= 100 ? L"%.0f" : L"%.1f", rate);
    }
}

static void set_bar(WCHAR *cell, double rate, double highest)
{
    int length = rate > 0 ? (int)(rate / highest * BAR_CCH + 0.5) : 0;
    swprintf(cell, CELL_CCH, L"%.*ls", length > 0 || rate <= 0 ? length : 1, L"########");
}

static void fill_row(struct row *row, const struct region_sample *sample, double highest)
{
    const SHARED_MEM_INFO *info = &sample->info;
    set_name(row->cells[COLUMN_NAME], sample->name);
    if (sample->note[0] != 0) {
        return;
    }
    set_rate(row->cells[COLUMN_RATE], sample->write_rate);
    set_bar(row->cells[COLUMN_BAR], sample->write_rate, highest);
    swprintf(row->cells[COLUMN_VERSION], CELL_CCH, L"%llu", info->version);
    swprintf(row->cells[COLUMN_SIZE], CELL_CCH, L"%llu", info->size);
    swprintf(row->cells[COLUMN_CAPACITY], CELL_CCH, L"%llu", info->capacity);
    swprintf(row->cells[COLUMN_DEPTH], CELL_CCH, L"%lu", info->depth);
    swprintf(row->cells[COLUMN_WAITERS], CELL_CCH, L"%lu", info->waiters);
    swprintf(row->cells[COLUMN_WRITER], CELL_CCH, info->writer != 0 ? L"%lu" : L"-", info->writer);
}

/* Names and bars begin at the left, numbers end at the right. */
static BOOL print_row(struct screen *screen, const struct row *row, const WCHAR *note,
                      const int widths[COLUMNS])
{
    WCHAR line[LINE_CCH];
    int end = swprintf(line, LINE_CCH, L"%-*ls", widths[COLUMN_NAME], row->cells[COLUMN_NAME]);
    if (note[0] != 0) {
        swprintf(line + end, LINE_CCH - (size_t)end, L"  %ls", note);
        return screen_line(screen, line);
    }
    for (int column = COLUMN_NAME + 1; column < COLUMNS; column++) {
        if (widths[column] > 0) {
            end += swprintf(line + end, LINE_CCH - (size_t)end,
                            column == COLUMN_BAR ? L" %-*ls" : L" %*ls", widths[column],
                            row->cells[column]);
        }
    }
    return screen_line(screen, line);
}

static int width_of(const struct row *rows, size_t count, int column)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        size_t cch = wcslen(rows[i].cells[column]);
        width = cch > width ? cch : width;
    }
    return (int)width;
}

static double highest_rate(const struct region_list *list)
{
    double highest = 0;
    for (size_t i = 0; i < list->count; i++) {
        double rate = list->regions[i].write_rate;
        highest = rate > highest ? rate : highest;
    }
    return highest;
}

BOOL table_print(struct screen *screen, const struct region_list *list, BOOL bars)
{
    int widths[COLUMNS] = {0};
    double highest = highest_rate(list);
    struct row *rows = calloc(list->count + 1, sizeof *rows);
    if (rows == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    for (int column = 0; column < COLUMNS; column++) {
        wcscpy(rows[0].cells[column], titles[column]);
    }
    for (size_t i = 0; i < list->count; i++) {
        fill_row(&rows[i + 1], &list->regions[i], highest);
    }
    for (int column = 0; column < COLUMNS; column++) {
        widths[column] = width_of(rows, list->count + 1, column);
    }
    widths[COLUMN_BAR] = bars ? BAR_CCH : 0;
    BOOL printed = print_row(screen, &rows[0], L"", widths);
    for (size_t i = 0; printed && i < list->count; i++) {
        printed = print_row(screen, &rows[i + 1], list->regions[i].note, widths);
    }
    free(rows);
    return printed;
}
