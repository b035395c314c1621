# What the mingw-w64 toolchains share. The files that include this one set:
#   CMAKE_SYSTEM_PROCESSOR   x64 or x86
#   triple                   prefix of the mingw-w64 tools
set(CMAKE_SYSTEM_NAME Windows)

if(NOT DEFINED CMAKE_C_COMPILER)
    set(CMAKE_C_COMPILER ${triple}-gcc)
endif()
if(NOT DEFINED CMAKE_CXX_COMPILER)
    set(CMAKE_CXX_COMPILER ${triple}-g++)
endif()
set(CMAKE_RC_COMPILER ${triple}-windres)
set(CMAKE_OBJCOPY ${triple}-objcopy) # LLVM's does not do all that is asked of it here

set(CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The compilers' own runtime libraries go into each program: there is no DLL of theirs to find.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

# clang compiles for every target, but finds GCC's libraries, and the headers of its C++ library, only
# where their folder is named by a plain version.
if(CMAKE_C_COMPILER MATCHES clang)
    set(CMAKE_C_COMPILER_TARGET ${triple})
    set(CMAKE_CXX_COMPILER_TARGET ${triple})
    execute_process(
        COMMAND ${triple}-gcc -print-libgcc-file-name
        OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE)
    get_filename_component(libgcc_folder ${libgcc} DIRECTORY)
    string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -L${libgcc_folder}")
    set(CMAKE_SHARED_LINKER_FLAGS_INIT -L${libgcc_folder})
    set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES
        ${libgcc_folder}/include/c++ ${libgcc_folder}/include/c++/${triple})
endif()

# Programs of this build run under Wine, with a prefix in the build tree.
get_filename_component(toolchain ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(CMAKE_CROSSCOMPILING_EMULATOR
    ${toolchain}/lib/emulator.sh ${CMAKE_SYSTEM_PROCESSOR} ${CMAKE_BINARY_DIR}/wine)
