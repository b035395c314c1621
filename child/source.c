#include "source.h"

#include "console.h"

/* For writing if that is allowed: the first process to open a file has to recover it. */
static HSHAREDMEM open_region(const struct library *library, const WCHAR *name, const WCHAR *file)
{
    static SHARED_MEM_OPTIONS open = {.cbSize = sizeof open}; /* or cppcheck sees it returned */
    open.file = file;
    HSHAREDMEM region = library->open(name, &open);
    DWORD error = region == NULL ? GetLastError() : ERROR_SUCCESS;
    if (error == ERROR_ACCESS_DENIED || error == ERROR_WRITE_PROTECT ||
        error == ERROR_NOT_SUPPORTED) { /* the last two: the disk is for reading only */
        open.flags = SHARED_MEM_READ_ONLY;
        region = library->open(name, &open);
    }
    return region;
}

BOOL source_open(struct source *source, const struct library *library, const WCHAR *name,
                 const WCHAR *file)
{
    *source = (struct source){.region = SHARED_MEM_TEXT,
                              .name = file != NULL ? file : name,
                              .info.cbSize = sizeof source->info};
    if (source->name != NULL) {
        source->region = open_region(library, name, file);
    }
    if (source->region == NULL) {
        if (file != NULL) {
            console_complain_file(L"cannot open the file ", file);
        } else {
            console_complain_error(L"cannot open the region ", name);
        }
        return FALSE;
    }
    if (!library->query(source->region, &source->info)) {
        console_complain_error(L"cannot query the region ",
                               source->name != NULL ? source->name : L"of the text");
        return FALSE;
    }
    return TRUE;
}
