#include "writer_lock.h"

#include "atomic.h"

enum {
    SPINS = 100,       /* a write of a text takes well under a microsecond */
    YIELDS = 10,       /* rounds of spinning until the owner's life is in doubt */
    TIMEOUT_MS = 5000, /* never for ever */
};

/*
 * Holds the upper half of each thread's identity. Where the process has run out of slots, it is
 * TLS_OUT_OF_INDEXES, which no function accepts, and identities are asked for each time.
 */
static DWORD identity_slot = TLS_OUT_OF_INDEXES;

void writer_lock_attach(void)
{
    identity_slot = TlsAlloc();
}

void writer_lock_detach(void)
{
    TlsFree(identity_slot);
}

/* The creation time's low half as the lock holds it, never 0; 0 if the system does not tell. */
static DWORD creation_of(HANDLE thread)
{
    FILETIME creation, exit, kernel, user;
    if (!GetThreadTimes(thread, &creation, &exit, &kernel, &user)) {
        return 0;
    }
    return creation.dwLowDateTime != 0 ? creation.dwLowDateTime : 1;
}

static uint64_t own_identity(void)
{
    DWORD creation = (DWORD)(ULONG_PTR)TlsGetValue(identity_slot);
    if (creation == 0) {
        creation = creation_of(GetCurrentThread());
        TlsSetValue(identity_slot, (void *)(ULONG_PTR)creation);
    }
    return (uint64_t)creation << 32 | GetCurrentThreadId();
}

/* Whoever may not be looked at counts as alive: nothing may be taken from the living. */
static bool is_alive(uint64_t identity)
{
    HANDLE thread =
        OpenThread(THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, (DWORD)identity);
    if (thread == NULL) {
        return GetLastError() != ERROR_INVALID_PARAMETER;
    }
    DWORD creation = creation_of(thread);
    bool alive = (creation == 0 || creation == (DWORD)(identity >> 32)) &&
                 WaitForSingleObject(thread, 0) != WAIT_OBJECT_0;
    CloseHandle(thread);
    return alive;
}

static bool acquire_contended(uint64_t *lock, uint64_t self)
{
    ULONGLONG deadline = GetTickCount64() + TIMEOUT_MS;

    for (unsigned round = 0;; round++) {
        uint64_t owner = 0;
        for (unsigned spin = 0; spin < SPINS; spin++) {
            owner = atomic_load_relaxed(lock);
            if (owner == self) {
                return true;
            }
            if (owner == 0 && atomic_compare_exchange_acquire(lock, 0, self)) {
                return true;
            }
            atomic_pause();
        }
        if (round < YIELDS) {
            SwitchToThread();
            continue;
        }
        /* Of the dead, every store was visible before the system told us of the death. */
        if (owner != 0 && !is_alive(owner) && atomic_compare_exchange_acquire(lock, owner, self)) {
            return true;
        }
        if (GetTickCount64() >= deadline) {
            return false;
        }
        Sleep(1);
    }
}

bool writer_lock_acquire(uint64_t *lock)
{
    uint64_t self = own_identity();
    /* Acquire, pairs with the release in writer_lock_release: the last owner's writes are seen. */
    return atomic_compare_exchange_acquire(lock, 0, self) || acquire_contended(lock, self);
}

void writer_lock_release(uint64_t *lock)
{
    /*
     * Release would do for the lock. Sequentially consistent, because the writer then looks whether
     * anybody waits: its publication must be visible before that look, or both sides miss each
     * other.
     */
    atomic_exchange_seq_cst(lock, 0);
}
