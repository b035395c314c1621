/* Threads, for tests that run natively as well as under Windows. */
#ifndef SHAREDMEM_TESTS_THREAD_H
#define SHAREDMEM_TESTS_THREAD_H

typedef struct thread *thread;

/* Both end the program if they fail. */
thread thread_start(void (*run)(void *argument), void *argument);
void thread_join(thread started);

void thread_yield(void);
void thread_sleep(unsigned milliseconds);

#endif
