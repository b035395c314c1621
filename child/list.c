#include "list.h"

#include "console.h"
#include "regions.h"
#include "stop.h"
#include "table.h"

#include <stdlib.h>
#include <wchar.h>

enum {
    LIST_MS = 500, /* between two looks, whose versions make a rate */
    LIVE_MS = 1000
};

static int complain(void)
{
    return console_complain_error(L"cannot list the regions", L"");
}

/* Replaces the list by a newer one. */
static BOOL look_again(struct region_list *list, const struct library *library)
{
    struct region_list now;
    BOOL done = region_list_read(&now, library, list);
    DWORD error = GetLastError();
    region_list_free(list);
    SetLastError(error);
    *list = now;
    return done;
}

static int compare_busy(const void *a, const void *b)
{
    const struct region_sample *left = a, *right = b;
    return left->write_rate != right->write_rate ? left->write_rate < right->write_rate ? 1 : -1
                                                 : wcscmp(left->name, right->name);
}

int list_regions(const struct library *library)
{
    struct region_list list;
    struct screen screen;
    screen_open(&screen, FALSE);
    BOOL done = region_list_read(&list, library, NULL);
    if (done) {
        Sleep(LIST_MS);
        done = look_again(&list, library) && table_print(&screen, &list, FALSE);
    }
    int exit_code = done ? EXIT_SUCCESS : complain();
    region_list_free(&list);
    return exit_code;
}

static BOOL print_page(struct screen *screen, const struct region_list *list)
{
    qsort(list->regions, list->count, sizeof *list->regions, compare_busy);
    return screen_begin(screen) && table_print(screen, list, TRUE) && screen_end(screen);
}

int list_live(const struct library *library, ULONGLONG count)
{
    struct region_list list;
    struct screen screen;
    HANDLE stop = stop_event(FALSE);
    screen_open(&screen, TRUE);
    BOOL done = stop != NULL && region_list_read(&list, library, NULL);
    for (ULONGLONG printed = 0; done && (count == 0 || printed < count); printed++) {
        if (WaitForSingleObject(stop, LIVE_MS) == WAIT_OBJECT_0) {
            break;
        }
        done = look_again(&list, library) && print_page(&screen, &list);
    }
    return done ? EXIT_SUCCESS : complain();
}
