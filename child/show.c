#include "show.h"

#include "console.h"

#include <wchar.h>

enum { BYTES_PER_LINE = 16 };

BOOL show_text(const WCHAR *text)
{
    return console_print(STD_OUTPUT_HANDLE, L"Child process read from shared memory: ", text,
                         L"\r\n", NULL);
}

static BOOL show_line(const unsigned char *bytes, SIZE_T offset, SIZE_T count)
{
    WCHAR line[128];
    int end = swprintf(line, ARRAYSIZE(line), L"%08lx ", (unsigned long)offset);
    for (SIZE_T i = 0; i < BYTES_PER_LINE; i++) {
        const WCHAR *gap = i == BYTES_PER_LINE / 2 ? L" " : L"";
        end += i < count ? swprintf(line + end, 8, L"%ls %02x", gap, bytes[offset + i])
                         : swprintf(line + end, 8, L"%ls   ", gap);
    }
    end += swprintf(line + end, 8, L"  |");
    for (SIZE_T i = 0; i < count; i++) {
        unsigned char byte = bytes[offset + i];
        line[end++] = byte >= 0x20 && byte < 0x7F ? (WCHAR)byte : L'.';
    }
    swprintf(line + end, 8, L"|\r\n");
    return console_print(STD_OUTPUT_HANDLE, line, NULL);
}

BOOL show_bytes(const WCHAR *region, const unsigned char *bytes, SIZE_T size, ULONGLONG version)
{
    WCHAR about[64];
    swprintf(about, ARRAYSIZE(about), L", version %llu, %llu bytes\r\n", version, (ULONGLONG)size);
    BOOL shown = console_print(STD_OUTPUT_HANDLE, region, about, NULL);
    for (SIZE_T offset = 0; shown && offset < size; offset += BYTES_PER_LINE) {
        SIZE_T left = size - offset;
        shown = show_line(bytes, offset, left < BYTES_PER_LINE ? left : BYTES_PER_LINE);
    }
    return shown;
}

/* What only a file has: what is on the disk. */
static BOOL show_durable(const SHARED_MEM_INFO *info)
{
    WCHAR version[32] = L"no version";
    if (info->durable != 0) {
        swprintf(version, ARRAYSIZE(version), L"version %llu", info->durable);
    }
    return console_print(STD_OUTPUT_HANDLE, L"Durable:  ", version, L"\r\n", NULL);
}

BOOL show_info(const WCHAR *name, BOOL is_file, const SHARED_MEM_INFO *info)
{
    WCHAR value[96], writer[32] = L"no thread", waiters[32], address[32];
    swprintf(value, ARRAYSIZE(value), L"%llu of %llu bytes, version %llu", info->size,
             info->capacity, info->version);
    if (info->writer != 0) {
        swprintf(writer, ARRAYSIZE(writer), L"thread %lu", info->writer);
    }
    swprintf(waiters, ARRAYSIZE(waiters), L"%lu thread%ls", info->waiters,
             info->waiters == 1 ? L"" : L"s");
    swprintf(address, ARRAYSIZE(address), L"%p", info->address);
    return console_print(STD_OUTPUT_HANDLE, is_file ? L"File:     " : L"Region:   ", name,
                         L"\r\nValue:    ", value, L"\r\nAccess:   ",
                         info->flags & SHARED_MEM_READ_ONLY ? L"reading only"
                                                            : L"reading and writing",
                         info->flags & SHARED_MEM_UNSYNCHRONISED
                             ? L", unsynchronised: the section is another program's"
                         : info->flags & SHARED_MEM_RECOVERED ? L", recovered by this process"
                                                              : L"",
                         L"\r\n", NULL) &&
           (!is_file || show_durable(info)) &&
           console_print(STD_OUTPUT_HANDLE, L"Writing:  ", writer, L"\r\nWaiting:  ", waiters,
                         L"\r\nAddress:  ", address, L"\r\n", NULL);
}

BOOL show_working_set(const WCHAR *label, const struct working_set *set)
{
    WCHAR sizes[128];
    swprintf(sizes, ARRAYSIZE(sizes), L"%llu KiB, working set %llu KiB shared, %llu KiB private",
             (ULONGLONG)set->size / 1024, (ULONGLONG)set->shared / 1024,
             (ULONGLONG)set->own / 1024);
    return console_print(STD_OUTPUT_HANDLE, label, sizes, L"\r\n", NULL);
}
