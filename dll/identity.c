#include "identity.h"

/*
 * Holds the upper half of each thread's identity. Where the process has run out of slots, it is
 * TLS_OUT_OF_INDEXES, which no function accepts, and identities are asked for each time.
 */
static DWORD remembered = TLS_OUT_OF_INDEXES;

void identity_attach(void)
{
    remembered = TlsAlloc();
}

void identity_detach(void)
{
    TlsFree(remembered);
}

/* The creation time's low half, never 0; 0 if the system does not tell. */
static DWORD creation_of(HANDLE thread)
{
    FILETIME creation, exit, kernel, user;
    if (!GetThreadTimes(thread, &creation, &exit, &kernel, &user)) {
        return 0;
    }
    return creation.dwLowDateTime != 0 ? creation.dwLowDateTime : 1;
}

uint64_t identity_own(void)
{
    DWORD creation = (DWORD)(ULONG_PTR)TlsGetValue(remembered);
    if (creation == 0) {
        creation = creation_of(GetCurrentThread());
        TlsSetValue(remembered, (void *)(ULONG_PTR)creation);
    }
    return (uint64_t)creation << 32 | GetCurrentThreadId();
}

bool identity_is_alive(uint64_t identity)
{
    HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE,
                               identity_thread_id(identity));
    if (thread == NULL) {
        return GetLastError() != ERROR_INVALID_PARAMETER;
    }
    DWORD claimed = (DWORD)(identity >> 32);
    DWORD creation = creation_of(thread);
    bool alive =
        (creation == 0 || creation == claimed) && WaitForSingleObject(thread, 0) != WAIT_OBJECT_0;
    CloseHandle(thread);
    return alive;
}
