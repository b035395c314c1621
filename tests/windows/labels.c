/*
 * "Mandatory Integrity Control": a process writes to an object with a label only if its own is as
 * high, and an object without a label counts as medium. So the events of a region that is labelled
 * low need that label, too, or a low writer cannot wake a medium waiter. Wine neither enforces
 * labels nor tells a section's: here the system's answer is imposed, and what the DLL makes of it
 * is looked at.
 */
#include "check.h"
#include "imports.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NAME L"sharedmem-test-labels"

enum { ENTRIES = 150, ENTRY_CCH = 32 }; /* of some 20 bytes: more than 2 KB */

static const WCHAR *section_has;                   /* a security descriptor string */
static bool label_is_refused;                      /* when an event is created with one */
static WCHAR event_got[(ENTRIES + 1) * ENTRY_CCH]; /* the last event's list, as such a string */
static DWORD event_level;                          /* and its integrity level */

/* GetKernelObjectSecurity: what is asked for, in one piece, if there is room for it. */
static BOOL WINAPI get_security(HANDLE object, SECURITY_INFORMATION what,
                                SECURITY_DESCRIPTOR *descriptor, DWORD size, DWORD *needed)
{
    PSECURITY_DESCRIPTOR made;
    (void)object;
    CHECK((what & DACL_SECURITY_INFORMATION) != 0);
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(section_has, SDDL_REVISION_1, &made,
                                                               needed));
    BOOL fits = *needed <= size;
    if (fits) {
        memcpy(descriptor, made, *needed);
        if ((what & LABEL_SECURITY_INFORMATION) == 0) {
            ((SECURITY_DESCRIPTOR_RELATIVE *)(void *)descriptor)->Control &=
                (SECURITY_DESCRIPTOR_CONTROL)~SE_SACL_PRESENT;
        }
    } else {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
    }
    LocalFree(made);
    return fits;
}

/* The integrity level in a descriptor's label, which Wine does not put into words; 0: no label. */
static DWORD level_of(PSECURITY_DESCRIPTOR descriptor)
{
    BOOL present, defaulted;
    ACL *list;
    SYSTEM_MANDATORY_LABEL_ACE *label;
    CHECK(GetSecurityDescriptorSacl(descriptor, &present, &list, &defaulted));
    if (!present) {
        return 0;
    }
    CHECK_EQUAL(list->AceCount, 1);
    CHECK(GetAce(list, 0, (void **)&label));
    CHECK_EQUAL(label->Header.AceType, SYSTEM_MANDATORY_LABEL_ACE_TYPE);
    CHECK_EQUAL(label->Mask, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP);
    return *GetSidSubAuthority(&label->SidStart, 0);
}

static FARPROC WINAPI get_proc_address(HMODULE module, const char *name)
{
    return strcmp(name, "GetKernelObjectSecurity") == 0 ? (FARPROC)(imports_function)get_security
                                                        : GetProcAddress(module, name);
}

static HANDLE WINAPI create_event(SECURITY_ATTRIBUTES *attributes, const WCHAR *name, DWORD flags,
                                  DWORD access)
{
    WCHAR *text;
    CHECK(attributes != NULL);
    CHECK(ConvertSecurityDescriptorToStringSecurityDescriptorW(
        attributes->lpSecurityDescriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, NULL));
    CHECK(wcslen(text) < ARRAYSIZE(event_got));
    wcscpy(event_got, text);
    LocalFree(text);
    event_level = level_of(attributes->lpSecurityDescriptor);
    if (label_is_refused && event_level != 0) {
        SetLastError(ERROR_PRIVILEGE_NOT_HELD);
        return NULL;
    }
    return CreateEventExW(NULL, name, flags, access);
}

static const struct import replacements[] = {
    IMPORT("GetProcAddress", get_proc_address),
    IMPORT("CreateEventExW", create_event),
};

/* What an event gets when the section has that. */
static void expect(const WCHAR *section, const WCHAR *event, DWORD level)
{
    section_has = section;
    event_got[0] = 0;
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HSHAREDMEM region = library.open(NAME, 10, 0, NULL);
    CHECK(region != NULL);
    CHECK(!library.wait(region, 0, 1));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    if (wcscmp(event_got, event) != 0) {
        printf("%ls, but should be %ls\n", event_got, event);
    }
    CHECK(wcscmp(event_got, event) == 0);
    CHECK_EQUAL(event_level, level);
    CHECK(library.close(region));
    imports_unload(&library);
}

#define WRITER L"(A;;0x100002;;;WD)"

static WCHAR *repeat(const WCHAR *list, const WCHAR *entry)
{
    WCHAR *text = calloc((ENTRIES + 1) * ENTRY_CCH, sizeof *text);
    CHECK(text != NULL);
    wcscpy(text, list);
    for (int i = 0; i < ENTRIES; i++) {
        wcscat(text, entry);
    }
    return text;
}

int main(void)
{
    check_deadline(30);
    expect(L"D:(A;;GA;;;WD)", L"D:" WRITER, 0);
    expect(L"D:(A;;GA;;;WD)S:(ML;;NW;;;LW)", L"D:" WRITER, SECURITY_MANDATORY_LOW_RID);
    label_is_refused = true; /* without one, it wakes those that it can */
    expect(L"D:(A;;GA;;;WD)S:(ML;;NW;;;HI)", L"D:" WRITER, 0);
    label_is_refused = false;
    expect(repeat(L"D:", L"(A;;GA;;;WD)"), repeat(L"D:", WRITER), 0);
    return check_passed();
}
