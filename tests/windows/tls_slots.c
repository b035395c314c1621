/*
 * "TEB structure": its TlsSlots "may be altered in future versions of Windows", and only the first
 * 64 of a process's slots are there. Where the DLL's slot is elsewhere, it calls TlsGetValue, which
 * "calls SetLastError to clear the thread's last error".
 */
#include "check.h"
#include "imports.h"
#include "thread.h"

#define NAME L"sharedmem-test-tls-slots"

enum { IN_TEB = 64, ROUNDS = 2000, KEPT = 1234 };

static DWORD elsewhere; /* a slot of this program */

static BOOL WINAPI set_elsewhere(DWORD slot, void *value)
{
    (void)slot;
    return TlsSetValue(elsewhere, value);
}

static void *WINAPI get_elsewhere(DWORD slot)
{
    (void)slot;
    return TlsGetValue(elsewhere);
}

static const struct import moved[] = {
    IMPORT("TlsSetValue", set_elsewhere),
    IMPORT("TlsGetValue", get_elsewhere),
};

static struct library library;
static HSHAREDMEM region;

static void count(void *unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        ULONGLONG number, version;
        bool replaced;
        do {
            SIZE_T size = sizeof number;
            number = 0;
            SetLastError(KEPT);
            CHECK(library.read(region, &number, &size, &version));
            number++;
            replaced = library.replace(region, &number, sizeof number, &version);
            CHECK_EQUAL(GetLastError(), replaced ? KEPT : ERROR_REVISION_MISMATCH);
        } while (!replaced);
    }
}

/* Threads exclude each other, and keep their last error. */
static void check(const struct import *replacements, size_t replaced)
{
    library = imports_load(replacements, replaced);
    region = library.open(NAME, sizeof(ULONGLONG), 0, NULL);
    CHECK(region != NULL);
    thread threads[] = {thread_start(count, NULL), thread_start(count, NULL)};
    thread_join(threads[0]);
    thread_join(threads[1]);
    ULONGLONG number = 0;
    SIZE_T size = sizeof number;
    CHECK(library.read(region, &number, &size, NULL));
    CHECK_EQUAL(number, 2 * ROUNDS);
    CHECK(library.close(region));
    imports_unload(&library);
}

int main(void)
{
    check_deadline(60);
    elsewhere = TlsAlloc();
    CHECK(elsewhere != TLS_OUT_OF_INDEXES);
    check(NULL, 0);
    check(moved, ARRAYSIZE(moved));
    for (int i = 0; i < IN_TEB; i++) { /* and the next is not there */
        CHECK(TlsAlloc() != TLS_OUT_OF_INDEXES);
    }
    check(NULL, 0);
    return check_passed();
}
