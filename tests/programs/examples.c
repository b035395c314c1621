/* The programs that the README shows, as a person runs them. */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "thread.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void expect(const struct process_output *output, const char *out)
{
    if (output->exit_code != 0 || strcmp(output->out, out) != 0) {
        printf("exit code %lu, output:\n%s\nexpected:\n%s\n", output->exit_code, output->out, out);
    }
    CHECK(output->exit_code == 0 && strcmp(output->out, out) == 0);
}

static const WCHAR *command(const WCHAR *program, const WCHAR *arguments, WCHAR line[2 * MAX_PATH])
{
    WCHAR path[MAX_PATH];
    swprintf(line, 2 * MAX_PATH, L"\"%ls\" %ls", process_sibling(program, path), arguments);
    return line;
}

static void hellos_greet(void)
{
    static struct process_output output;
    WCHAR line[2 * MAX_PATH];
    SetSharedMem(L"from the test");
    process_run(command(L"hello_at_run_time.exe", L"", line), "", NULL, &output);
    expect(&output, "from the test, error 0\r\n");
    process_run(command(L"hello.exe", L"", line), "", NULL, &output);
    expect(&output, "hello, error 0\r\n");
    process_run(command(L"hello_at_run_time.exe", L"", line), "", NULL, &output);
    expect(&output, "hello, error 0\r\n");
}

/* Each counts a while, at the same time; then nothing is missing. */
static void counters_count(void)
{
    enum { COUNTERS = 4 };
    static struct process_output outputs[COUNTERS];
    WCHAR line[2 * MAX_PATH];
    thread counters[COUNTERS];
    HSHAREDMEM held = OpenSharedMem(L"counter", sizeof(ULONGLONG), 0, NULL);
    CHECK(held != NULL);
    command(L"counter.exe", L"500", line);
    for (int i = 0; i < COUNTERS; i++) {
        counters[i] = process_run_beside(line, &outputs[i]);
    }
    for (int i = 0; i < COUNTERS; i++) {
        thread_join(counters[i]);
        CHECK_EQUAL(outputs[i].exit_code, 0);
    }
    process_run(command(L"counter.exe", L"", line), "", NULL, &outputs[0]);
    expect(&outputs[0], "2001\r\n");
    CHECK(CloseSharedMem(held));
}

static void objects_share_and_throw(void)
{
    static struct process_output output;
    WCHAR line[2 * MAX_PATH];
    HSHAREDMEM held = OpenSharedMem(L"position", 24, 0, NULL);
    CHECK(held != NULL);
    command(L"region.exe", L"", line);
    process_run(line, "", NULL, &output);
    expect(&output, "frame 1: 0.5, 0.0\r\n");
    process_run(line, "", NULL, &output);
    expect(&output, "frame 2: 1.0, 0.0\r\n");
    CHECK(CloseSharedMem(held));

    held = OpenSharedMem(L"position", 23, 0, NULL);
    CHECK(held != NULL);
    process_run(line, "", NULL, &output);
    CHECK_EQUAL(output.exit_code, 1);
    CHECK(strstr(output.out, "OpenSharedMem") == output.out);
    CHECK(strstr(output.out, "(error 122)\r\n") != NULL); /* ERROR_INSUFFICIENT_BUFFER */
    CHECK(CloseSharedMem(held));
}

/* Frames only go forward, and are whole: the altitude follows from the frame's number. */
static void check_frames(const struct process_output *output, unsigned count)
{
    const char *line = output->out;
    unsigned long long last = 0;
    CHECK_EQUAL(output->exit_code, 0);
    for (unsigned i = 0; i < count; i++) {
        unsigned long long frame = 0;
        double altitude = 0;
        CHECK(sscanf(line, "frame %llu: %lf m, 80 m/s, gear 1", &frame, &altitude) == 2);
        CHECK(i == 0 || frame > last);
        CHECK(altitude > 1000.4 + 0.5 * (double)frame && altitude < 1000.6 + 0.5 * (double)frame);
        last = frame;
        line = strchr(line, '\n') + 1;
    }
    CHECK(*line == 0);
}

/* Two readers follow a writer: one that was there before it, and one that comes later. */
static void two_follow(const WCHAR *program, const WCHAR *read, const WCHAR *write,
                       struct process_output outputs[2], struct process_output *writers)
{
    WCHAR reader[2 * MAX_PATH], writer[2 * MAX_PATH];
    command(program, read, reader);
    command(program, write, writer);
    thread early = process_run_beside(reader, &outputs[0]);
    Sleep(100);
    thread writing = process_run_beside(writer, writers);
    Sleep(200);
    thread late = process_run_beside(reader, &outputs[1]);
    thread_join(early);
    thread_join(writing);
    thread_join(late);
}

static void dashboards_follow_the_simulator(void)
{
    static struct process_output outputs[2], simulator;
    two_follow(L"telemetry.exe", L"read 20", L"write 90", outputs, &simulator);
    CHECK_EQUAL(simulator.exit_code, 0);
    check_frames(&outputs[0], 20);
    check_frames(&outputs[1], 20);
}

/* A line for each change of either region, in their order. */
static void loops_show_changes(void)
{
    static struct process_output shown, written;
    static const WCHAR *const names[] = {L"left", L"right"};
    HSHAREDMEM held[ARRAYSIZE(names)];
    WCHAR show[2 * MAX_PATH], write[2 * MAX_PATH], arguments[32];
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        held[i] = OpenSharedMem(names[i], sizeof(DWORD), 0, NULL);
        CHECK(held[i] != NULL);
    }
    thread loop = process_run_beside(command(L"event_loop.exe", L"show 4", show), &shown);
    for (unsigned number = 1; number <= 4; number++) {
        for (size_t i = 0; i < ARRAYSIZE(names); i++) {
            SHARED_MEM_INFO info = {.cbSize = sizeof info};
            do { /* its event is armed */
                Sleep(1);
                CHECK(QuerySharedMem(held[i], &info));
            } while (info.waiters == 0);
        }
        swprintf(arguments, ARRAYSIZE(arguments), L"write %ls %u", names[number / 2 % 2], number);
        process_run(command(L"event_loop.exe", arguments, write), "", NULL, &written);
        expect(&written, "");
    }
    thread_join(loop);
    expect(&shown, "left: 1\r\nright: 2\r\nright: 3\r\nleft: 4\r\n");
    CHECK(CloseSharedMem(held[0]) && CloseSharedMem(held[1]));
}

/* One line from the first frame to the last, with all that are in between. */
static void check_plot(const struct process_output *output, unsigned count)
{
    const char *line = strstr(output->out, "d=\"");
    unsigned plotted = 0, looks = 0, lost = 1;
    CHECK_EQUAL(output->exit_code, 0);
    CHECK(sscanf(output->error, "%u frames in %u looks, %u lost", &plotted, &looks, &lost) == 3);
    CHECK(plotted == count && looks < count / 2 && lost == 0);
    for (unsigned i = 0; i < count; i++) {
        unsigned frame;
        double y;
        char step;
        CHECK(line != NULL);
        line = strchr(line, '\n') + 1;
        CHECK(sscanf(line, "%c%u,%lf", &step, &frame, &y) == 3);
        CHECK(step == (i == 0 ? 'M' : 'L') && frame == i && y >= 9.9 && y <= 90.1);
    }
    CHECK(strstr(line, "</svg>") != NULL);
}

/* Looking 10 times a second, from before or some time after the first frame on, none is lost. */
static void recorders_lose_no_frame(void)
{
    static struct process_output outputs[3];
    WCHAR plot[2 * MAX_PATH], write[2 * MAX_PATH];
    command(L"history.exe", L"plot 90", plot);
    command(L"history.exe", L"write 100", write);
    HSHAREDMEM none = OpenSharedMem(L"flight", 0, 0, NULL);
    CHECK(none == NULL);
    thread early = process_run_beside(plot, &outputs[0]);
    Sleep(100);
    thread simulator = process_run_beside(write, &outputs[1]);
    Sleep(300);
    thread late = process_run_beside(plot, &outputs[2]);
    thread_join(early);
    thread_join(simulator);
    thread_join(late);
    CHECK_EQUAL(outputs[1].exit_code, 0);
    check_plot(&outputs[0], 90);
    check_plot(&outputs[2], 90);
}

/* Frames only go forward, and are whole: size and pixels follow from the number. */
static void check_views(const struct process_output *output, unsigned count)
{
    const char *line = output->out;
    unsigned long long last = 0;
    CHECK_EQUAL(output->exit_code, 0);
    for (unsigned i = 0; i < count; i++) {
        unsigned long long frame = 0;
        unsigned width = 0;
        double grey = 0;
        CHECK(sscanf(line, "frame %llu: %u x 480, grey %lf", &frame, &width, &grey) == 3);
        CHECK(i == 0 || frame > last);
        CHECK(width == 640 + frame % 100 && grey == (double)(frame % 256));
        last = frame;
        line = strchr(line, '\n') + 1;
    }
    CHECK(*line == 0);
}

static void viewers_look_at_the_camera(void)
{
    static struct process_output outputs[2], camera;
    two_follow(L"camera.exe", L"view 20", L"render 90", outputs, &camera);
    expect(&camera, "");
    check_views(&outputs[0], 20);
    check_views(&outputs[1], 20);
}

/* Each is higher than the one before; the first ones may have come before the user. */
static void check_temperatures(const struct process_output *output, unsigned count)
{
    const char *line = output->out;
    double last = 19;
    CHECK_EQUAL(output->exit_code, 0);
    for (unsigned i = 0; i < count; i++) {
        double celsius = 0;
        CHECK(sscanf(line, "%lf degrees", &celsius) == 1);
        CHECK(celsius > last);
        last = celsius;
        line = strchr(line, '\n') + 1;
    }
    CHECK(*line == 0);
}

/* As the user of a service that is still to start: it may not write, and is woken all the same. */
static int be_a_user(char **arguments)
{
    static struct process_output output;
    WCHAR line[2 * MAX_PATH];
    (void)arguments;
    process_run(command(L"service.exe", L"follow 5", line), "", NULL, &output);
    check_temperatures(&output, 5);
    CHECK(OpenSharedMem(L"Global\\temperature", 0, 0, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    process_run(command(L"service.exe", L"publish 1", line), "", NULL, &output);
    CHECK_EQUAL(output.exit_code, 1);
    CHECK(strcmp(output.out, "error 5\r\n") == 0);
    return 0;
}

static void users_follow_a_service(void)
{
    static struct process_output output;
    WCHAR line[2 * MAX_PATH];
    HANDLE user = process_start_self_as_user(L"user");
    Sleep(300);
    thread service = process_run_beside(command(L"service.exe", L"publish 20", line), &output);
    HSHAREDMEM region;
    while ((region = OpenSharedMem(L"Global\\temperature", 0, 0, NULL)) == NULL) {
        CHECK_EQUAL(GetLastError(), ERROR_FILE_NOT_FOUND);
        Sleep(1);
    }
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    do { /* the user waits, without polling */
        Sleep(1);
        CHECK(QuerySharedMem(region, &info));
    } while (info.waiters == 0);
    CHECK_EQUAL(process_finish(user), 0);
    thread_join(service);
    CHECK(CloseSharedMem(region));
    expect(&output, "");
}

static const struct role roles[] = {{"user", be_a_user}};

int main(int argc, char **argv)
{
    check_deadline(60);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    hellos_greet();
    counters_count();
    objects_share_and_throw();
    dashboards_follow_the_simulator();
    loops_show_changes();
    recorders_lose_no_frame();
    viewers_look_at_the_camera();
    users_follow_a_service();
    return check_passed();
}
