#include "list.h"

#include "console.h"
#include "regions.h"
#include "table.h"

#include <stdlib.h>

enum { LIST_MS = 500 /* between two looks, whose versions make a rate */ };

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
