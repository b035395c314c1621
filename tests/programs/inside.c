/* child --list and --top, as a person runs them: every region, its figures, what is none. */
#include "check.h"
#include "query.h"
#include "raw_file.h"
#include "shown.h"
#include "stopwatch.h"
#include "waiter.h"

#include "file_image.h"
#include "sharedmem.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* What a line of the list says. */
struct line {
    double rate; /* less than 0: none */
    unsigned bar;
    ULONGLONG version, size, capacity, depth, waiters, writer;
};

static HSHAREDMEM create(const WCHAR *name, ULONGLONG capacity, DWORD depth)
{
    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options,
                                        .flags = SHARED_MEM_CREATE_NEW,
                                        .capacity = capacity,
                                        .depth = depth};
    HSHAREDMEM region = OpenSharedMemEx(name, &options);
    CHECK(region != NULL);
    return region;
}

/* What is behind a name on its line, from `text` on; NULL if there is no such line. */
static const char *find_line(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; line != NULL && *line != 0;) {
        if (strncmp(line, name, length) == 0 && line[length] == ' ') {
            return line + length;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return NULL;
}

static struct line parse(const char *text)
{
    struct line line = {.rate = -1};
    char rate[32], writer[32];
    int used = 0;
    CHECK(text != NULL && sscanf(text, "%31s %n", rate, &used) == 1);
    CHECK(strcmp(rate, "-") == 0 || sscanf(rate, "%lf", &line.rate) == 1);
    line.bar = (unsigned)strspn(text + used, "#");
    CHECK(sscanf(text + used + line.bar, "%llu %llu %llu %llu %llu %31s", &line.version, &line.size,
                 &line.capacity, &line.depth, &line.waiters, writer) == 6);
    CHECK(strcmp(writer, "-") == 0 || sscanf(writer, "%llu", &line.writer) == 1);
    return line;
}

static void run_list(void)
{
    run(child, L"--list");
    if (output.exit_code != 0 || strncmp(output.out, "Name ", 5) != 0) {
        printf("%s%s", output.out, output.error);
    }
    CHECK(output.exit_code == 0 && output.error[0] == 0);
    CHECK(strncmp(output.out, "Name ", 5) == 0);
}

static void a_list_has_exact_figures(void)
{
    static const char value[100];
    ULONGLONG version;
    LPVOID data;
    SIZE_T room;
    HSHAREDMEM region = create(L"inside figures \u00e9", 12345, 7);
    HSHAREDMEM global = create(L"Global\\inside global", 5, 0);
    for (int i = 0; i < 3; i++) {
        CHECK(WriteSharedMem(region, value, sizeof value, &version));
    }
    struct wait wait = {.region = region, .version = version};
    thread waiter = thread_start(wait_for_change, &wait);
    while (query(region).waiters == 0) {
        thread_yield();
    }
    CHECK(ReserveSharedMem(region, NULL, &data, &room));
    SetSharedMem(L"abc");

    run_list();
    struct line line = parse(find_line(output.out, "inside figures \xc3\xa9"));
    CHECK(line.rate >= 0 && line.rate <= 0 && line.bar == 0);
    CHECK_EQUAL(line.version, 3);
    CHECK_EQUAL(line.size, sizeof value);
    CHECK_EQUAL(line.capacity, 12345);
    CHECK_EQUAL(line.depth, 7);
    CHECK_EQUAL(line.waiters, 1);
    CHECK_EQUAL(line.writer, GetCurrentThreadId());
    line = parse(find_line(output.out, "Global\\inside global"));
    CHECK(line.version == 0 && line.size == 0 && line.capacity == 5 && line.depth == 1);
    CHECK(line.waiters == 0 && line.writer == 0);
    line = parse(find_line(output.out, "dllmemfilemap (the text)"));
    CHECK_EQUAL(line.version, query(SHARED_MEM_TEXT).version);
    CHECK_EQUAL(line.size, 4 * sizeof(WCHAR));
    CHECK_EQUAL(line.capacity, SHARED_MEM_TEXT_CCH * sizeof(WCHAR));

    CHECK(PublishSharedMem(region, 0, NULL));
    thread_join(waiter);
    CHECK(CloseSharedMem(region));
    CHECK(CloseSharedMem(global));
    run_list();
    CHECK(find_line(output.out, "inside figures \xc3\xa9") == NULL);
    CHECK(find_line(output.out, "Global\\inside global") == NULL);
}

static void a_file_has_its_id(void)
{
    WCHAR path[MAX_PATH];
    char id[33];
    const SHARED_MEM_OPTIONS options = {
        .cbSize = sizeof options, .capacity = 16, .file = raw_file_fresh(L"inside.region", path)};
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL && WriteSharedMem(region, "x", 1, NULL));
    struct raw_file raw = raw_file_open(path);
    snprintf(id, sizeof id, "%016llx%016llx", (ULONGLONG)raw_file_identity(&raw)->id.high,
             (ULONGLONG)raw_file_identity(&raw)->id.low);
    raw_file_close(&raw);
    run_list();
    const char *line = find_line(output.out, id);
    CHECK(line != NULL && strncmp(line, "  a file's region\r\n", 19) == 0);
    CHECK(CloseSharedMem(region));
    CHECK(DeleteFileW(path));
}

static HANDLE create_section(const WCHAR *name)
{
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 8192, name);
    CHECK(section != NULL && GetLastError() != ERROR_ALREADY_EXISTS);
    return section;
}

/* Other programs' sections, whatever they are called; and what a region left behind. */
static void what_is_no_region_is_passed_over(void)
{
    static const WCHAR *const names[] = {
        L"inside foreign", L"inside foreign.notify", L"inside alone.notify",    L"inside plain",
        L".notify",        L"sharedmem.file.notify", L"sharedmem.file.x.notify"};
    HANDLE sections[ARRAYSIZE(names)];
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        sections[i] = create_section(names[i]);
    }
    run_list();
    CHECK(strstr(output.out, "inside") == NULL);
    CHECK(strstr(output.out, "notify") == NULL && strstr(output.out, "file") != NULL);
    CHECK(strstr(output.out, "a file's region") == NULL);
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        CloseHandle(sections[i]);
    }
}

static void what_cannot_be_read_is_listed(void)
{
    SECURITY_ATTRIBUTES nobody = {.nLength = sizeof nobody};
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:", SDDL_REVISION_1,
                                                               &nobody.lpSecurityDescriptor, NULL));
    HSHAREDMEM region = OpenSharedMem(L"inside secret", 16, SHARED_MEM_CREATE_NEW, &nobody);
    CHECK(region != NULL);
    run_list();
    const char *line = find_line(output.out, "inside secret");
    CHECK(line != NULL && strstr(line, "  cannot be read (error 5)\r\n") != NULL);
    CHECK(CloseSharedMem(region));
    LocalFree(nobody.lpSecurityDescriptor);
}

/* A name that would command a terminal, and a long one. */
static void names_are_shown_harmlessly(void)
{
    WCHAR longest[250];
    char expected[250];
    wmemset(longest, L'i', 249);
    longest[249] = 0;
    memset(expected, 'i', 249);
    expected[249] = 0;
    HSHAREDMEM commands = create(L"inside \x1b[31m\x9b\r\n", 16, 0);
    HSHAREDMEM largest = create(longest, 16, 0);
    run_list();
    CHECK(find_line(output.out, "inside ?[31m???") != NULL);
    CHECK_EQUAL(parse(find_line(output.out, expected)).capacity, 16);
    CHECK(CloseSharedMem(commands));
    CHECK(CloseSharedMem(largest));
}

struct writer {
    HSHAREDMEM region;
    volatile LONG over;
    ULONGLONG written;
};

static void write_until_over(void *argument)
{
    struct writer *writer = argument;
    while (!writer->over) {
        CHECK(WriteSharedMem(writer->region, "x", 1, &writer->written));
        thread_sleep(1);
    }
}

static void set_texts_until_over(void *argument)
{
    struct writer *writer = argument;
    while (!writer->over) {
        SetSharedMem(L"x");
        thread_sleep(1);
    }
}

/* The writers sleep for a millisecond each time. */
static void a_rate_is_that_of_a_writer(void)
{
    struct writer writer = {.region = create(L"inside busy", 16, 0)};
    HSHAREDMEM idle = create(L"inside idle", 16, 0);
    thread writing = thread_start(write_until_over, &writer);
    thread setting = thread_start(set_texts_until_over, &writer);
    run_list();
    InterlockedExchange(&writer.over, TRUE);
    thread_join(writing);
    thread_join(setting);
    struct line busy = parse(find_line(output.out, "inside busy"));
    CHECK(busy.rate > 0 && busy.rate <= 1100);
    CHECK(busy.version > 0 && busy.version <= writer.written);
    struct line text = parse(find_line(output.out, "dllmemfilemap (the text)"));
    CHECK(text.rate > 0 && text.rate <= 1100);
    CHECK(parse(find_line(output.out, "inside idle")).rate <= 0);
    CHECK(CloseSharedMem(writer.region));
    CHECK(CloseSharedMem(idle));
}

/* Opens and closes regions while the list is read. */
static void come_and_go(void *argument)
{
    struct writer *writer = argument;
    WCHAR name[32];
    for (unsigned i = 0; !writer->over; i++) {
        swprintf(name, ARRAYSIZE(name), L"inside passing %u", i % 7);
        HSHAREDMEM region = create(name, 16, 0);
        CHECK(WriteSharedMem(region, "x", 1, NULL));
        thread_sleep(1);
        CHECK(CloseSharedMem(region));
    }
}

/* The busiest region is the first, and has the longest bar. */
static void check_block(const char *block, const char *end)
{
    double last = 1e300;
    unsigned rows = 0;
    CHECK(strncmp(block, "Name ", 5) == 0);
    for (const char *line = strchr(block, '\n') + 1; line < end; line = strchr(line, '\n') + 1) {
        char name[128];
        size_t length = strcspn(line, "\r");
        CHECK(length < sizeof name);
        snprintf(name, sizeof name, "%.*s", (int)length, line);
        if (strncmp(name, "inside busy ", 12) == 0) {
            CHECK(parse(line + 11).rate > 0 && parse(line + 11).bar > 0);
        }
        if (strncmp(name, "inside ", 7) == 0 && strncmp(name, "inside passing ", 15) != 0) {
            struct line found = parse(line + 11);
            CHECK(found.rate <= last);
            last = found.rate;
            rows++;
        }
    }
    CHECK_EQUAL(rows, 2);
}

static void top_follows_regions_that_come_and_go(void)
{
    static struct process_output blocks;
    WCHAR line[2 * MAX_PATH];
    struct writer writer = {.region = create(L"inside busy", 16, 0)}, passing = {0};
    HSHAREDMEM idle = create(L"inside able", 16, 0);
    thread writing = thread_start(write_until_over, &writer);
    thread coming = thread_start(come_and_go, &passing);
    long long start = stopwatch_start();
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" --top --count 2", child);
    process_run(line, "", NULL, &blocks);
    CHECK(stopwatch_milliseconds(start) >= 1990);
    InterlockedExchange(&writer.over, TRUE);
    InterlockedExchange(&passing.over, TRUE);
    thread_join(writing);
    thread_join(coming);

    CHECK(blocks.exit_code == 0 && blocks.error[0] == 0);
    const char *second = strstr(blocks.out, "\r\n\r\n");
    CHECK(second != NULL && strstr(second + 4, "\r\n\r\n") == NULL);
    check_block(blocks.out, second);
    check_block(second + 4, blocks.out + strlen(blocks.out));
    CHECK(strstr(blocks.out, " ######## ") != NULL);
    CHECK(CloseSharedMem(writer.region));
    CHECK(CloseSharedMem(idle));
}

static void misuses_are_refused(void)
{
    static const struct {
        const WCHAR *arguments;
        const char *words;
    } misuses[] = {
        {L"--list --top", "--list, --top and --record do not go together"},
        {L"--list --info", "do not go together"},
        {L"--top --watch", "do not go together"},
        {L"--list --count 3", "--count goes with --watch, --top or --record"},
        {L"--top --count 0", "a number from 1 on must follow --count"},
        {L"--list --region a", "--list and --top are for all regions"},
        {L"--top --file a", "--list and --top are for all regions"},
        {L"--list name", "unexpected argument name"},
    };
    for (size_t i = 0; i < ARRAYSIZE(misuses); i++) {
        expect_usage_complaint(child, misuses[i].arguments, misuses[i].words);
    }
}

int main(void)
{
    check_deadline(80);
    process_sibling(L"child.exe", child);

    a_list_has_exact_figures();
    a_file_has_its_id();
    what_is_no_region_is_passed_over();
    what_cannot_be_read_is_listed();
    names_are_shown_harmlessly();
    a_rate_is_that_of_a_writer();
    top_follows_regions_that_come_and_go();
    misuses_are_refused();
    return check_passed();
}
