# Makes `msvc_library`, the import library for Visual Studio and clang-cl, also where neither builds the
# DLL. Without llvm-dlltool, there is none.
set(msvc_library "")
if(MSVC)
    return() # the linker makes it, it is installed with the DLL
endif()

find_program(SHAREDMEM_LLVM_DLLTOOL llvm-dlltool DOC "Makes sharedmem.lib")
if(NOT SHAREDMEM_LLVM_DLLTOOL)
    message(STATUS "There is no llvm-dlltool: no sharedmem.lib, for Visual Studio, is made")
    return()
endif()

if(sharedmem_architecture STREQUAL "x86")
    set(machine i386) # it adds the underscores of __cdecl
elseif(sharedmem_architecture STREQUAL "arm64")
    set(machine arm64)
else()
    set(machine i386:x86-64)
endif()
set(msvc_library ${CMAKE_CURRENT_BINARY_DIR}/sharedmem.lib)
add_custom_command(TARGET sharedmem POST_BUILD
    COMMAND ${SHAREDMEM_LLVM_DLLTOOL} -m ${machine} -D sharedmem.dll
        -d ${CMAKE_CURRENT_SOURCE_DIR}/sharedmem.def -l ${msvc_library}
    BYPRODUCTS ${msvc_library}
    VERBATIM)
