/*
 * Parent and child as a person runs them: output to the byte, exit codes, every complaint. The
 * arguments, if any, are two folders: the parent runs from the first, and starts the child in the
 * second.
 */
#include "check.h"
#include "shown.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define INHERITED L"sharedmem-test-demo-inherited"

static void any_text_arrives(void)
{
    static const struct {
        const WCHAR *argument;
        const char *utf8;
    } texts[] = {
        {L"\"This is a test string\"", "This is a test string"},
        {L"\"Esta \u00e9 uma cadeia de caracteres de teste\"",
         "Esta \xc3\xa9 uma cadeia de caracteres de teste"},
        {L"\"\xD83C\xDF89 \u65e5\u672c\"", "\xf0\x9f\x8e\x89 \xe6\x97\xa5\xe6\x9c\xac"},
        {L"\"\"", ""},
        {L"--hold", "--hold"}, /* a text is a text, whatever it looks like */
        {L"\"a \\\"quoted\\\" text\\\\\"", "a \"quoted\" text\\"},
    };
    WCHAR arguments[256];
    char expected[512];

    run(parent, L"");
    expect(0, WRITING READ "This is a test string\r\n", "");
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        swprintf(arguments, ARRAYSIZE(arguments), L"--text %ls", texts[i].argument);
        snprintf(expected, sizeof expected, "%s%s%s\r\n", WRITING, READ, texts[i].utf8);
        run(parent, arguments);
        expect(0, expected, "");
    }
    run(child, L"");
    expect(0, READ "\r\n", "");
}

/* The longest text, of characters that take the most room in UTF-8, and one more than that. */
static void the_longest_text_arrives(void)
{
    static WCHAR arguments[SHARED_MEM_TEXT_CCH + 16];
    static char expected[16384];
    wcscpy(arguments, L"--text ");
    strcpy(expected, WRITING READ);
    for (int i = 0; i < SHARED_MEM_TEXT_CCH - 1; i++) {
        wcscat(arguments, L"\u20ac");
        strcat(expected, "\xe2\x82\xac");
    }
    strcat(expected, "\r\n");
    run(parent, arguments);
    expect(0, expected, "");

    wcscat(arguments, L"x");
    expect_usage_complaint(parent, arguments, "longer than 2047 characters");
}

static void the_exit_code_is_handed_on(void)
{
    run(parent, L"cmd /c exit 7"); /* a program and its arguments */
    expect(7, WRITING, "");
    run(parent, L"\"cmd /c exit 9\""); /* one command line, as in Microsoft's sample */
    expect(9, WRITING, "");

    WCHAR arguments[2 * MAX_PATH];
    swprintf(arguments, ARRAYSIZE(arguments), L"--text hello \"%ls\"", child);
    run(parent, arguments); /* one argument, which is a file, whatever blanks its path has */
    expect(0, WRITING READ "hello\r\n", "");
    swprintf(arguments, ARRAYSIZE(arguments), L"\"%ls\" \"a \\\"b\\\" c\\\\\"", child);
    run(parent, arguments); /* arguments go through as they are */
    expect_complaint(2, WRITING, "unexpected argument a \"b\" c\\; see child --help\r\n");
}

static void complaints_say_what_is_wrong(void)
{
    run(parent, L"no-such-program.exe \"an argument\"");
    expect_complaint(1, WRITING, "cannot start the child no-such-program.exe \"an argument\": ");
    CHECK(strstr(output.error, "(error 2)") != NULL);

    static const struct {
        const WCHAR *program, *arguments;
        const char *words;
    } misuses[] = {
        {parent, L"--bogus", "unknown option --bogus"},
        {parent, L"--text", "a text must follow --text"},
        {parent, L"--region", "a name must follow --region"},
        {parent, L"--text a --text b", "--text is given twice"},
        {parent, L"--region a --hold --region b", "--region is given twice"},
        {parent, L"--hold --hold", "--hold is given twice"},
        {parent, L"--file", "a path must follow --file"},
        {parent, L"--file a --region b", "--region and --file do not go together"},
        {parent, L"--flush", "--flush goes with --file"},
        {parent, L"--flush --region a", "--flush goes with --file"},
        {parent, L"--hold cmd", "no child is started: cmd"},
        {child, L"--bogus", "unknown option --bogus"},
        {child, L"bogus", "unexpected argument bogus"},
        {child, L"--info bogus --watch", "unexpected argument bogus"},
        {child, L"--region", "a name must follow --region"},
        {child, L"--count", "a number from 1 on must follow --count"},
        {child, L"--watch --count 0", "a number from 1 on must follow --count"},
        {child, L"--watch --count 3x", "a number from 1 on must follow --count"},
        {child, L"--watch --count -3", "a number from 1 on must follow --count"},
        {child, L"--count 18446744073709551616", "a number from 1 on must follow --count"},
        {child, L"--watch --watch", "--watch is given twice"},
        {child, L"--region a --region b", "--region is given twice"},
        {child, L"--watch --info", "do not go together"},
        {child, L"--count 3", "--count goes with --watch"},
        {child, L"--file a --region b", "--region and --file do not go together"},
    };
    for (size_t i = 0; i < ARRAYSIZE(misuses); i++) {
        expect_usage_complaint(misuses[i].program, misuses[i].arguments, misuses[i].words);
        CHECK(strstr(output.error, "; see ") != NULL && strstr(output.error, " --help") != NULL);
        CHECK(strchr(output.error, '\n') == output.error + strlen(output.error) - 1);
    }

    run(parent, L"--help");
    CHECK(output.exit_code == 0 && strstr(output.out, "Usage: parent ") == output.out);
    CHECK(strstr(output.out, "\r\n  --text TEXT    the text to write; default") != NULL);
    CHECK(strstr(output.out, "\r\n                 or the end of the standard input\r\n") != NULL);
    run(child, L"--help");
    CHECK(output.exit_code == 0 && strstr(output.out, "Usage: child ") == output.out);
    CHECK(strstr(output.out,
                 "\r\n  --count N      end after printing N times, or recording N versions\r\n") !=
          NULL);
}

/* Whether it is the rest of what --info prints: of a section of this many KiB, none is private. */
static BOOL is_working_set(const char *text, unsigned section)
{
    unsigned touched = 0, dll = 0, shared = 0, own = 0;
    void *address = NULL;
    char expected[256];
    if (sscanf(
            text,
            "Address: %p Section: %*u KiB, working set %u KiB shared, 0 KiB private DLL: %u KiB, "
            "working set %u KiB shared, %u KiB private",
            &address, &touched, &dll, &shared, &own) != 5) {
        return FALSE;
    }
    snprintf(expected, sizeof expected,
             "Address:  %p\r\n"
             "Section:  %u KiB, working set %u KiB shared, 0 KiB private\r\n"
             "DLL:      %u KiB, working set %u KiB shared, %u KiB private\r\n",
             address, section, touched, dll, shared, own);
    return strcmp(text, expected) == 0 && address != NULL && touched >= 4 && touched <= section &&
           shared >= 4 && own >= 4 && shared + own <= dll;
}

static void regions_are_shown(void)
{
    static const char info[] = "Region:   a region\r\n"
                               "Value:    20 of 4096 bytes, version 1\r\n"
                               "Access:   reading and writing\r\n"
                               "Writing:  no thread\r\n"
                               "Waiting:  0 threads\r\n";
    WCHAR arguments[2 * MAX_PATH];
    char expected[512];

    run(parent, L"--region \"a region\" --text \"\u00e9 is in this region\"");
    expect(0,
           WRITING
           "a region, version 1, 20 bytes\r\n"
           "00000000  c3 a9 20 69 73 20 69 6e  20 74 68 69 73 20 72 65  |.. is in this re|\r\n"
           "00000010  67 69 6f 6e                                       |gion|\r\n",
           "");
    run(parent, L"--region empty --text \"\"");
    expect(0, WRITING "empty, version 1, 0 bytes\r\n", "");
    swprintf(arguments, ARRAYSIZE(arguments),
             L"--region \"a region\" --text \"20 bytes are in here\" \"%ls\" --info --region \"a "
             L"region\"",
             child);
    snprintf(expected, sizeof expected, "%s%s", WRITING, info);
    run(parent, arguments);
    CHECK(strstr(output.out, expected) == output.out);
    CHECK(is_working_set(output.out + strlen(expected), 24));
    CHECK(output.exit_code == 0 && output.error[0] == '\0');

    run(child, L"--info");
    CHECK(strstr(output.out, "Region:   the text\r\nValue:    2 of 4096 bytes, version 0\r\n") ==
          output.out);
    CHECK(is_working_set(strstr(output.out, "Address:"), 12));
    run(child, L"--region missing");
    expect_complaint(1, "", "cannot open the region missing: ");
    CHECK(strstr(output.error, "(error 2)") != NULL);
    run(parent, L"--region dllmemfilemap");
    expect_complaint(1, "", "cannot write to dllmemfilemap: ");
    CHECK(strstr(output.error, "(error 13)") != NULL);
}

/* Until the child that watches has printed what there is and waits for more. */
static void wait_for_waiter(void)
{
    do {
        run(child, L"--info");
        CHECK_EQUAL(output.exit_code, 0);
    } while (strstr(output.out, "Waiting:  1 thread\r\n") == NULL);
}

static void a_watching_child_prints_every_change(void)
{
    static struct process_output watched;
    WCHAR command_line[2 * MAX_PATH];
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" --watch --count 3", child);
    thread watcher = process_run_beside(command_line, &watched);
    wait_for_waiter();
    run(parent, L"--text one cmd /c exit 0");
    wait_for_waiter();
    run(parent, L"--text two cmd /c exit 0");
    thread_join(watcher);
    output = watched;
    expect(0, READ "\r\n" READ "one\r\n" READ "two\r\n", "");
}

static void hold_keeps_the_memory_alive(void)
{
    static const char held[] = WRITING "Holding it until Ctrl+C or the end of the input...\r\n";
    HANDLE keyboard;

    run(parent, L"--text held --hold"); /* its input is at its end */
    expect(0, held, "");

    HANDLE holder = run_until_input_ends(parent, L"--text held --hold", &keyboard);
    do { /* until the holder has come to writing */
        run(child, L"");
    } while (strcmp(output.out, READ "\r\n") == 0);
    expect(0, READ "held\r\n", "");
    CHECK_EQUAL(WaitForSingleObject(holder, 0), WAIT_TIMEOUT);
    CloseHandle(keyboard);
    CHECK_EQUAL(process_finish(holder), 0);
    run(child, L"");
    expect(0, READ "\r\n", "");
}

/* What the parent has open is gone with the parent, although its child lives on. */
static void a_child_inherits_nothing(void)
{
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
    WCHAR command_line[3 * MAX_PATH];
    HANDLE event = CreateEventW(&inheritable, TRUE, FALSE, INHERITED);
    CHECK(event != NULL);
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" \"%ls\" --watch --count 2", parent,
             child);
    HANDLE process = process_start_heir(command_line);
    CloseHandle(event);
    wait_for_waiter();
    event = OpenEventW(SYNCHRONIZE, FALSE, INHERITED);
    CHECK(event != NULL); /* the parent has it */
    CloseHandle(event);
    process_kill(process);
    CHECK(OpenEventW(SYNCHRONIZE, FALSE, INHERITED) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_FILE_NOT_FOUND);

    run(parent, L"--text enough cmd /c exit 0"); /* which ends the child, and with it the memory */
    do {
        run(child, L"");
    } while (strcmp(output.out, READ "\r\n") != 0);
}

/*
 * In a console, which takes UTF-16. The test has none: this runs in a process of its own that has
 * one, with no window.
 */
static int show_in_console(void)
{
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
    HANDLE screen = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, &inheritable,
                                              CONSOLE_TEXTMODE_BUFFER, NULL);
    CHECK(screen != INVALID_HANDLE_VALUE);
    STARTUPINFOW startup = {
        .cb = sizeof startup,
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
        .hStdOutput = screen,
        .hStdError = screen,
    };
    WCHAR command_line[2 * MAX_PATH];
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" --text \u00e9\u20ac", parent);
    CHECK_EQUAL(process_finish(process_start(command_line, NULL, &startup)), 0);

    static const WCHAR expected[] = L"Child process read from shared memory: \u00e9\u20ac";
    WCHAR shown[ARRAYSIZE(expected)] = {0};
    DWORD count;
    CHECK(
        ReadConsoleOutputCharacterW(screen, shown, ARRAYSIZE(expected) - 1, (COORD){0, 1}, &count));
    CHECK(wcscmp(shown, expected) == 0);
    return 0;
}

static void a_console_shows_it(void)
{
    WCHAR self[MAX_PATH], command_line[2 * MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION started;
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" console",
             process_sibling(L"demo.exe", self));
    CHECK(CreateProcessW(NULL, command_line, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL,
                         &startup, &started));
    CloseHandle(started.hThread);
    CHECK_EQUAL(process_finish(started.hProcess), 0);
}

/* The child in a folder of its own, without the DLL and then with one that is not ours. */
static void the_child_says_what_it_misses(void)
{
    WCHAR temporary[MAX_PATH - 64], folder[MAX_PATH], alone[MAX_PATH], library[MAX_PATH],
        old[MAX_PATH];
    CHECK(GetTempPathW(ARRAYSIZE(temporary), temporary) > 0);
    swprintf(folder, MAX_PATH, L"%lssharedmem-%lu", temporary, GetCurrentProcessId());
    swprintf(alone, MAX_PATH, L"%ls\\child.exe", folder);
    swprintf(library, MAX_PATH, L"%ls\\sharedmem.dll", folder);
    CHECK(CreateDirectoryW(folder, NULL));
    CHECK(CopyFileW(child, alone, FALSE));

    run(alone, L"");
    expect_complaint(1, "", "cannot load sharedmem.dll");
    CHECK(strstr(output.error, "(error 126)") != NULL);
    run(alone, L"--help");
    CHECK_EQUAL(output.exit_code, 0);

    CHECK(CopyFileW(process_sibling(L"old\\sharedmem.dll", old), library, FALSE));
    run(alone, L"");
    expect_complaint(1, "", "it has no GetSharedMem");
    CHECK(DeleteFileW(library) && DeleteFileW(alone) && RemoveDirectoryW(folder));
}

int main(int argc, char **argv)
{
    check_deadline(60);
    if (argc == 3) {
        WCHAR arguments[MAX_PATH + 64];
        process_path(argv[1], L"parent.exe", parent);
        process_path(argv[2], L"child.exe", child);
        swprintf(arguments, ARRAYSIZE(arguments), L"--text \"to the other\" \"%ls\"", child);
        run(parent, arguments);
        expect(0, WRITING READ "to the other\r\n", "");
        return check_passed();
    }
    process_sibling(L"parent.exe", parent);
    process_sibling(L"child.exe", child);
    if (argc == 2) {
        return show_in_console();
    }
    any_text_arrives();
    the_longest_text_arrives();
    the_exit_code_is_handed_on();
    complaints_say_what_is_wrong();
    regions_are_shown();
    a_watching_child_prints_every_change();
    hold_keeps_the_memory_alive();
    a_child_inherits_nothing();
    a_console_shows_it();
    the_child_says_what_it_misses();
    return check_passed();
}
