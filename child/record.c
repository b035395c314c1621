#include "record.h"

#include "console.h"
#include "recording.h"
#include "stop.h"

#include <stdlib.h>
#include <wchar.h>

struct recorder {
    const struct library *library;
    HSHAREDMEM region;
    HANDLE stop, change; /* events */
    LARGE_INTEGER start, frequency;
    void *value;
    SIZE_T room;
    ULONGLONG recorded, missed; /* missed: behind the first one that was recorded */
    const WCHAR *path;
    struct recording recording;
};

static ULONGLONG milliseconds(const struct recorder *recorder)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return (ULONGLONG)((double)(now.QuadPart - recorder->start.QuadPart) * 1000 /
                       (double)recorder->frequency.QuadPart);
}

static int complain_of_reading(void)
{
    return console_complain_error(L"cannot read from shared memory", L"");
}

static int complain_of_writing(const struct recorder *recorder)
{
    return recording_complain(L"cannot write the recording ", recorder->path);
}

static BOOL prepare(struct recorder *recorder, const struct source *source, const WCHAR *path)
{
    recorder->region = source->region;
    recorder->room = (SIZE_T)source->info.capacity;
    recorder->path = path;
    recorder->value = malloc(recorder->room);
    if (recorder->value == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        console_complain_error(L"cannot make room for the value", L"");
        return FALSE;
    }
    recorder->change = recorder->library->open_event(source->region);
    if (recorder->change == NULL) {
        console_complain_error(L"cannot wait for changes of ",
                               source->name != NULL ? source->name : L"the text");
        return FALSE;
    }
    recorder->stop = stop_event(TRUE);
    if (recorder->stop == NULL) {
        console_complain_error(L"cannot wait for Ctrl+C", L"");
        return FALSE;
    }
    if (!recording_create(&recorder->recording, path)) {
        complain_of_writing(recorder);
        return FALSE;
    }
    QueryPerformanceFrequency(&recorder->frequency);
    QueryPerformanceCounter(&recorder->start);
    return TRUE;
}

/* The last version to record: when a person wants to stop, the present one. */
static ULONGLONG last_version(const struct recorder *recorder)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    return recorder->library->query(recorder->region, &info) ? info.version : 0;
}

/* Sleeps until there is a newer version, or a wish to stop. */
static int wait_for_change(struct recorder *recorder, ULONGLONG version)
{
    const HANDLE events[] = {recorder->stop, recorder->change};
    if (!recording_flush(&recorder->recording)) {
        return complain_of_writing(recorder);
    }
    if (!recorder->library->arm_event(recorder->region, recorder->change, version)) {
        return console_complain_error(L"cannot wait for a change", L"");
    }
    WaitForMultipleObjects(ARRAYSIZE(events), events, FALSE, INFINITE);
    return EXIT_SUCCESS;
}

static int record_values(struct recorder *recorder, ULONGLONG count)
{
    struct recording_entry entry = {0};
    ULONGLONG last = MAXULONGLONG;
    while (count == 0 || recorder->recorded < count) {
        SIZE_T size = recorder->room;
        if (last == MAXULONGLONG && stop_requested()) {
            last = last_version(recorder);
        }
        if (entry.version >= last) {
            break;
        }
        if (recorder->library->read_next(recorder->region, recorder->value, &size, &entry.version,
                                         &entry.missed)) {
            entry.time = milliseconds(recorder);
            entry.size = size;
            if (!recording_add(&recorder->recording, &entry, recorder->value)) {
                return complain_of_writing(recorder);
            }
            recorder->missed += recorder->recorded++ > 0 ? entry.missed : 0;
            continue;
        }
        if (GetLastError() != ERROR_NO_MORE_ITEMS) {
            return complain_of_reading();
        }
        if (last != MAXULONGLONG) {
            break;
        }
        int exit_code = wait_for_change(recorder, entry.version);
        if (exit_code != EXIT_SUCCESS) {
            return exit_code;
        }
    }
    return recording_flush(&recorder->recording) ? EXIT_SUCCESS : complain_of_writing(recorder);
}

int record(const struct library *library, const struct source *source, const WCHAR *path,
           ULONGLONG count)
{
    static struct recorder recorder;
    WCHAR message[96];
    recorder.library = library;
    if (!prepare(&recorder, source, path)) {
        return EXIT_FAILED;
    }
    if (!console_print(STD_OUTPUT_HANDLE, L"Recording until Ctrl+C or the end of the input...\r\n",
                       NULL)) {
        return EXIT_FAILED;
    }
    int exit_code = record_values(&recorder, count);
    recording_close(&recorder.recording);
    swprintf(message, ARRAYSIZE(message), L"Recorded %llu version%ls, missed %llu.\r\n",
             recorder.recorded, recorder.recorded == 1 ? L"" : L"s", recorder.missed);
    return console_print(STD_OUTPUT_HANDLE, message, NULL) ? exit_code : EXIT_FAILED;
}
