/*
 * A service that publishes a temperature, and programs of logged-on users that show it.
 *
 *     service publish COUNT     the service, or an administrator
 *     service follow COUNT      a user's program; any number of them, before or after the service
 */
#include "sharedmem.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME L"Global\\temperature"

/* The system and administrators may do everything, users that are logged on here may read. */
static HSHAREDMEM create(void)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"D:(A;;GA;;;SY)(A;;GA;;;BA)(A;;GR;;;IU)", SDDL_REVISION_1,
            &security.lpSecurityDescriptor, NULL)) {
        return NULL;
    }
    HSHAREDMEM region = OpenSharedMem(NAME, sizeof(double), 0, &security);
    DWORD error = GetLastError();
    LocalFree(security.lpSecurityDescriptor);
    SetLastError(error);
    return region;
}

static int publish(unsigned count)
{
    HSHAREDMEM region = create();
    double celsius = 20;
    for (; region != NULL && count > 0; count--) {
        if (!WriteSharedMem(region, &celsius, sizeof celsius, NULL)) {
            break;
        }
        celsius += 0.25;
        Sleep(100);
    }
    return count > 0;
}

static int follow(unsigned count)
{
    HSHAREDMEM region;
    while ((region = OpenSharedMem(NAME, 0, SHARED_MEM_READ_ONLY, NULL)) == NULL &&
           GetLastError() == ERROR_FILE_NOT_FOUND) {
        Sleep(100); /* the service has not started */
    }
    ULONGLONG version = 0;
    while (region != NULL && count > 0 && WaitSharedMem(region, version, 5000)) {
        double celsius;
        SIZE_T size = sizeof celsius;
        if (!ReadSharedMem(region, &celsius, &size, &version) || size != sizeof celsius) {
            break;
        }
        printf("%.2f degrees\n", celsius);
        count--;
    }
    return count > 0;
}

int main(int argc, char **argv)
{
    int result = 2;
    if (argc == 3 && strcmp(argv[1], "publish") == 0) {
        result = publish((unsigned)atoi(argv[2]));
    } else if (argc == 3 && strcmp(argv[1], "follow") == 0) {
        result = follow((unsigned)atoi(argv[2]));
    } else {
        printf("usage: service publish|follow COUNT\n");
    }
    if (result == 1) {
        printf("error %lu\n", GetLastError());
    }
    return result;
}
