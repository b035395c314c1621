# ARM64, by clang and lld alone: the DLL needs no C runtime, mingw-w64's headers serve every
# architecture, and an import library is made of a list of functions. Programs cannot be built.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(triple aarch64-w64-mingw32)

set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_C_FLAGS_INIT "-isystem /usr/share/mingw-w64/include")
find_program(CMAKE_RC_COMPILER
    NAMES llvm-windres llvm-windres-14 llvm-windres-15 llvm-windres-16 llvm-windres-17 llvm-windres-18
        llvm-windres-19 llvm-windres-20 llvm-windres-21
    REQUIRED)
set(CMAKE_RC_FLAGS_INIT "--target=${triple} -I/usr/share/mingw-w64/include")
set(CMAKE_OBJCOPY llvm-objcopy)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(libraries ${CMAKE_BINARY_DIR}/arm64)
if(NOT EXISTS ${libraries}/libkernel32.a)
    file(MAKE_DIRECTORY ${libraries})
    execute_process(
        COMMAND llvm-dlltool -m arm64 -d ${CMAKE_CURRENT_LIST_DIR}/kernel32-arm64.def
            -l ${libraries}/libkernel32.a
        COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND llvm-ar rc ${libraries}/libgcc.a COMMAND_ERROR_IS_FATAL ANY) # nothing is needed
endif()
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-fuse-ld=lld \"-L${libraries}\"")
set(CMAKE_C_STANDARD_LIBRARIES "" CACHE STRING "")
