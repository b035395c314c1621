#include "hello.h"
#include "check.h"

#include "sharedmem.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

const WCHAR *hello_install(const char *folder, const WCHAR *name, WCHAR path[MAX_PATH])
{
    WCHAR from[MAX_PATH];
    process_path(folder, name, from);
    CHECK(CopyFileW(from, process_sibling(name, path), FALSE));
    return path;
}

static void remove_returns(char *text)
{
    char *end = text;
    for (; *text != '\0'; text++) {
        if (*text != '\r') {
            *end++ = *text;
        }
    }
    *end = '\0';
}

void hello_expect(struct process_output *output, DWORD exit_code, const char *out,
                  const char *error)
{
    remove_returns(output->out);
    bool as_expected = output->exit_code == exit_code && strcmp(output->out, out) == 0 &&
                       strstr(output->error, error) != NULL;
    if (!as_expected) {
        printf("exit code %lu, output:\n%s%s", output->exit_code, output->out, output->error);
    }
    CHECK(as_expected);
}

static thread run(const WCHAR *command, unsigned milliseconds, struct process_output *output)
{
    static WCHAR line[3 * MAX_PATH]; /* a thread reads it; there is one at a time */
    swprintf(line, ARRAYSIZE(line), L"%ls %u", command, milliseconds);
    return process_run_beside(line, output);
}

/* What it writes until it waits. */
static const char *greeting(const char *language)
{
    static char text[256];
    snprintf(text, sizeof text, "version 1 of the region: any bytes\nthe text: hello from %s\n",
             language);
    return text;
}

static void waits_for_the_parent(const WCHAR *command, const char *language)
{
    static struct process_output hello_said, parent_said;
    WCHAR parent[2 * MAX_PATH], path[MAX_PATH];
    char bytes[256] = "", expected[512];
    SIZE_T size = sizeof bytes;
    ULONGLONG version;
    HSHAREDMEM region = OpenSharedMem(L"hello", sizeof bytes, 0, NULL);
    CHECK(region != NULL);

    thread running = run(command, 60000, &hello_said);
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
    snprintf(expected, sizeof expected, "%sthe text: from the parent\n", greeting(language));
    hello_expect(&hello_said, 0, expected, "");
    CHECK(ReadSharedMem(region, bytes, &size, &version));
    CHECK(version == 1 && size == strlen("any bytes") && memcmp(bytes, "any bytes", size) == 0);
    CHECK(CloseSharedMem(region));
}

static void tells_that_nothing_changed(const WCHAR *command, const char *language, DWORD failed)
{
    static struct process_output output;
    thread_join(run(command, 10, &output));
    hello_expect(&output, failed, greeting(language), " 1460)"); /* ERROR_TIMEOUT */
}

static void tells_that_the_region_is_too_small(const WCHAR *command, DWORD failed)
{
    static struct process_output output;
    HSHAREDMEM region = OpenSharedMem(L"hello", 255, 0, NULL);
    CHECK(region != NULL);
    thread_join(run(command, 0, &output));
    hello_expect(&output, failed, "", " 122)"); /* ERROR_INSUFFICIENT_BUFFER */
    CHECK(CloseSharedMem(region));
}

void hello_check(const WCHAR *command, const char *language, DWORD failed)
{
    waits_for_the_parent(command, language);
    tells_that_nothing_changed(command, language, failed);
    tells_that_the_region_is_too_small(command, failed);
}
