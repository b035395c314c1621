#define _POSIX_C_SOURCE 200809L

#include "thread.h"

#include "check.h"

#include <stdlib.h>

#ifdef _WIN32

#include <windows.h>

struct thread {
    HANDLE handle;
    void (*run)(void *argument);
    void *argument;
};

static DWORD WINAPI enter(void *argument)
{
    thread self = argument;
    self->run(self->argument);
    return 0;
}

thread thread_start(void (*run)(void *argument), void *argument)
{
    thread started = malloc(sizeof *started);
    CHECK(started != NULL);
    *started = (struct thread){.run = run, .argument = argument};
    started->handle = CreateThread(NULL, 0, enter, started, 0, NULL);
    CHECK(started->handle != NULL);
    return started;
}

void thread_join(thread started)
{
    CHECK(WaitForSingleObject(started->handle, INFINITE) == WAIT_OBJECT_0);
    CloseHandle(started->handle);
    free(started);
}

void thread_yield(void)
{
    SwitchToThread();
}

void thread_sleep(unsigned milliseconds)
{
    Sleep(milliseconds);
}

#else

#include <pthread.h>
#include <sched.h>
#include <time.h>

struct thread {
    pthread_t id;
    void (*run)(void *argument);
    void *argument;
};

static void *enter(void *argument)
{
    thread self = argument;
    self->run(self->argument);
    return NULL;
}

thread thread_start(void (*run)(void *argument), void *argument)
{
    thread started = malloc(sizeof *started);
    CHECK(started != NULL);
    *started = (struct thread){.run = run, .argument = argument};
    CHECK(pthread_create(&started->id, NULL, enter, started) == 0);
    return started;
}

void thread_join(thread started)
{
    CHECK(pthread_join(started->id, NULL) == 0);
    free(started);
}

void thread_yield(void)
{
    sched_yield();
}

void thread_sleep(unsigned milliseconds)
{
    struct timespec time = {
        .tv_sec = (time_t)(milliseconds / 1000),
        .tv_nsec = (long)(milliseconds % 1000) * 1000000,
    };
    nanosleep(&time, NULL);
}

#endif
