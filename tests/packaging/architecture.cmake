# The installed package is found by projects of its own architecture only. -DPACKAGE=..., and
# -DARCHITECTURE=..., which is the package's.

# expect(ARCHITECTURE size-of-a-pointer system-processor compiler's-architecture): what a project for
# that architecture has in its variables.
function(expect architecture CMAKE_SIZEOF_VOID_P CMAKE_SYSTEM_PROCESSOR CMAKE_C_COMPILER_ARCHITECTURE_ID)
    set(PACKAGE_FIND_VERSION 1.0)
    set(PACKAGE_FIND_VERSION_MAJOR 1)
    include(${PACKAGE}/lib/cmake/sharedmem/sharedmem-config-version.cmake)
    set(found TRUE)
    if(PACKAGE_VERSION_UNSUITABLE OR NOT PACKAGE_VERSION_COMPATIBLE)
        set(found FALSE)
    endif()
    set(expected FALSE)
    if(architecture STREQUAL ARCHITECTURE)
        set(expected TRUE)
    endif()
    if(NOT found STREQUAL expected)
        message(FATAL_ERROR "a project for ${architecture} found a package for ${ARCHITECTURE}: "
            "${found} (${PACKAGE_VERSION})")
    endif()
endfunction()

expect(x64 8 AMD64 "") # MinGW-w64 on Windows
expect(x86 4 AMD64 "")
expect(x64 8 x86_64 "") # elsewhere
expect(arm64 8 aarch64 "")
expect(x64 8 AMD64 x64) # Visual Studio
expect(x86 4 AMD64 X86)
expect(arm64 8 AMD64 ARM64)
expect(arm64 8 ARM64 ARM64)
expect(x64 8 ARM64 x64)
expect(arm64 8 ARM64 ARM64EC)
