/* Parent and child with a file, as a person runs them: what stays, and every complaint. */
#include "check.h"
#include "raw_file.h"
#include "shown.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static WCHAR file[MAX_PATH]; /* which each test finds missing, and leaves missing */

/* A path as the programs print it. */
struct printed {
    char utf8[3 * MAX_PATH];
};

static struct printed print(const WCHAR *path)
{
    struct printed printed;
    CHECK(WideCharToMultiByte(CP_UTF8, 0, path, -1, printed.utf8, sizeof printed.utf8, NULL, NULL) >
          0);
    return printed;
}

/* Runs a program for the file, with further arguments. */
static void run_for(const WCHAR *path, const WCHAR *program, const WCHAR *arguments)
{
    WCHAR line[4 * MAX_PATH];
    swprintf(line, ARRAYSIZE(line), L"--file \"%ls\" %ls", path, arguments);
    run(program, line);
}

/* That the child prints a value of one line, after `before`; returns its version. */
static ULONGLONG expect_value(const char *before, const char *value, const char *hexadecimal)
{
    char expected[2048];
    ULONGLONG version = 0;
    const char *found = strstr(output.out, ", version ");
    CHECK(found != NULL && sscanf(found, ", version %llu", &version) == 1);
    snprintf(expected, sizeof expected, "%s%s, version %llu, %u bytes\r\n00000000  %-49s |%s|\r\n",
             before, print(file).utf8, version, (unsigned)strlen(value), hexadecimal, value);
    expect(0, expected, "");
    return version;
}

static ULONGLONG expect_kept(void)
{
    return expect_value("", "kept", "6b 65 70 74");
}

/* What the child says of the file, at the end of what was printed. */
static void expect_info(const char *access, ULONGLONG version, ULONGLONG durable)
{
    char expected[2048], of_durable[32] = "no version";
    void *address = NULL;
    unsigned size = 0, touched = 0;
    const char *info = strstr(output.out, "File:     ");
    const char *end = info != NULL ? strstr(info, "Address:") : NULL;
    if (durable != 0) {
        snprintf(of_durable, sizeof of_durable, "version %llu", durable);
    }
    snprintf(expected, sizeof expected,
             "File:     %s\r\nValue:    4 of 4096 bytes, version %llu\r\nAccess:   %s\r\n"
             "Durable:  %s\r\nWriting:  no thread\r\nWaiting:  0 threads\r\n",
             print(file).utf8, version, access, of_durable);
    CHECK_EQUAL(output.exit_code, 0);
    CHECK(end != NULL && strlen(expected) == (size_t)(end - info));
    CHECK(memcmp(info, expected, strlen(expected)) == 0);
    CHECK(sscanf(end, "Address: %p Section: %u KiB, working set %u KiB shared, 0 KiB private",
                 &address, &size, &touched) == 3);
    CHECK(address != NULL && size == 44 && touched >= 4 && touched <= size);
}

static void a_value_arrives_and_stays(void)
{
    run_for(file, parent, L"--text kept");
    CHECK_EQUAL(expect_value(WRITING, "kept", "6b 65 70 74"), 1);
    run_for(file, child, L"");
    ULONGLONG version = expect_kept(), later;
    CHECK(version > 1);
    run_for(file, child, L"--info"); /* the first to open it, again */
    CHECK(sscanf(strstr(output.out, ", version "), ", version %llu", &later) == 1);
    CHECK(later > version);
    expect_info("reading and writing, recovered by this process", later, later);
    CHECK(DeleteFileW(file));
}

/* What is on the disk, while the parent has the file open. */
static void a_flush_makes_it_durable(void)
{
    WCHAR line[6 * MAX_PATH];
    swprintf(line, ARRAYSIZE(line), L"--text kept \"%ls\" --info --file \"%ls\"", child, file);
    run_for(file, parent, line);
    CHECK(strstr(output.out, WRITING "File:     ") == output.out);
    expect_info("reading and writing", 1, 0);
    CHECK(DeleteFileW(file));

    swprintf(line, ARRAYSIZE(line), L"--flush --text kept \"%ls\" --info --file \"%ls\"", child,
             file);
    run_for(file, parent, line);
    CHECK(strstr(output.out, WRITING "Version 1 is on the disk.\r\nFile:     ") == output.out);
    expect_info("reading and writing", 1, 1);
    CHECK(DeleteFileW(file));
}

/* Each time, the only process that has the file open is killed. */
static void a_value_survives_all_processes(void)
{
    WCHAR line[2 * MAX_PATH];
    HANDLE keyboard;
    ULONGLONG last = 0;
    static const WCHAR *const options[] = {L"--flush", L""};
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        swprintf(line, ARRAYSIZE(line), L"--file \"%ls\" --text kept --hold %ls", file, options[i]);
        HANDLE holder = run_until_input_ends(parent, line, &keyboard);
        do {
            run_for(file, child, L"");
        } while (strstr(output.out, "|kept|") == NULL);
        CHECK_EQUAL(WaitForSingleObject(holder, 0), WAIT_TIMEOUT);
        process_kill(holder);
        CloseHandle(keyboard);
        run_for(file, child, L"");
        ULONGLONG version = expect_kept();
        CHECK(version > last);
        last = version;
        if (i == 0) {
            run_for(file, parent, L"--text other cmd /c exit 0");
            expect(0, WRITING, "");
        }
    }
    CHECK(DeleteFileW(file));
}

static void a_watching_child_prints_every_change(void)
{
    static struct process_output watched;
    WCHAR line[4 * MAX_PATH];
    run_for(file, parent, L"--text one cmd /c exit 0");
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" --watch --count 2 --file \"%ls\"", child, file);
    thread watcher = process_run_beside(line, &watched);
    do {
        run_for(file, child, L"--info");
        CHECK_EQUAL(output.exit_code, 0);
    } while (strstr(output.out, "Waiting:  1 thread\r\n") == NULL);
    run_for(file, parent, L"--text two cmd /c exit 0");
    expect(0, WRITING, "");
    thread_join(watcher);
    CHECK_EQUAL(watched.exit_code, 0);
    const char *one = strstr(watched.out, "|one|\r\n");
    CHECK(one != NULL && strstr(one, "|two|\r\n") != NULL && watched.error[0] == 0);
    CHECK(DeleteFileW(file));
}

/* Both programs refuse the path, and say why. */
static void expect_refusal(const WCHAR *path, const char *words, unsigned error)
{
    static const struct {
        const char *name;
        const WCHAR *path;
        const char *what;
    } programs[] = {{"parent", parent, "cannot write to the file"},
                    {"child", child, "cannot open the file"}};
    char expected[1024];
    for (size_t i = 0; i < ARRAYSIZE(programs); i++) {
        run_for(path, programs[i].path, L"");
        snprintf(expected, sizeof expected, "%s: %s %s: %s", programs[i].name, programs[i].what,
                 print(path).utf8, words);
        expect_complaint(1, "", expected);
        snprintf(expected, sizeof expected, " (error %u)\r\n", error);
        CHECK(strstr(output.error, expected) != NULL);
    }
}

static void another_programs_file_stays(void)
{
    static const char *const contents[] = {
        "", "short", "longer than the identity of a region, which has 56 bytes in its file"};
    for (size_t i = 0; i < ARRAYSIZE(contents); i++) {
        size_t found;
        raw_file_write(file, contents[i], strlen(contents[i]));
        expect_refusal(file, "it is another program's file, which is not changed", 13);
        unsigned char *bytes = raw_file_read(file, &found);
        CHECK_EQUAL(found, strlen(contents[i]));
        CHECK(memcmp(bytes, contents[i], found) == 0);
        free(bytes);
    }
    CHECK(DeleteFileW(file));
}

/* One that is a byte too short. */
static void a_damaged_file_is_refused(void)
{
    size_t size;
    run_for(file, parent, L"--text kept cmd /c exit 0");
    unsigned char *bytes = raw_file_read(file, &size);
    raw_file_write(file, bytes, size - 1);
    expect_refusal(file, "it is damaged", 1392);
    raw_file_write(file, bytes, size);
    free(bytes);
    run_for(file, child, L"");
    expect_kept();
    CHECK(DeleteFileW(file));
}

/* While it is open, too: SetFileAttributes is refused then, under Wine. */
static void forbid_writing(void)
{
    FILE_BASIC_INFO info = {.FileAttributes = FILE_ATTRIBUTE_READONLY};
    HANDLE handle = CreateFileW(file, FILE_WRITE_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                NULL, OPEN_EXISTING, 0, NULL);
    CHECK(handle != INVALID_HANDLE_VALUE);
    CHECK(SetFileInformationByHandle(handle, FileBasicInfo, &info, sizeof info));
    CloseHandle(handle);
}

/* Wine as root can write to files that are for reading only. */
static BOOL can_be_written(void)
{
    HANDLE handle = CreateFileW(file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    if (handle != INVALID_HANDLE_VALUE) {
        CloseHandle(handle);
    }
    return handle != INVALID_HANDLE_VALUE;
}

/* The first process to open it has to write; later ones read. */
static void a_read_only_file_is_read_beside_a_writer(void)
{
    run_for(file, parent, L"--text kept cmd /c exit 0");
    forbid_writing();
    if (can_be_written()) {
        CHECK(SetFileAttributesW(file, FILE_ATTRIBUTE_NORMAL));
        CHECK(DeleteFileW(file));
        return;
    }
    run_for(file, parent, L"");
    expect_complaint(1, "", "it is read-only, or a folder, or its access control refuses you");
    run_for(file, child, L"");
    expect_complaint(1, "", "or this program may only read it and is the first to open it");
    CHECK(SetFileAttributesW(file, FILE_ATTRIBUTE_NORMAL));

    const SHARED_MEM_OPTIONS options = {.cbSize = sizeof options, .file = file};
    HSHAREDMEM region = OpenSharedMemEx(NULL, &options);
    CHECK(region != NULL);
    forbid_writing();
    run_for(file, child, L"");
    ULONGLONG version = expect_kept();
    run_for(file, child, L"--info");
    expect_info("reading only", version, version);
    CHECK(CloseSharedMem(region));
    CHECK(SetFileAttributesW(file, FILE_ATTRIBUTE_NORMAL));
    CHECK(DeleteFileW(file));
}

static void what_is_no_file_is_refused(void)
{
    WCHAR folder[MAX_PATH], missing[2 * MAX_PATH];
    run_for(file, child, L"");
    expect_complaint(1, "", "cannot open the file ");
    CHECK(strstr(output.error, "(error 2)") != NULL);
    CHECK(GetFileAttributesW(file) == INVALID_FILE_ATTRIBUTES); /* it creates none */

    CHECK(GetWindowsDirectoryW(folder, MAX_PATH) < MAX_PATH);
    expect_refusal(folder, "it is read-only, or a folder, or its access control refuses you", 5);
    expect_refusal(L"NUL", "it is not an ordinary file of a local disk", 50);
    swprintf(missing, ARRAYSIZE(missing), L"%ls\\file", file);
    expect_refusal(missing, "", 3);
}

int main(void)
{
    check_deadline(90);
    process_sibling(L"parent.exe", parent);
    process_sibling(L"child.exe", child);
    raw_file_fresh(L"demo file \u00FC.region", file);

    a_value_arrives_and_stays();
    a_flush_makes_it_durable();
    a_value_survives_all_processes();
    a_watching_child_prints_every_change();
    another_programs_file_stays();
    a_damaged_file_is_refused();
    a_read_only_file_is_read_beside_a_writer();
    what_is_no_file_is_refused();
    return check_passed();
}
