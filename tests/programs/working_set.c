/*
 * What `child --info` counts as shared and as private, page by page: of the DLL as it ships, and of
 * the view that it has of a section.
 */
#include "check.h"

#include "sharedmem.h"
#include "working_set.h"

#define NAME L"sharedmem-test-working-set"
#define PAGE 4096

/* A region, and its section: four slots, their records, and the control page. */
enum { CAPACITY = 3 * PAGE + 1, SLOT = 4 * PAGE, SECTION = 4 * SLOT + 2 * PAGE };

/* Touches the page of an address, and checks whether it is shared or private. */
static void check_page(const void *address, BOOL shared)
{
    struct working_set set;
    const char *page = (const char *)((ULONG_PTR)address & ~(ULONG_PTR)(PAGE - 1));
    (void)*(const volatile char *)page;
    CHECK(working_set_of_range(page, PAGE, &set));
    CHECK_EQUAL(set.size, PAGE);
    CHECK_EQUAL(set.shared, shared ? PAGE : 0);
    CHECK_EQUAL(set.own, shared ? 0 : PAGE);
}

static void only_written_pages_of_the_dll_are_private(void)
{
    struct working_set before, after;
    DWORD protection;
    HMODULE dll = GetModuleHandleW(L"sharedmem.dll");
    CHECK(dll != NULL);
    void *code = (void *)(ULONG_PTR)GetProcAddress(dll, "WriteSharedMem");
    HRSRC version = FindResourceW(dll, MAKEINTRESOURCEW(1), MAKEINTRESOURCEW(16)); /* RT_VERSION */
    CHECK(version != NULL);
    char *data = LockResource(LoadResource(dll, version));
    CHECK(code != NULL && data != NULL);

    check_page(code, TRUE);
    check_page(data, TRUE);
    CHECK(working_set_of_module(dll, &before));
    CHECK(before.size >= before.shared + before.own);
    CHECK(before.own > 0); /* the system has written the addresses of imports, at least */

    CHECK(VirtualProtect(data, 1, PAGE_READWRITE, &protection));
    check_page(data, TRUE); /* it may be written to, and has not been */
    *(volatile char *)data = *data;
    check_page(data, FALSE);
    check_page(code, TRUE);
    CHECK(VirtualProtect(data, 1, protection, &protection));
    CHECK(working_set_of_module(dll, &after));
    CHECK_EQUAL(after.size, before.size);
    CHECK_EQUAL(after.own, before.own + PAGE);
    CHECK_EQUAL(after.shared, before.shared - PAGE);
}

static void untouched_pages_are_neither(void)
{
    enum { COUNT = 400 };
    struct working_set set;
    char *pages = VirtualAlloc(NULL, COUNT * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK(pages != NULL);
    CHECK(working_set_of_range(pages, COUNT * PAGE, &set));
    CHECK(set.size == COUNT * PAGE && set.shared == 0 && set.own == 0);
    pages[0] = pages[300 * PAGE] = pages[(COUNT - 1) * PAGE] = 1;
    CHECK(working_set_of_range(pages, COUNT * PAGE, &set));
    CHECK(set.size == COUNT * PAGE && set.shared == 0);
    CHECK(set.own >= 3 * PAGE && set.own < COUNT * PAGE); /* the system may add neighbours */
    CHECK(VirtualFree(pages, 0, MEM_RELEASE));
}

static void a_section_is_shared(BOOL read_only)
{
    static char value[CAPACITY];
    struct working_set set;
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    SIZE_T size = sizeof value;
    HSHAREDMEM region = OpenSharedMem(NAME, CAPACITY, 0, NULL);
    CHECK(region != NULL);
    CHECK(WriteSharedMem(region, value, sizeof value, NULL));
    HSHAREDMEM reader = read_only ? OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL) : region;
    CHECK(reader != NULL);
    CHECK(ReadSharedMem(reader, value, &size, NULL));
    CHECK(QuerySharedMem(reader, &info));
    CHECK(working_set_of_view(info.address, &set));
    CHECK_EQUAL(set.size, SECTION);
    CHECK(set.shared >= SLOT + 2 * PAGE && set.shared <= set.size); /* what has been touched */
    CHECK_EQUAL(set.own, 0);
    CHECK(CloseSharedMem(region));
    CHECK(reader == region || CloseSharedMem(reader));
}

int main(void)
{
    check_deadline(60);
    only_written_pages_of_the_dll_are_private();
    untouched_pages_are_neither();
    a_section_is_shared(FALSE);
    a_section_is_shared(TRUE);
    return check_passed();
}
