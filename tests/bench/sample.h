/*
 * The two functions of Microsoft's sample, as its users have them: in a DLL, without any
 * synchronisation; and under a named mutex, as the documentation advises.
 */
#ifndef SHAREDMEM_TESTS_SAMPLE_H
#define SHAREDMEM_TESTS_SAMPLE_H

#include <windows.h>

void __cdecl SampleSet(LPCWSTR text);
void __cdecl SampleGet(LPWSTR buffer, DWORD cch);
void __cdecl SampleSetUnderMutex(LPCWSTR text);
void __cdecl SampleGetUnderMutex(LPWSTR buffer, DWORD cch);

#endif
