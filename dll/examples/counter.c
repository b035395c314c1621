/*
 * A number that any number of processes count up, without a lost update.
 *
 *     counter TIMES
 */
#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>

/* Adds 1 to the number in the region, and returns the sum; 0 if that fails. */
static ULONGLONG add_one(HSHAREDMEM region)
{
    ULONGLONG number, version;
    do {
        SIZE_T size = sizeof number;
        number = 0; /* before the first write, there is none to read */
        if (!ReadSharedMem(region, &number, &size, &version)) {
            return 0;
        }
        number++;
        if (ReplaceSharedMem(region, &number, sizeof number, &version)) {
            return number;
        }
    } while (GetLastError() == ERROR_REVISION_MISMATCH); /* another process was faster */
    return 0;
}

int main(int argc, char **argv)
{
    HSHAREDMEM region = OpenSharedMem(L"counter", sizeof(ULONGLONG), 0, NULL);
    ULONGLONG number = 0;
    for (int left = argc == 2 ? atoi(argv[1]) : 1; region != NULL && left > 0; left--) {
        number = add_one(region);
    }
    if (number == 0) {
        printf("error %lu\n", GetLastError());
        return 1;
    }
    printf("%llu\n", number);
    return 0;
}
