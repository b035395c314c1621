/*
 * The notify section of a region, L"<region>.notify": one page with the table of the threads that
 * wait for a change. Processes that may read the region may write there, and so ask to be woken.
 * What else they can do with that right ends at wake-ups: spurious ones, 64 events for each write,
 * and missed ones, for which waiters look 4 times a second by themselves.
 */
#ifndef SHAREDMEM_NOTIFY_SECTION_H
#define SHAREDMEM_NOTIFY_SECTION_H

#include "eventcount.h"
#include "section.h"

/*
 * Gives the event count of a region's waiters its table. Writers of the region create the section
 * if there is none. FALSE if it cannot be had, now. Leaves the last error alone.
 */
bool notify_section_attach(struct eventcount *waiters, const struct section *region);

void notify_section_detach(struct eventcount *waiters);

#endif
