/*
 * Access control: a process that may only read cannot write, nor contend for the lock. It is woken.
 *
 * Wine checks the lists of sections and events, and that is what is tested here. What only Windows
 * shows: default lists, restricted tokens, integrity levels, sessions, the privilege that it takes
 * to create a region whose name begins with "Global\", and that waiting takes the right to
 * (Wine lets every process wait that may open).
 */
#include "check.h"
#include "process.h"
#include "query.h"
#include "roles.h"
#include "thread.h"

#include "sharedmem.h"

#include <sddl.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-access"
#define EVENT NAME L".waiter.00"
#define WRITERS_EVENT NAME L".writer.00"
#define QUERY_AND_READ L"0x0005"
#define QUERY_READ_AND_WRITE L"0x0007"

enum { CONTENDED = 1 << 20 }; /* bytes, for writes that meet */

static HSHAREDMEM create_with(const WCHAR *access_control, SIZE_T capacity)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
        access_control, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL));
    HSHAREDMEM region = OpenSharedMem(NAME, capacity, 0, &security);
    LocalFree(security.lpSecurityDescriptor);
    CHECK(region != NULL);
    return region;
}

static void fail_to_open(SIZE_T capacity, DWORD flags, DWORD error)
{
    CHECK(OpenSharedMem(NAME, capacity, flags, NULL) == NULL);
    CHECK_EQUAL(GetLastError(), error);
}

static void fail_to_open_event(DWORD access)
{
    CHECK(OpenEventW(access, FALSE, EVENT) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
}

static void wait_once(HSHAREDMEM region)
{
    CHECK(!WaitSharedMem(region, 1, 1));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
}

static void readers_can_only_read(void)
{
    HSHAREDMEM creator = create_with(L"D:(A;;" QUERY_AND_READ L";;;WD)", 16);
    CHECK(WriteSharedMem(creator, "value", 5, NULL)); /* its handle is from creating */
    wait_once(creator);                               /* creates an event */

    fail_to_open(0, 0, ERROR_ACCESS_DENIED);
    fail_to_open(16, 0, ERROR_ACCESS_DENIED);

    HSHAREDMEM reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(reader != NULL);
    char value[16];
    SIZE_T size = sizeof value;
    CHECK(ReadSharedMem(reader, value, &size, NULL));
    CHECK(size == 5 && memcmp(value, "value", 5) == 0);
    CHECK(!WriteSharedMem(reader, "other", 5, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    wait_once(reader);
    CHECK(CloseSharedMem(reader) && CloseSharedMem(creator));
}

static void wait_until_armed(HSHAREDMEM region)
{
    do {
        Sleep(1);
    } while (query(region).waiters == 0);
}

/* A reader arms itself, and is woken, though it cannot write; whichever process comes first. */
static void readers_are_woken(void)
{
    HSHAREDMEM creator = create_with(L"D:(A;;" QUERY_AND_READ L";;;WD)", 16);
    for (int round = 0; round < 3; round++) {
        HANDLE reader = process_start_self(L"be-woken");
        wait_until_armed(creator);
        CHECK(WriteSharedMem(creator, "value", 5, NULL));
        CHECK_EQUAL(process_finish(reader), 0);
    }
    CHECK(CloseSharedMem(creator));
}

static int be_woken(char **arguments)
{
    (void)arguments;
    HSHAREDMEM reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(reader != NULL);
    CHECK(WaitSharedMem(reader, query(reader).version, INFINITE));
    return 0;
}

static volatile LONG over;

static void contend(void *region)
{
    static char value[CONTENDED];
    while (!over) {
        CHECK(WriteSharedMem(region, value, sizeof value, NULL));
    }
}

/* The events of contenders for the lock are for those only who may write. */
static void readers_cannot_contend(void)
{
    HSHAREDMEM creator = create_with(L"D:(A;;" QUERY_AND_READ L";;;WD)", CONTENDED);
    thread writers[] = {thread_start(contend, creator), thread_start(contend, creator)};
    HANDLE event;
    do {
        Sleep(1);
        event = OpenEventW(EVENT_MODIFY_STATE, FALSE, WRITERS_EVENT);
    } while (event == NULL && GetLastError() == ERROR_FILE_NOT_FOUND);
    CHECK(event == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    over = 1;
    thread_join(writers[0]);
    thread_join(writers[1]);
    CHECK(CloseSharedMem(creator));
}

static void writers_share_the_events(const WCHAR *access_control)
{
    HSHAREDMEM creator = create_with(access_control, 16);
    CHECK(WriteSharedMem(creator, "value", 5, NULL));
    process_check_role(L"wait-and-check-event"); /* the event's creator need not be the region's */

    wait_once(creator);
    HANDLE event = OpenEventW(SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, EVENT);
    CHECK(event != NULL);
    CloseHandle(event);
    fail_to_open_event(EVENT_ALL_ACCESS); /* its list is for others to keep to, not to change */
    CHECK(CloseSharedMem(creator));
}

/* A process that gave no security attributes, and yet is bound to the region's. */
static int wait_and_check_event(char **arguments)
{
    (void)arguments;
    HSHAREDMEM region = OpenSharedMem(NAME, 16, 0, NULL);
    CHECK(region != NULL);
    wait_once(region);
    HANDLE event = OpenEventW(SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, EVENT);
    CHECK(event != NULL);
    return 0;
}

static void no_other_process_gets_in(void)
{
    HSHAREDMEM creator = create_with(L"D:", 16);
    fail_to_open(16, 0, ERROR_ACCESS_DENIED);
    fail_to_open(0, SHARED_MEM_READ_ONLY, ERROR_ACCESS_DENIED);
    CHECK(WriteSharedMem(creator, "value", 5, NULL));
    wait_once(creator);
    fail_to_open_event(EVENT_MODIFY_STATE);
    CHECK(CloseSharedMem(creator));
}

/* A region with a list that allows everything, or with no list, for which the system has one. */
static void writers_need_no_list(BOOL allow_everything)
{
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security,
                                    .lpSecurityDescriptor = &descriptor};
    CHECK(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
    CHECK(!allow_everything || SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    HSHAREDMEM creator = OpenSharedMem(NAME, 16, 0, &security);
    CHECK(creator != NULL && WriteSharedMem(creator, "value", 5, NULL));
    process_check_role(L"wait-and-check-event");
    wait_once(creator);
    HANDLE event = OpenEventW(
        allow_everything ? EVENT_ALL_ACCESS : SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, EVENT);
    CHECK(event != NULL);
    CloseHandle(event);
    CHECK(CloseSharedMem(creator));
}

/* Starts this program such that it inherits handles, and leaves the region alone. */
static HANDLE start_heir(void)
{
    WCHAR self[MAX_PATH], command_line[2 * MAX_PATH];
    swprintf(command_line, ARRAYSIZE(command_line), L"\"%ls\" linger",
             process_sibling(L"access.exe", self));
    return process_start_heir(command_line);
}

/* A region lives on in a child that inherited it, if its creator asked for that, and only then. */
static void regions_are_inherited_on_request(BOOL inheritable)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security, .bInheritHandle = inheritable};
    HSHAREDMEM creator = OpenSharedMem(NAME, 16, 0, &security);
    CHECK(creator != NULL && WriteSharedMem(creator, "value", 5, NULL));
    wait_once(creator); /* the event is inherited in no case */
    HANDLE heir = start_heir();
    CHECK(CloseSharedMem(creator));

    CHECK(OpenEventW(SYNCHRONIZE, FALSE, EVENT) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_FILE_NOT_FOUND);
    HSHAREDMEM again = OpenSharedMem(NAME, 0, 0, NULL);
    CHECK((again != NULL) == inheritable);
    CHECK(again == NULL || CloseSharedMem(again));
    process_kill(heir);
    fail_to_open(0, 0, ERROR_FILE_NOT_FOUND);
}

static int linger(char **arguments)
{
    (void)arguments;
    Sleep(INFINITE);
    return 0;
}

static const struct role roles[] = {
    {"be-woken", be_woken},
    {"wait-and-check-event", wait_and_check_event},
    {"linger", linger},
};

int main(int argc, char **argv)
{
    check_deadline(30);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    readers_can_only_read();
    readers_are_woken();
    readers_cannot_contend();
    writers_share_the_events(L"D:(A;;" QUERY_READ_AND_WRITE L";;;WD)");
    writers_share_the_events(L"D:(A;;GRGW;;;WD)");
    writers_share_the_events(L"D:(A;;GA;;;WD)");
    no_other_process_gets_in();
    writers_need_no_list(TRUE);
    writers_need_no_list(FALSE);
    regions_are_inherited_on_request(TRUE);
    regions_are_inherited_on_request(FALSE);
    return check_passed();
}
