#include "recording.h"

#include "console.h"

#include <string.h>

static const char magic[8] = {'S', 'H', 'M', 'R', 'E', 'C', '1', '\n'};

/* Whether an entry may come behind another one. */
static BOOL follows(const struct recording_entry *entry, const struct recording_entry *last)
{
    return entry->time >= last->time && entry->version > last->version &&
           entry->missed < entry->version - last->version;
}

static BOOL write_all(HANDLE file, const unsigned char *bytes, ULONGLONG size)
{
    while (size > 0) {
        DWORD written, part = size < 0x10000000 ? (DWORD)size : 0x10000000;
        if (!WriteFile(file, bytes, part, &written, NULL)) {
            return FALSE;
        }
        bytes += written;
        size -= written;
    }
    return TRUE;
}

BOOL recording_flush(struct recording *recording)
{
    size_t used = recording->used;
    recording->used = 0;
    return write_all(recording->file, recording->buffer, used);
}

static BOOL put(struct recording *recording, const void *bytes, ULONGLONG size)
{
    if (size > sizeof recording->buffer - recording->used && !recording_flush(recording)) {
        return FALSE;
    }
    if (size > sizeof recording->buffer) {
        return write_all(recording->file, bytes, size);
    }
    memcpy(recording->buffer + recording->used, bytes, (size_t)size);
    recording->used += (size_t)size;
    return TRUE;
}

BOOL recording_create(struct recording *recording, const WCHAR *path)
{
    recording->last = (struct recording_entry){0};
    recording->used = 0;
    recording->file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW,
                                  FILE_ATTRIBUTE_NORMAL, NULL);
    return recording->file != INVALID_HANDLE_VALUE && put(recording, magic, sizeof magic) &&
           recording_flush(recording);
}

BOOL recording_add(struct recording *recording, const struct recording_entry *entry,
                   const void *bytes)
{
    if (!follows(entry, &recording->last)) {
        SetLastError(ERROR_INVALID_DATA);
        return FALSE;
    }
    recording->last = *entry;
    return put(recording, entry, sizeof *entry) && put(recording, bytes, entry->size);
}

/* Counts bytes as read; FALSE if the file has not so many. */
static BOOL claim(struct recording *recording, ULONGLONG size)
{
    if (size > recording->left) {
        SetLastError(ERROR_HANDLE_EOF);
        return FALSE;
    }
    recording->left -= size;
    return TRUE;
}

/* The number of the next bytes that are in the buffer, `most` at most; 0 if reading has failed. */
static size_t fill(struct recording *recording, ULONGLONG most)
{
    DWORD filled;
    if (recording->used == recording->filled) {
        if (!ReadFile(recording->file, recording->buffer, sizeof recording->buffer, &filled,
                      NULL)) {
            return 0;
        }
        if (filled == 0) { /* it has been cut since */
            SetLastError(ERROR_HANDLE_EOF);
            return 0;
        }
        recording->used = 0;
        recording->filled = filled;
    }
    size_t ready = recording->filled - recording->used;
    return most < ready ? (size_t)most : ready;
}

static BOOL take(struct recording *recording, void *bytes, ULONGLONG size)
{
    unsigned char *to = bytes;
    BOOL done = claim(recording, size);
    while (done && size > 0) {
        size_t part = fill(recording, size);
        memcpy(to, recording->buffer + recording->used, part);
        recording->used += part;
        to += part;
        size -= part;
        done = part > 0;
    }
    return done;
}

static BOOL skip(struct recording *recording, ULONGLONG size)
{
    BOOL done = claim(recording, size);
    while (done && size > 0) {
        size_t part = fill(recording, size);
        recording->used += part;
        size -= part;
        done = part > 0;
    }
    return done;
}

static BOOL take_entry(struct recording *recording, struct recording_entry *entry)
{
    if (!take(recording, entry, sizeof *entry)) {
        return FALSE;
    }
    if (!follows(entry, &recording->last)) {
        SetLastError(ERROR_INVALID_DATA);
        return FALSE;
    }
    recording->last = *entry;
    return TRUE;
}

/* To the first value. */
static BOOL rewind_to_values(struct recording *recording)
{
    LARGE_INTEGER size, start = {.QuadPart = 0};
    char found[sizeof magic];
    recording->last = (struct recording_entry){0};
    recording->used = recording->filled = 0;
    if (!GetFileSizeEx(recording->file, &size) ||
        !SetFilePointerEx(recording->file, start, NULL, FILE_BEGIN)) {
        return FALSE;
    }
    recording->left = (ULONGLONG)size.QuadPart;
    if (recording->left < sizeof magic) {
        SetLastError(ERROR_BAD_FORMAT);
        return FALSE;
    }
    if (!take(recording, found, sizeof found)) {
        return FALSE;
    }
    if (memcmp(found, magic, sizeof magic) != 0) {
        SetLastError(ERROR_BAD_FORMAT);
        return FALSE;
    }
    return TRUE;
}

static BOOL check(struct recording *recording)
{
    recording->count = recording->largest = 0;
    if (!rewind_to_values(recording)) {
        return FALSE;
    }
    for (; recording->left > 0; recording->count++) {
        struct recording_entry entry;
        if (!take_entry(recording, &entry) || !skip(recording, entry.size)) {
            return FALSE;
        }
        recording->largest = entry.size > recording->largest ? entry.size : recording->largest;
    }
    return rewind_to_values(recording);
}

BOOL recording_open(struct recording *recording, const WCHAR *path)
{
    recording->file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                                  FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    return recording->file != INVALID_HANDLE_VALUE && check(recording);
}

BOOL recording_next(struct recording *recording, struct recording_entry *entry, void *bytes,
                    ULONGLONG room)
{
    if (!take_entry(recording, entry)) {
        return FALSE;
    }
    if (entry->size > room) {
        SetLastError(ERROR_INVALID_DATA);
        return FALSE;
    }
    return take(recording, bytes, entry->size);
}

void recording_close(struct recording *recording)
{
    CloseHandle(recording->file);
}

int recording_complain(const WCHAR *what, const WCHAR *path)
{
    static const struct console_meaning meanings[] = {
        {ERROR_BAD_FORMAT, L"it is not a recording"},
        {ERROR_HANDLE_EOF, L"it ends in the middle of a value"},
        {ERROR_INVALID_DATA, L"a value does not follow the one before"},
    };
    return console_complain_meaning(what, path, meanings, ARRAYSIZE(meanings));
}
