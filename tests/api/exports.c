/*
 * What the DLL's file says of it: exports as in the .def, imports, protections, version. The
 * arguments are the .def file, whether the DLL has no C runtime (1 or 0), and its version.
 */
#include "check.h"
#include "process.h"

#include <windows.h>
#include <winver.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *image; /* the DLL, mapped but not run */
static const IMAGE_NT_HEADERS *headers;

static void map_image(void)
{
    WCHAR path[MAX_PATH];
    image = (const char *)LoadLibraryExW(process_sibling(L"sharedmem.dll", path), NULL,
                                         DONT_RESOLVE_DLL_REFERENCES);
    CHECK(image != NULL);
    const IMAGE_DOS_HEADER *dos = (const void *)image;
    headers = (const void *)(image + dos->e_lfanew);
    CHECK_EQUAL(headers->Signature, IMAGE_NT_SIGNATURE);
}

static const void *directory(unsigned index)
{
    DWORD offset = headers->OptionalHeader.DataDirectory[index].VirtualAddress;
    CHECK(offset != 0);
    return image + offset;
}

/* Sets up `name` as a .def file's next export; false at its end. */
static bool next_definition(FILE *definitions, char name[64])
{
    char line[128];
    while (fgets(line, sizeof line, definitions) != NULL) {
        if (sscanf(line, "    %63s", name) == 1 && line[0] == ' ') {
            return true;
        }
    }
    return false;
}

static void exports_equal_the_definitions(const char *path)
{
    const IMAGE_EXPORT_DIRECTORY *exports = directory(IMAGE_DIRECTORY_ENTRY_EXPORT);
    const DWORD *names = (const void *)(image + exports->AddressOfNames);
    FILE *definitions = fopen(path, "r");
    char name[64];
    DWORD count = 0;

    CHECK(definitions != NULL);
    while (next_definition(definitions, name)) {
        bool found = false;
        for (DWORD i = 0; i < exports->NumberOfNames; i++) {
            found = found || strcmp(image + names[i], name) == 0;
        }
        if (!found) {
            printf("%s is not exported\n", name);
        }
        CHECK(found);
        count++;
    }
    fclose(definitions);
    CHECK(count > 0);
    CHECK_EQUAL(exports->NumberOfNames, count);
    CHECK_EQUAL(exports->NumberOfFunctions, count);
}

static void imports_come_from_kernel32_only(void)
{
    const IMAGE_IMPORT_DESCRIPTOR *import = directory(IMAGE_DIRECTORY_ENTRY_IMPORT);
    CHECK(import->Name != 0);
    for (; import->Name != 0; import++) {
        printf("imports %s\n", image + import->Name);
        CHECK(_stricmp(image + import->Name, "KERNEL32.dll") == 0);
    }
}

static void protections_are_on(void)
{
    WORD wanted = IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | IMAGE_DLLCHARACTERISTICS_NX_COMPAT;
#ifdef _WIN64
    wanted |= 0x0020; /* HIGH_ENTROPY_VA */
#endif
    /* On 32-bit Windows, the system calls no exception handler of an image with this flag. */
    WORD unwanted = IMAGE_DLLCHARACTERISTICS_NO_SEH;
    CHECK_EQUAL(headers->OptionalHeader.DllCharacteristics & (wanted | unwanted), wanted);
}

static void the_version_is_in_the_resource(const char *expected)
{
    WCHAR path[MAX_PATH];
    static char data[4096];
    VS_FIXEDFILEINFO *fixed;
    char *text;
    UINT size;
    unsigned major = 0, minor = 0, patch = 0;

    process_sibling(L"sharedmem.dll", path);
    CHECK(GetFileVersionInfoW(path, 0, sizeof data, data));
    CHECK(VerQueryValueW(data, L"\\", (void **)&fixed, &size));
    CHECK(sscanf(expected, "%u.%u.%u", &major, &minor, &patch) == 3);
    CHECK_EQUAL(fixed->dwFileVersionMS, major << 16 | minor);
    CHECK_EQUAL(fixed->dwFileVersionLS, patch << 16);
    CHECK_EQUAL(fixed->dwFileType, VFT_DLL);
    CHECK(
        VerQueryValueA(data, "\\StringFileInfo\\040904B0\\ProductVersion", (void **)&text, &size));
    CHECK(strcmp(text, expected) == 0);
}

int main(int argc, char **argv)
{
    check_deadline(30);
    CHECK_EQUAL(argc, 4);
    map_image();
    exports_equal_the_definitions(argv[1]);
    bool no_crt = atoi(argv[2]) != 0;
    if (no_crt) {
        imports_come_from_kernel32_only();
    }
    protections_are_on();
    the_version_is_in_the_resource(argv[3]);
    return check_passed();
}
