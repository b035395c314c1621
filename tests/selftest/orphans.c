/* A test that ends leaves no process behind, not even one that it started and forgot. */
#include "check.h"
#include "process.h"
#include "roles.h"

#define ALIVE L"sharedmem-test-orphans-alive"

/* Fails, with its child still there. */
static int forget(char **arguments)
{
    HANDLE alive = OpenEventW(SYNCHRONIZE, FALSE, ALIVE);
    CHECK(alive != NULL);
    process_start_self(L"linger");
    CHECK(WaitForSingleObject(alive, INFINITE) == WAIT_OBJECT_0);
    CHECK(arguments == NULL);
    return 0;
}

static int linger(char **arguments)
{
    HANDLE alive = OpenEventW(EVENT_MODIFY_STATE, FALSE, ALIVE);
    HANDLE mutex = CreateMutexW(NULL, TRUE, ALIVE L"-child");
    (void)arguments;
    CHECK(alive != NULL && mutex != NULL);
    CHECK(SetEvent(alive));
    Sleep(INFINITE);
    return 0;
}

static const struct role roles[] = {{"forget", forget}, {"linger", linger}};

int main(int argc, char **argv)
{
    check_deadline(30);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
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
