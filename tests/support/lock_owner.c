#include "lock_owner.h"

#include "check.h"

#include <sddl.h>

/* A process that may debug opens any thread, and a test may inherit that privilege. */
static void give_up_debugging(void)
{
    TOKEN_PRIVILEGES disabled = {.PrivilegeCount = 1};
    HANDLE token;
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token));
    CHECK(LookupPrivilegeValueW(NULL, SE_DEBUG_NAME, &disabled.Privileges[0].Luid));
    CHECK(AdjustTokenPrivileges(token, FALSE, &disabled, 0, NULL, NULL));
    CloseHandle(token);
}

uint64_t lock_owner_token(HANDLE thread)
{
    FILETIME creation, exit, kernel, user;
    CHECK(GetThreadTimes(thread, &creation, &exit, &kernel, &user));
    return (uint64_t)(creation.dwLowDateTime & ~1u) << 32 | GetThreadId(thread);
}

static DWORD WINAPI sleep_for_ever(void *unused)
{
    (void)unused;
    SleepEx(INFINITE, TRUE);
    return 0;
}

static void CALLBACK exit_thread(ULONG_PTR unused)
{
    (void)unused;
    ExitThread(0);
}

HANDLE lock_owner_start(const WCHAR *access_control, uint64_t *identity)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    if (access_control != NULL) {
        give_up_debugging();
        CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
            access_control, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL));
    }
    HANDLE thread = CreateThread(&security, 0, sleep_for_ever, NULL, 0, NULL);
    LocalFree(security.lpSecurityDescriptor);
    CHECK(thread != NULL);
    *identity = lock_owner_token(thread);
    return thread;
}

void lock_owner_end(HANDLE thread)
{
    /* Terminating a 32-bit thread may end the process in Wine 8, with exit code 0. */
    CHECK(QueueUserAPC(exit_thread, thread, 0) != 0);
    CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
}
