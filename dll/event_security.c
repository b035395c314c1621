#include "event_security.h"

#include <stdbool.h>

typedef BOOL(WINAPI *get_security)(HANDLE object, SECURITY_INFORMATION what,
                                   PSECURITY_DESCRIPTOR descriptor, DWORD size, DWORD *needed);

/* NULL: the events get the default access control. */
static get_security get_object_security;

void event_security_attach(void)
{
    HMODULE module = GetModuleHandleW(L"kernelbase.dll");
    if (module != NULL) {
        get_object_security =
            (get_security)(void (*)(void))GetProcAddress(module, "GetKernelObjectSecurity");
    }
}

/* Self-relative, and as long as its lists are. */
struct descriptor {
    SECURITY_DESCRIPTOR_RELATIVE *bytes;
    DWORD in_place[512]; /* few have more than some hundred bytes */
};

static void free_descriptor(struct descriptor *descriptor)
{
    if ((void *)descriptor->bytes != descriptor->in_place) {
        VirtualFree(descriptor->bytes, 0, MEM_RELEASE);
    }
}

static bool read_descriptor(struct descriptor *descriptor, HANDLE section,
                            SECURITY_INFORMATION what)
{
    DWORD needed = 0;
    descriptor->bytes = (void *)descriptor->in_place;
    if (get_object_security == NULL) {
        return false;
    }
    if (get_object_security(section, what, descriptor->bytes, sizeof descriptor->in_place,
                            &needed)) {
        return true;
    }
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
        return false;
    }
    void *larger = VirtualAlloc(NULL, needed, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (larger == NULL) {
        return false;
    }
    descriptor->bytes = larger;
    if (get_object_security(section, what, larger, needed, &needed)) {
        return true;
    }
    free_descriptor(descriptor);
    return false;
}

/* Every entry starts with its header and the rights that it is about. */
struct entry {
    ACE_HEADER header;
    ACCESS_MASK rights;
};

/* The rights to an event that correspond to those to a section, of which some may be generic. */
static ACCESS_MASK event_rights(ACCESS_MASK section_rights)
{
    const ACCESS_MASK write = FILE_MAP_WRITE | GENERIC_WRITE | GENERIC_ALL;
    return (section_rights & write) != 0 ? SYNCHRONIZE | EVENT_MODIFY_STATE : 0;
}

static void translate(SECURITY_DESCRIPTOR_RELATIVE *descriptor)
{
    if (descriptor->Dacl == 0) {
        return; /* no list, or one that allows everything, without an entry */
    }
    char *at = (char *)descriptor + descriptor->Dacl;
    const ACL *list = (void *)at;
    at += sizeof *list;
    for (unsigned i = 0; i < list->AceCount; i++) {
        struct entry *entry = (void *)at;
        entry->rights = event_rights(entry->rights);
        at += entry->header.AceSize;
    }
}

static HANDLE create_with(SECURITY_DESCRIPTOR_RELATIVE *descriptor, const WCHAR *name, DWORD access)
{
    SECURITY_ATTRIBUTES attributes = {
        .nLength = sizeof attributes,
        .lpSecurityDescriptor = descriptor,
    };
    HANDLE event = CreateEventExW(&attributes, name, 0, access);
    if (event == NULL && (descriptor->Control & SE_SACL_PRESENT) != 0) {
        /* This process may not give objects that label. */
        descriptor->Control &= (SECURITY_DESCRIPTOR_CONTROL)~SE_SACL_PRESENT;
        event = CreateEventExW(&attributes, name, 0, access);
    }
    return event;
}

HANDLE event_security_create(HANDLE section, const WCHAR *name, DWORD access)
{
    struct descriptor descriptor;
    const SECURITY_INFORMATION list = DACL_SECURITY_INFORMATION;
    if (!read_descriptor(&descriptor, section, list | LABEL_SECURITY_INFORMATION) &&
        !read_descriptor(&descriptor, section, list)) {
        return CreateEventExW(NULL, name, 0, access);
    }
    translate(descriptor.bytes);
    HANDLE event = create_with(descriptor.bytes, name, access);
    free_descriptor(&descriptor);
    return event;
}
