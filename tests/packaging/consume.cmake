# Builds a program with the installed package, and runs it: a CMake project, or with one line of a
# compiler and pkg-config. Arguments: PACKAGE, WORK (a folder), SOURCE (of the program), EXPECTED (its
# output), EMULATOR (runs it), and PROJECT (a folder), GENERATOR, PLATFORM, TOOLCHAIN, EMBEDDED (the
# source, which the project builds itself, for debugging), or COMPILER.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
set(program ${WORK}/consumer.exe)
if(DEFINED PROJECT)
    if(PLATFORM)
        list(APPEND options -A ${PLATFORM})
    endif()
    if(TOOLCHAIN)
        list(APPEND options -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN})
    endif()
    set(configuration Release)
    if(EMBEDDED)
        set(configuration Debug)
        list(APPEND options -DEMBEDDED=${EMBEDDED})
    endif()
    run(${CMAKE_COMMAND} -S ${PROJECT} -B ${WORK}/build -G ${GENERATOR} ${options}
        -DCMAKE_BUILD_TYPE=${configuration}
        -DSOURCE=${SOURCE} -DPROGRAM_FOLDER=${WORK} -DCMAKE_PREFIX_PATH=${PACKAGE})
    run(${CMAKE_COMMAND} --build ${WORK}/build --config ${configuration})
else()
    find_program(PKG_CONFIG pkg-config)
    if(NOT PKG_CONFIG)
        message(FATAL_ERROR "pkg-config is missing; toolchain/test installs it")
    endif()
    set(ENV{PKG_CONFIG_LIBDIR} ${PACKAGE}/lib/pkgconfig)
    run(${PKG_CONFIG} --cflags --libs "sharedmem >= 1.0")
    separate_arguments(flags UNIX_COMMAND "${output}")
    run(${COMPILER} ${SOURCE} -o ${program} ${flags} -static-libgcc -static-libstdc++)
    file(COPY ${PACKAGE}/bin/sharedmem.dll DESTINATION ${WORK})
endif()

separate_arguments(emulator UNIX_COMMAND "${EMULATOR}")
run(${emulator} ${program})
string(STRIP "${output}" output)
if(NOT output STREQUAL EXPECTED)
    message(FATAL_ERROR "printed: ${output}\nshould be: ${EXPECTED}")
endif()
