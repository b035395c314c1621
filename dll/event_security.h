/*
 * Access control for a region's events, from that of its section: the right to write to the one is
 * the right to wait for and to set the others, whichever process creates them. The mandatory label,
 * which is not a right, is the same.
 */
#ifndef SHAREDMEM_EVENT_SECURITY_H
#define SHAREDMEM_EVENT_SECURITY_H

#include <windows.h>

/*
 * For DllMain: finds the function that reads an access control list. Its documented home is
 * advapi32.dll; it is taken from where that one has it from, which every process has loaded.
 * Looking for it takes the loader's lock, which a writer that wakes a thread must not wait for.
 */
void event_security_attach(void);

/*
 * Creates an event, or opens it, with the access control of the section; with the system's default,
 * if the section has no list or this process may not read it. Without a name if that is NULL.
 * Returns NULL, and the last error, if the event cannot be had.
 */
HANDLE event_security_create(HANDLE section, const WCHAR *name, DWORD access);

#endif
