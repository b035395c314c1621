/*
 * Access control for a region's events, from that of its section: the right to write to the one is
 * the right to wait for and to set the others, whichever process creates them.
 */
#ifndef SHAREDMEM_EVENT_SECURITY_H
#define SHAREDMEM_EVENT_SECURITY_H

#include <windows.h>

struct event_security {
    SECURITY_ATTRIBUTES attributes;
    DWORD descriptor[512]; /* self-relative; few have more than some hundred bytes */
};

/*
 * For DllMain: finds the function that reads an access control list. Its documented home is
 * advapi32.dll; it is taken from where that one has it from, which every process has loaded.
 * Looking for it takes the loader's lock, which a writer that wakes a thread must not wait for.
 */
void event_security_attach(void);

/*
 * Attributes to create an event with, in *security; NULL, which is the system's default, if the
 * section has no list or this process may not read it.
 */
SECURITY_ATTRIBUTES *event_security_from_section(struct event_security *security, HANDLE section);

#endif
