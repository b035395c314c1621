#include "imports.h"

#include "check.h"
#include "process.h"

#include <stdint.h>
#include <string.h>

typedef BOOL(WINAPI *entry_point)(HINSTANCE module, DWORD reason, LPVOID reserved);

static const void *at(HMODULE module, DWORD offset)
{
    return (const char *)(void *)module + offset;
}

static const IMAGE_OPTIONAL_HEADER *header_of(HMODULE module)
{
    const IMAGE_DOS_HEADER *dos = at(module, 0);
    const IMAGE_NT_HEADERS *headers = at(module, (DWORD)dos->e_lfanew);
    CHECK_EQUAL(headers->Signature, IMAGE_NT_SIGNATURE);
    return &headers->OptionalHeader;
}

static BOOL run(HMODULE module, DWORD reason)
{
    const void *address = at(module, header_of(module)->AddressOfEntryPoint);
    entry_point entry = (entry_point)(uintptr_t)address;
    return entry(module, reason, NULL);
}

static const struct import *find(const struct import *replacements, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(replacements[i].name, name) == 0) {
            return &replacements[i];
        }
    }
    return NULL;
}

/* Resolves what is imported from one DLL; returns how many functions were replaced. */
static size_t resolve(HMODULE module, const IMAGE_IMPORT_DESCRIPTOR *imported,
                      const struct import *replacements, size_t count)
{
    HMODULE exporter = LoadLibraryA(at(module, imported->Name));
    const IMAGE_THUNK_DATA *names = at(module, imported->OriginalFirstThunk);
    IMAGE_THUNK_DATA *addresses = (IMAGE_THUNK_DATA *)(uintptr_t)at(module, imported->FirstThunk);
    size_t length = 0, replaced = 0;
    CHECK(exporter != NULL);
    while (names[length].u1.AddressOfData != 0) {
        length++;
    }
    DWORD protection;
    CHECK(VirtualProtect(addresses, length * sizeof *addresses, PAGE_READWRITE, &protection));
    for (size_t i = 0; i < length; i++) {
        const IMAGE_IMPORT_BY_NAME *by_name = at(module, (DWORD)names[i].u1.AddressOfData);
        const struct import *found = find(replacements, count, by_name->Name);
        imports_function function = found != NULL
                                        ? found->function
                                        : (imports_function)GetProcAddress(exporter, by_name->Name);
        CHECK(function != NULL);
        addresses[i].u1.Function = (ULONG_PTR)function;
        replaced += found != NULL;
    }
    CHECK(VirtualProtect(addresses, length * sizeof *addresses, protection, &protection));
    return replaced;
}

static HMODULE map(void)
{
    WCHAR path[MAX_PATH];
    HMODULE module =
        LoadLibraryExW(process_sibling(L"sharedmem.dll", path), NULL, DONT_RESOLVE_DLL_REFERENCES);
    CHECK(module != NULL);
    return module;
}

static const IMAGE_IMPORT_DESCRIPTOR *imports_of(HMODULE module)
{
    return at(module,
              header_of(module)->DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
}

void imports_list(void (*each)(const char *name))
{
    HMODULE module = map();
    const IMAGE_IMPORT_DESCRIPTOR *imported = imports_of(module);
    for (; imported->Name != 0; imported++) {
        const IMAGE_THUNK_DATA *names = at(module, imported->OriginalFirstThunk);
        for (; names->u1.AddressOfData != 0; names++) {
            const IMAGE_IMPORT_BY_NAME *by_name = at(module, (DWORD)names->u1.AddressOfData);
            each(by_name->Name);
        }
    }
    CHECK(FreeLibrary(module));
}

void imports_replace(HMODULE module, const struct import *replacements, size_t count)
{
    const IMAGE_IMPORT_DESCRIPTOR *imported = imports_of(module);
    size_t replaced = 0, needed = 0;
    for (; imported->Name != 0; imported++) {
        replaced += resolve(module, imported, replacements, count);
    }
    for (size_t i = 0; i < count; i++) {
        needed += !replacements[i].may_be_missing;
    }
    CHECK(replaced >= needed);
}

struct library imports_load(const struct import *replacements, size_t count)
{
    HMODULE module = map();
    imports_replace(module, replacements, count);
    CHECK(run(module, DLL_PROCESS_ATTACH));
    return library_of(module);
}

void imports_unload(struct library *library)
{
    CHECK(run(library->module, DLL_PROCESS_DETACH));
    library_free(library);
}

DWORD imports_whole_ticks(DWORD milliseconds)
{
    return milliseconds == INFINITE
               ? INFINITE
               : (milliseconds + IMPORTS_TICK_MS - 1) / IMPORTS_TICK_MS * IMPORTS_TICK_MS;
}
