# Builds the DLL for ARM64, by clang and lld, and its archives. No program runs here: what is looked at
# is the machine in the file, what it exports, and that it imports from KERNEL32.dll only. Arguments:
# SOURCE, WORK (a folder), GENERATOR.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR}
    -DCMAKE_TOOLCHAIN_FILE=${SOURCE}/toolchain/cmake/aarch64-w64-mingw32.cmake
    -DCMAKE_BUILD_TYPE=Release -DSHAREDMEM_WARNINGS_AS_ERRORS=ON -DBUILD_TESTING=OFF)
run(${CMAKE_COMMAND} --build ${WORK}/build --target sharedmem)

run(llvm-readobj --file-headers --coff-exports --coff-imports ${WORK}/build/bin/sharedmem.dll)
if(NOT output MATCHES "Machine: IMAGE_FILE_MACHINE_ARM64 ")
    message(FATAL_ERROR "not for ARM64:\n${output}")
endif()

# names(FILE.def RESULT): what it lists, sorted.
function(names file result)
    file(STRINGS ${file} listed REGEX "^    ")
    list(TRANSFORM listed STRIP)
    list(SORT listed)
    set(${result} ${listed} PARENT_SCOPE)
endfunction()

names(${SOURCE}/dll/sharedmem.def expected)
string(REGEX MATCHALL "Export {[^}]*Name: [A-Za-z]+" exports "${output}")
list(TRANSFORM exports REPLACE ".*Name: " "")
list(SORT exports)
if(NOT exports STREQUAL expected)
    message(FATAL_ERROR "exports ${exports}, but should export ${expected}")
endif()

string(REGEX MATCHALL "Import {[^}]*Name: [^\n]+" imports "${output}")
list(TRANSFORM imports REPLACE ".*Name: " "")
if(NOT imports STREQUAL "KERNEL32.dll")
    message(FATAL_ERROR "imports from ${imports}")
endif()

# The list is what is imported. One name that clang uses for __try is exported on x64, but not here.
names(${SOURCE}/toolchain/cmake/kernel32-arm64.def listed)
string(REGEX MATCHALL "Symbol: [A-Za-z0-9_]+" symbols "${output}")
list(TRANSFORM symbols REPLACE "Symbol: " "")
list(SORT symbols)
if(NOT symbols STREQUAL listed)
    message(FATAL_ERROR "imports ${symbols}, but the list is ${listed}")
endif()
if(symbols MATCHES "__C_specific_handler")
    message(FATAL_ERROR "KERNEL32.dll of ARM64 does not export __C_specific_handler")
endif()

run(${CMAKE_CPACK_COMMAND} --config ${WORK}/build/CPackConfig.cmake -B ${WORK}/archives)
file(GLOB archives RELATIVE ${WORK}/archives ${WORK}/archives/*.zip)
list(LENGTH archives count)
if(NOT count EQUAL 2 OR NOT archives MATCHES "windows-arm64[.]zip")
    message(FATAL_ERROR "there should be two archives: ${archives}")
endif()
