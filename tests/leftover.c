/* A test that ends leaves no process behind, not even one that it started and forgot. */
#include "check.h"
#include "process.h"

#include <string.h>

#define ALIVE L"sharedmem-test-leftover-alive"

int main(int argc, char **argv)
{
    check_deadline(30);
    if (argc > 1 && strcmp(argv[1], "forget") == 0) {
        HANDLE alive = OpenEventW(SYNCHRONIZE, FALSE, ALIVE);
        CHECK(alive != NULL);
        process_start_self(L"linger");
        CHECK(WaitForSingleObject(alive, INFINITE) == WAIT_OBJECT_0);
        CHECK(argc == 0); /* fails, with the child still there */
    }
    if (argc > 1) {
        HANDLE alive = OpenEventW(EVENT_MODIFY_STATE, FALSE, ALIVE);
        HANDLE mutex = CreateMutexW(NULL, TRUE, ALIVE L"-child");
        CHECK(alive != NULL && mutex != NULL);
        CHECK(SetEvent(alive));
        Sleep(INFINITE);
    }

    HANDLE alive = CreateEventW(NULL, TRUE, FALSE, ALIVE);
    CHECK(alive != NULL);
    CHECK(process_finish(process_start_self(L"forget")) != 0);
    CHECK(WaitForSingleObject(alive, 0) == WAIT_OBJECT_0); /* the child did live */
    for (HANDLE mutex; (mutex = OpenMutexW(SYNCHRONIZE, FALSE, ALIVE L"-child")) != NULL;) {
        CloseHandle(mutex); /* its name goes with its process */
        Sleep(10);
    }
    return check_passed();
}
