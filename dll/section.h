/* A section, named and backed by the paging file, or a file's; and a view of the whole of it. */
#ifndef SHAREDMEM_SECTION_H
#define SHAREDMEM_SECTION_H

#include "pointer_once.h"

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

struct section {
    HANDLE mapping;
    HANDLE file; /* that backs it; NULL: the paging file does */
    void *view;
    void *read_view; /* of the same memory, for reading only; NULL until it is needed */
    size_t size;     /* bytes of the view, as the system states them: a multiple of its page size */
    bool read_only;
    bool created; /* by this process */
};

/*
 * Opens the section as it is, for reading and writing, or creates it with `size` bytes. Its view
 * begins at `address`, if that is not NULL. Returns a Win32 error, ERROR_SUCCESS when *section is
 * open: ERROR_INVALID_HANDLE if the name belongs to another kind of object, ERROR_INVALID_DATA if
 * the section is not memory of the paging file, or cannot be mapped for this access by any process,
 * ERROR_INVALID_ADDRESS or ERROR_MAPPED_ALIGNMENT if its view cannot be at the address.
 */
DWORD section_create(struct section *section, const WCHAR *name, size_t size,
                     SECURITY_ATTRIBUTES *security, void *address);

/* The same for a section that must not exist: ERROR_ALREADY_EXISTS. */
DWORD section_create_new(struct section *section, const WCHAR *name, size_t size,
                         SECURITY_ATTRIBUTES *security, void *address);

/* The same for a section that must exist: ERROR_FILE_NOT_FOUND. */
DWORD section_open(struct section *section, const WCHAR *name, bool read_only, void *address);

/*
 * Whether a view of so many bytes has room at the address, or, if that is NULL, anywhere, for what
 * must not be made unless it can be mapped: ERROR_SUCCESS, or the error that mapping would have.
 * The room may be taken afterwards.
 */
DWORD section_find_room(size_t size, void *address);

/*
 * Maps a file, which it takes over when it succeeds. ERROR_FILE_CORRUPT: it has not `size` bytes,
 * which are a whole number of pages.
 */
DWORD section_map_file(struct section *section, HANDLE file, size_t size, bool read_only,
                       void *address);

/* Maps it for reading only. NULL, and the reason is the last error, if that cannot be done. */
const void *section_map_read_view(struct section *section);

/* The view that nothing can be written through, not even by mistake; NULL as above. */
static inline const void *section_read_view(struct section *section)
{
    const void *view = pointer_load(&section->read_view);
    return view != NULL ? view : section_map_read_view(section);
}

/* What has the access control that objects beside the section get theirs from. */
static inline HANDLE section_secured(const struct section *section)
{
    return section->file != NULL ? section->file : section->mapping;
}

void section_close(struct section *section);

#endif
