/* The sections of a region, mapped without the DLL. */
#ifndef SHAREDMEM_TESTS_RAW_SECTION_H
#define SHAREDMEM_TESTS_RAW_SECTION_H

#include <stdint.h>
#include <windows.h>

struct layout_control;
struct layout_record;
struct layout_waiters;

struct raw_section {
    HANDLE mapping;
    WCHAR *text; /* offset 0 */
    size_t size; /* bytes */
};

/* Opens a region's section, which must be there, with FILE_MAP_READ or FILE_MAP_WRITE. */
struct raw_section raw_section_open(const WCHAR *name, DWORD access);

/*
 * Creates the text's, as a program does that comes before any with the DLL; it must not be there.
 * `access_control` is a security descriptor string, NULL for the default one.
 */
struct raw_section raw_section_create(DWORD size, const WCHAR *access_control);

void raw_section_close(struct raw_section *section);

/* The control page of a section that the DLL made. */
struct layout_control *raw_section_control(const struct raw_section *section);

/* The records of a named region's slots. */
struct layout_record *raw_section_records(const struct raw_section *section);

/* The table of a region's waiters, in its notify section, which must be there. */
struct raw_section raw_section_open_notify(const WCHAR *region);
struct layout_waiters *raw_section_waiters(const struct raw_section *notify);

/* Gives the first entries of a table to an owner, and frees the others. */
void raw_section_occupy(struct layout_waiters *table, unsigned count, uint64_t owner);

#endif
