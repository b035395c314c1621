#include "owner_token.h"

#include "compiler.h"

#include <winternl.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds" /* takes gs:[30h] for address 48: GCC bug 105523 */
#endif

/*
 * Caches each thread's token; where pointers have 32 bits, its upper half. Where the process has no
 * slot left, this is TLS_OUT_OF_INDEXES, which no function accepts, and the system is asked each
 * time.
 */
static DWORD slot = TLS_OUT_OF_INDEXES;

/*
 * Whether the slot is where <winternl.h> says: TlsGetValue takes as long as all else that a lock
 * costs beside its two locked instructions, as it clears the last error, which callers must keep.
 */
static bool slot_is_in_block;

static void *load_by_call(void)
{
    DWORD last_error = GetLastError();
    void *value = TlsGetValue(slot);
    SetLastError(last_error);
    return value;
}

static inline void *load(void)
{
    return slot_is_in_block ? NtCurrentTeb()->TlsSlots[slot] : load_by_call();
}

void owner_token_attach(void)
{
    slot = TlsAlloc();
    if (slot < ARRAYSIZE(NtCurrentTeb()->TlsSlots)) {
        void *mark = &slot;
        TlsSetValue(slot, mark);
        slot_is_in_block = NtCurrentTeb()->TlsSlots[slot] == mark;
        TlsSetValue(slot, NULL);
    }
}

void owner_token_detach(void)
{
    TlsFree(slot);
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

static NOT_INLINE void *make_and_store(void)
{
    DWORD last_error = GetLastError();
    uint64_t made = creation_of(GetCurrentThread());
#if defined(_WIN64)
    made = made << 32 | GetCurrentThreadId();
#endif
    TlsSetValue(slot, (void *)(uintptr_t)made);
    SetLastError(last_error);
    return (void *)(uintptr_t)made;
}

uint64_t owner_token_self(void)
{
    void *value = load();
    if (value == NULL) {
        value = make_and_store();
    }
#if defined(_WIN64)
    return (uintptr_t)value;
#else
    return (uint64_t)(uintptr_t)value << 32 | GetCurrentThreadId();
#endif
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
