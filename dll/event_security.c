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

/* Reads the section's access control list. */
static bool read_list(struct event_security *security, HANDLE section)
{
    DWORD needed;
    return get_object_security != NULL &&
           get_object_security(section, DACL_SECURITY_INFORMATION, security->descriptor,
                               sizeof security->descriptor, &needed);
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

SECURITY_ATTRIBUTES *event_security_from_section(struct event_security *security, HANDLE section)
{
    if (!read_list(security, section)) {
        return NULL;
    }
    SECURITY_DESCRIPTOR_RELATIVE *descriptor = (void *)security->descriptor;
    if ((descriptor->Control & SE_DACL_PRESENT) == 0) {
        return NULL;
    }
    if (descriptor->Dacl != 0) { /* else: a list that allows everything, without an entry */
        char *at = (char *)security->descriptor + descriptor->Dacl;
        const ACL *list = (void *)at;
        at += sizeof *list;
        for (unsigned i = 0; i < list->AceCount; i++) {
            struct entry *entry = (void *)at;
            entry->rights = event_rights(entry->rights);
            at += entry->header.AceSize;
        }
    }
    security->attributes = (SECURITY_ATTRIBUTES){
        .nLength = sizeof security->attributes,
        .lpSecurityDescriptor = descriptor,
    };
    return &security->attributes;
}
