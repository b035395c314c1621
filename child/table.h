/* Regions as a table, as wide as what is in it. */
#ifndef SHAREDMEM_CHILD_TABLE_H
#define SHAREDMEM_CHILD_TABLE_H

#include "regions.h"
#include "screen.h"

/* With bars, beside each rate is one in proportion to the highest. FALSE if it cannot print. */
BOOL table_print(struct screen *screen, const struct region_list *list, BOOL bars);

#endif
