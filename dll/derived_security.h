/*
 * Access control for an object that goes with a section, derived from the section's: a process that
 * has a right to the one has a right to the other, whichever process creates it. The mandatory
 * label, which is not a right, is the same.
 */
#ifndef SHAREDMEM_DERIVED_SECURITY_H
#define SHAREDMEM_DERIVED_SECURITY_H

#include <stdbool.h>
#include <windows.h>

/* To be read, used, and freed; not to be moved. */
struct derived_security {
    SECURITY_ATTRIBUTES attributes; /* without a descriptor: the system's default */
    DWORD in_place[512];            /* few descriptors have more than some hundred bytes */
};

/*
 * For DllMain: finds the function that reads an access control list. Its documented home is
 * advapi32.dll; it is taken from where that one has it from, which every process has loaded.
 * Looking for it takes the loader's lock, which a writer that wakes a thread must not wait for.
 */
void derived_security_attach(void);

/*
 * Derives from the access control of the section: where an entry is about any of `rights`, that of
 * the object is about `derived_rights`, else about none. It is the system's default, if the section
 * has no list or this process may not read it.
 */
void derived_security_read(struct derived_security *derived, HANDLE section, ACCESS_MASK rights,
                           ACCESS_MASK derived_rights);

/*
 * Takes out the label: this process may not give objects that one. FALSE if there is none. Leaves
 * the last error alone.
 */
bool derived_security_remove_label(struct derived_security *derived);

void derived_security_free(struct derived_security *derived);

#endif
