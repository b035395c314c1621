#include "derived_security.h"

typedef BOOL(WINAPI *get_security)(HANDLE object, SECURITY_INFORMATION what,
                                   PSECURITY_DESCRIPTOR descriptor, DWORD size, DWORD *needed);

/* NULL: objects get the default access control. */
static get_security get_object_security;

void derived_security_attach(void)
{
    HMODULE module = GetModuleHandleW(L"kernelbase.dll");
    if (module != NULL) {
        get_object_security =
            (get_security)(void (*)(void))GetProcAddress(module, "GetKernelObjectSecurity");
    }
}

/* Self-relative, and as long as its lists are. */
static SECURITY_DESCRIPTOR_RELATIVE *descriptor_of(struct derived_security *derived)
{
    return derived->attributes.lpSecurityDescriptor;
}

static bool read_descriptor(struct derived_security *derived, HANDLE section,
                            SECURITY_INFORMATION what)
{
    DWORD needed = 0;
    if (get_object_security == NULL) {
        return false;
    }
    derived->attributes.lpSecurityDescriptor = derived->in_place;
    if (get_object_security(section, what, derived->in_place, sizeof derived->in_place, &needed)) {
        return true;
    }
    derived->attributes.lpSecurityDescriptor = NULL;
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
        return false;
    }
    void *larger = VirtualAlloc(NULL, needed, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (larger == NULL) {
        return false;
    }
    derived->attributes.lpSecurityDescriptor = larger;
    if (get_object_security(section, what, larger, needed, &needed)) {
        return true;
    }
    derived_security_free(derived);
    return false;
}

/* Every entry starts with its header and the rights that it is about. */
struct entry {
    ACE_HEADER header;
    ACCESS_MASK rights;
};

static void translate(SECURITY_DESCRIPTOR_RELATIVE *descriptor, ACCESS_MASK rights,
                      ACCESS_MASK derived_rights)
{
    if (descriptor->Dacl == 0) {
        return; /* no list, or one that allows everything, without an entry */
    }
    char *at = (char *)descriptor + descriptor->Dacl;
    const ACL *list = (void *)at;
    at += sizeof *list;
    for (unsigned i = 0; i < list->AceCount; i++) {
        struct entry *entry = (void *)at;
        entry->rights = (entry->rights & rights) != 0 ? derived_rights : 0;
        at += entry->header.AceSize;
    }
}

void derived_security_read(struct derived_security *derived, HANDLE section, ACCESS_MASK rights,
                           ACCESS_MASK derived_rights)
{
    const SECURITY_INFORMATION list = DACL_SECURITY_INFORMATION;
    derived->attributes = (SECURITY_ATTRIBUTES){.nLength = sizeof derived->attributes};
    if (read_descriptor(derived, section, list | LABEL_SECURITY_INFORMATION) ||
        read_descriptor(derived, section, list)) {
        translate(descriptor_of(derived), rights, derived_rights);
    }
}

bool derived_security_remove_label(struct derived_security *derived)
{
    SECURITY_DESCRIPTOR_RELATIVE *descriptor = descriptor_of(derived);
    if (descriptor == NULL || (descriptor->Control & SE_SACL_PRESENT) == 0) {
        return false;
    }
    descriptor->Control &= (SECURITY_DESCRIPTOR_CONTROL)~SE_SACL_PRESENT;
    return true;
}

void derived_security_free(struct derived_security *derived)
{
    void *descriptor = descriptor_of(derived);
    if (descriptor != NULL && descriptor != derived->in_place) {
        VirtualFree(descriptor, 0, MEM_RELEASE);
    }
    derived->attributes.lpSecurityDescriptor = NULL;
}
