# ARM64EC code has the macros of x64 and the memory order of ARM64 ("ARM64EC ABI": _M_X64 and
# _M_ARM64EC are defined, _M_ARM64 is not). What atomic.h becomes there has its barriers.
# -DCOMPILER=... -DSOURCE=... -DFOLDER=..., in which headers that the compiler lacks are empty files.
foreach(header stdbool stdint intrin)
    file(WRITE ${FOLDER}/${header}.h "")
endforeach()
file(WRITE ${FOLDER}/arm64ec.c "#include \"atomic.h\"\n")

# barriers_in(RESULT FUNCTION macro ...): the calls of __dmb in a function's body.
function(barriers_in result function)
    list(TRANSFORM ARGN PREPEND -D)
    execute_process(
        COMMAND ${COMPILER} -E -P -undef -nostdinc -D_MSC_VER=1930 ${ARGN}
            -I${SOURCE}/dll/core -I${FOLDER} ${FOLDER}/arm64ec.c
        OUTPUT_VARIABLE text
        COMMAND_ERROR_IS_FATAL ANY)
    if(NOT text MATCHES "${function}\\(void\\)[^{]*{([^}]*)}")
        message(FATAL_ERROR "there is no ${function}")
    endif()
    string(REGEX MATCHALL "__dmb\\(" barriers "${CMAKE_MATCH_1}")
    list(LENGTH barriers count)
    set(${result} ${count} PARENT_SCOPE)
endfunction()

foreach(function atomic_fence_acquire atomic_fence_release atomic_complete_barrier)
    barriers_in(arm64 ${function} _M_ARM64)
    barriers_in(arm64ec ${function} _M_X64 _M_ARM64EC)
    barriers_in(x64 ${function} _M_X64)
    if(NOT "${arm64} ${arm64ec} ${x64}" STREQUAL "1 1 0")
        message(FATAL_ERROR
            "${function}: barriers on ARM64: ${arm64}, ARM64EC: ${arm64ec}, x64: ${x64}")
    endif()
endforeach()
