/*
 * A program that was built for version 1.0, with its header, which stands beside: whatever the DLL
 * has learned since, it finds what it was promised.
 */
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME L"sharedmem-test-client-1-0"

/* That header's, whatever is newer. */
_Static_assert(sizeof(SHARED_MEM_INFO) == 40, "the structure of version 1.0");

static void check(int line, BOOL holds)
{
    if (!holds) {
        fprintf(stderr, "client.c:%d: failed (last error %lu)\n", line, GetLastError());
        exit(1);
    }
}

#define CHECK(condition) check(__LINE__, (condition))

static void use_text(void)
{
    WCHAR text[SHARED_MEM_TEXT_CCH];
    ULONGLONG before, version;
    SIZE_T size = sizeof text;
    CHECK(ReadSharedMem(SHARED_MEM_TEXT, text, &size, &before));
    SetSharedMem(L"This is a test string");
    CHECK(GetLastError() == ERROR_SUCCESS);
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    CHECK(GetLastError() == ERROR_SUCCESS && lstrcmpW(text, L"This is a test string") == 0);
    size = sizeof text;
    CHECK(ReadSharedMem(SHARED_MEM_TEXT, text, &size, &version));
    CHECK(size == 22 * sizeof(WCHAR) && version > before);
    GetSharedMem(text, 5);
    CHECK(GetLastError() == ERROR_MORE_DATA && lstrcmpW(text, L"This") == 0);
}

/* What is behind the structure, where that of a later version goes on. */
struct queried {
    SHARED_MEM_INFO info;
    unsigned char behind[64];
};

static void query(HSHAREDMEM region, DWORD flags, ULONGLONG size, ULONGLONG version)
{
    struct queried queried;
    memset(&queried, 0xA5, sizeof queried);
    queried.info.cbSize = sizeof queried.info;
    CHECK(QuerySharedMem(region, &queried.info));
    CHECK(queried.info.cbSize == sizeof queried.info && queried.info.flags == flags);
    CHECK(queried.info.capacity == 100 && queried.info.size == size);
    CHECK(queried.info.version == version);
    CHECK(queried.info.writer == 0 && queried.info.waiters == 0);
    for (size_t i = 0; i < sizeof queried.behind; i++) {
        CHECK(queried.behind[i] == 0xA5);
    }
}

static void use_region(void)
{
    char buffer[100];
    SIZE_T size = sizeof buffer;
    ULONGLONG version = 1;
    HSHAREDMEM region = OpenSharedMem(NAME, 100, 0, NULL);
    CHECK(region != NULL);
    HSHAREDMEM reader = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL);
    CHECK(reader != NULL);
    CHECK(ReadSharedMem(reader, buffer, &size, &version) && size == 0 && version == 0);
    query(region, 0, 0, 0);

    CHECK(WriteSharedMem(region, "value", 5, &version) && version == 1);
    CHECK(WaitSharedMem(reader, 0, INFINITE));
    size = sizeof buffer;
    CHECK(ReadSharedMem(reader, buffer, &size, &version));
    CHECK(size == 5 && memcmp(buffer, "value", 5) == 0 && version == 1);
    CHECK(ReplaceSharedMem(region, "other", 5, &version) && version == 2);
    version = 1;
    CHECK(!ReplaceSharedMem(region, "late", 4, &version));
    CHECK(GetLastError() == ERROR_REVISION_MISMATCH && version == 2);
    CHECK(!WaitSharedMem(region, 2, 0) && GetLastError() == ERROR_TIMEOUT);
    query(reader, SHARED_MEM_READ_ONLY, 5, 2);
    CHECK(!WriteSharedMem(reader, "no", 2, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(!WriteSharedMem(region, buffer, 101, NULL));
    CHECK(GetLastError() == ERROR_INSUFFICIENT_BUFFER);
    CHECK(OpenSharedMem(NAME, 101, 0, NULL) == NULL);
    CHECK(GetLastError() == ERROR_INSUFFICIENT_BUFFER);

    CHECK(CloseSharedMem(reader) && CloseSharedMem(region));
    CHECK(!CloseSharedMem(region) && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(OpenSharedMem(NAME, 0, 0, NULL) == NULL && GetLastError() == ERROR_FILE_NOT_FOUND);
}

int main(void)
{
    CHECK(SharedMemVersion() >= 0x00010000);
    use_text();
    use_region();
    puts("passed");
    return 0;
}
