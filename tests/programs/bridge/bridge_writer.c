/*
 * Writes a region's file without a pause, by two processes, of which one is killed ten times a
 * second; and now and then all of them are gone, and the file is recovered. Until the standard
 * input ends, which is what the reader prints.
 *
 *     bridge_writer FILE [FOLDER]    with one of the processes from that folder
 */
#include "check.h"
#include "checked_text.h"
#include "process.h"
#include "roles.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

enum {
    WRITERS = 2,
    LIFE_MS = 100, /* of a writer */
    LIVES = 5,     /* of writers, from one recovery to the next */
    LIFE_BITS = 24 /* of a writer's count, below the number of its predecessors */
};

static HSHAREDMEM open_file(const char *path, ULONGLONG capacity)
{
    WCHAR wide[MAX_PATH];
    SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .capacity = capacity, .file = wide};
    swprintf(wide, MAX_PATH, L"%hs", path);
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL);
    return region;
}

/* Arguments: the file, the writer's number, how many had it before. */
static int write_values(char **arguments)
{
    static uint16_t text[CHECKED_TEXT_CCH];
    HSHAREDMEM region = open_file(arguments[0], 0);
    unsigned number = (unsigned)atoi(arguments[1]);
    uint64_t count = (uint64_t)atoi(arguments[2]) << LIFE_BITS;
    for (;; count++) {
        size_t cch = checked_text_make(text, number, count);
        CHECK(WriteSharedMem(region, text, (cch + 1) * sizeof *text, NULL));
    }
}

static volatile LONG input_has_ended;

static void pass_input_on(void *unused)
{
    char text[256];
    DWORD size;
    (void)unused;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), text, sizeof text, &size, NULL) && size > 0) {
        printf("reader: %.*s", (int)size, text);
    }
    InterlockedExchange(&input_has_ended, 1);
}

static HANDLE start(const char *path, const char *folder, unsigned number, unsigned life)
{
    WCHAR arguments[MAX_PATH + 32];
    swprintf(arguments, ARRAYSIZE(arguments), L"write \"%hs\" %u %u", path, number, life);
    return roles_start(folder, number, arguments);
}

/* From one recovery to the next: the writers take turns in being killed. */
static void run_generation(const char *path, const char *folder, unsigned *life)
{
    HANDLE writers[WRITERS];
    HSHAREDMEM region = open_file(path, CHECKED_TEXT_CCH * sizeof(WCHAR));
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = start(path, folder, i, ++*life);
    }
    for (unsigned i = 0; i < LIVES; i++) {
        HANDLE *killed = &writers[i % WRITERS];
        Sleep(LIFE_MS);
        process_kill(*killed);
        *killed = start(path, folder, i % WRITERS, ++*life);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        process_kill(writers[i]);
    }
    CHECK(CloseSharedMem(region));
}

static const struct role roles[] = {{"write", write_values}};

int main(int argc, char **argv)
{
    check_deadline(120);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    CHECK(argc == 2 || argc == 3);
    thread input = thread_start(pass_input_on, NULL);
    unsigned life = 0;
    do {
        run_generation(argv[1], argc > 2 ? argv[2] : NULL, &life);
    } while (!input_has_ended);
    thread_join(input);
    return check_passed();
}
