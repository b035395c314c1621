/*
 * "Mandatory Integrity Control": a process writes to an object with a label only if its own is as
 * high, and an object without a label counts as medium. So the events of a region that is labelled
 * low, and its notify section, need that label, too, or a low writer cannot wake a medium waiter.
 * Wine neither enforces labels nor tells a section's: here the system's answer is imposed, and what
 * the DLL makes of it is looked at.
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

static const WCHAR *section_has; /* a security descriptor string */
static bool label_is_refused;    /* when an object is created with one */

/* What the last event and the last notify section got. */
struct got {
    WCHAR list[(ENTRIES + 1) * ENTRY_CCH]; /* a security descriptor string */
    DWORD level;                           /* of integrity */
};
static struct got event, notify;

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

/* FALSE: the system does not give objects that label, and the last error is set. */
static bool is_granted(struct got *got, const SECURITY_ATTRIBUTES *attributes)
{
    WCHAR *text;
    CHECK(attributes != NULL);
    CHECK(ConvertSecurityDescriptorToStringSecurityDescriptorW(
        attributes->lpSecurityDescriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, NULL));
    CHECK(wcslen(text) < ARRAYSIZE(got->list));
    wcscpy(got->list, text);
    LocalFree(text);
    got->level = level_of(attributes->lpSecurityDescriptor);
    if (label_is_refused && got->level != 0) {
        SetLastError(ERROR_PRIVILEGE_NOT_HELD);
        return false;
    }
    return true;
}

static HANDLE WINAPI create_event(SECURITY_ATTRIBUTES *attributes, const WCHAR *name, DWORD flags,
                                  DWORD access)
{
    return is_granted(&event, attributes) ? CreateEventExW(NULL, name, flags, access) : NULL;
}

static HANDLE WINAPI create_file_mapping(HANDLE file, SECURITY_ATTRIBUTES *attributes,
                                         DWORD protection, DWORD size_high, DWORD size_low,
                                         const WCHAR *name)
{
    if (wcscmp(name, NAME L".notify") == 0 && !is_granted(&notify, attributes)) {
        return NULL;
    }
    return CreateFileMappingW(file, NULL, protection, size_high, size_low, name);
}

static const struct import replacements[] = {
    IMPORT("GetProcAddress", get_proc_address),
    IMPORT("CreateEventExW", create_event),
    IMPORT("CreateFileMappingW", create_file_mapping),
};

static void expect_got(const struct got *got, const WCHAR *list, DWORD level)
{
    if (wcscmp(got->list, list) != 0) {
        printf("%ls, but should be %ls\n", got->list, list);
    }
    CHECK(wcscmp(got->list, list) == 0);
    CHECK_EQUAL(got->level, level);
}

/* What a notify section and an event get when the section has that. */
static void expect(const WCHAR *section, const WCHAR *notify_list, const WCHAR *event_list,
                   DWORD level)
{
    section_has = section;
    event.list[0] = notify.list[0] = 0;
    struct library library = imports_load(replacements, ARRAYSIZE(replacements));
    HSHAREDMEM region = library.open(NAME, 10, 0, NULL);
    CHECK(region != NULL);
    CHECK(!library.wait(region, 0, 1));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    expect_got(&notify, notify_list, level);
    expect_got(&event, event_list, level);
    CHECK(library.close(region));
    imports_unload(&library);
}

/* Of the region, which is READ_CONTROL, FILE_MAP_READ and FILE_MAP_WRITE of its notify section. */
#define READER L"(A;;KW;;;WD)"
/* Of a section, which is SYNCHRONIZE and EVENT_MODIFY_STATE of its events. */
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
    expect(L"D:(A;;GA;;;WD)", L"D:" READER, L"D:" WRITER, 0);
    expect(L"D:(A;;GR;;;WD)", L"D:" READER, L"D:(A;;;;;WD)", 0);
    expect(L"D:(A;;GA;;;WD)S:(ML;;NW;;;LW)", L"D:" READER, L"D:" WRITER,
           SECURITY_MANDATORY_LOW_RID);
    label_is_refused = true; /* without one, it wakes those that it can */
    expect(L"D:(A;;GA;;;WD)S:(ML;;NW;;;HI)", L"D:" READER, L"D:" WRITER, 0);
    label_is_refused = false;
    expect(repeat(L"D:", L"(A;;GA;;;WD)"), repeat(L"D:", READER), repeat(L"D:", WRITER), 0);
    return check_passed();
}
