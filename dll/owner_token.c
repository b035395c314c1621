#include "owner_token.h"

#include "atomic.h"
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

/* The upper half of a token, never 0; 0 or 1 if the system does not tell. */
static DWORD creation_of_thread(HANDLE thread)
{
    FILETIME creation, exit, kernel, user;
    if (!GetThreadTimes(thread, &creation, &exit, &kernel, &user)) {
        return 0;
    }
    DWORD even = creation.dwLowDateTime & ~(DWORD)1;
    return even != 0 ? even : 2;
}

static DWORD creation_of_process(HANDLE process)
{
    FILETIME creation, exit, kernel, user;
    if (!GetProcessTimes(process, &creation, &exit, &kernel, &user)) {
        return 1;
    }
    return creation.dwLowDateTime | 1;
}

static NOT_INLINE void *make_and_store(void)
{
    DWORD last_error = GetLastError();
    uint64_t made = creation_of_thread(GetCurrentThread());
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

uint64_t owner_token_process(void)
{
    static uint64_t token;
    uint64_t made = atomic_load_relaxed(&token);
    if (made == 0) {
        made = (uint64_t)creation_of_process(GetCurrentProcess()) << 32 | GetCurrentProcessId();
        atomic_store_relaxed(&token, made);
    }
    return made;
}

/* Whether what was opened by the token's id, if anything was, is the token's and still runs. */
static bool is_alive(HANDLE opened, DWORD (*creation_of)(HANDLE), uint64_t token)
{
    if (opened == NULL) {
        return GetLastError() != ERROR_INVALID_PARAMETER;
    }
    DWORD claimed = (DWORD)(token >> 32);
    DWORD creation = creation_of(opened);
    bool alive =
        (creation <= 1 || creation == claimed) && WaitForSingleObject(opened, 0) != WAIT_OBJECT_0;
    CloseHandle(opened);
    return alive;
}

bool owner_token_is_alive(uint64_t token)
{
    HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE,
                               owner_token_thread_id(token));
    return is_alive(thread, creation_of_thread, token);
}

bool owner_token_process_is_alive(uint64_t token)
{
    HANDLE process =
        OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, (DWORD)token);
    return is_alive(process, creation_of_process, token);
}
