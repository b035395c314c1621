#include "owner_token.h"

/*
 * Caches the upper half of each thread's token. Where the process has no slot left, this is
 * TLS_OUT_OF_INDEXES, which no function accepts, and the system is asked each time.
 */
static DWORD cache = TLS_OUT_OF_INDEXES;

void owner_token_attach(void)
{
    cache = TlsAlloc();
}

void owner_token_detach(void)
{
    TlsFree(cache);
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

uint64_t owner_token_self(void)
{
    DWORD creation = (DWORD)(ULONG_PTR)TlsGetValue(cache);
    if (creation == 0) {
        creation = creation_of(GetCurrentThread());
        TlsSetValue(cache, (void *)(ULONG_PTR)creation);
    }
    return (uint64_t)creation << 32 | GetCurrentThreadId();
}

bool owner_token_is_alive(uint64_t token)
{
    HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE,
                               owner_token_thread_id(token));
    if (thread == NULL) {
        return GetLastError() != ERROR_INVALID_PARAMETER;
    }
    DWORD claimed = (DWORD)(token >> 32);
    DWORD creation = creation_of(thread);
    bool alive =
        (creation == 0 || creation == claimed) && WaitForSingleObject(thread, 0) != WAIT_OBJECT_0;
    CloseHandle(thread);
    return alive;
}
