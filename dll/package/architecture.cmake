# Which architecture is compiled for: sharedmem_architecture is x86, x64 or arm64. Visual Studio's
# compilers tell. For others, the size of a pointer does: the processor may be the one of the machine
# that builds, which runs code of more than one architecture.
set(sharedmem_architecture "${CMAKE_C_COMPILER_ARCHITECTURE_ID}${CMAKE_CXX_COMPILER_ARCHITECTURE_ID}")
if(sharedmem_architecture MATCHES "ARM64")
    set(sharedmem_architecture arm64)
elseif(CMAKE_SIZEOF_VOID_P EQUAL 4)
    set(sharedmem_architecture x86)
elseif(sharedmem_architecture STREQUAL "" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
    set(sharedmem_architecture arm64)
else()
    set(sharedmem_architecture x64)
endif()
