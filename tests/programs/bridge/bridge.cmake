# Programs under Wine write a region's file, and native ones read it. Arguments: READER and EXAMPLE, native
# programs; WRITER and PARENT, Windows programs; PEER, a folder with those of another architecture, or
# empty; EMULATOR, which runs them; WORK, a folder for the file where the system has none in memory.
include(${CMAKE_CURRENT_LIST_DIR}/../../packaging/steps.cmake)

foreach(program ${READER} ${EXAMPLE})
    if(NOT EXISTS ${program})
        message(FATAL_ERROR "${program} is missing; cmake --build of its preset makes it")
    endif()
endforeach()
separate_arguments(emulator UNIX_COMMAND "${EMULATOR}")
if(IS_DIRECTORY /dev/shm)
    set(WORK /dev/shm)
endif()
string(RANDOM LENGTH 16 ALPHABET 0123456789abcdef name)
set(file ${WORK}/sharedmem-test-${name}.region)

# finish(EXPECTED): removes the file, and fails unless both programs passed, and printed what is expected.
macro(finish expected)
    file(REMOVE ${file} ${file}.creating)
    if(NOT results STREQUAL "0;0" OR NOT output MATCHES "${expected}")
        message(FATAL_ERROR "results ${results}, output:\n${output}\nerrors:\n${errors}")
    endif()
endmacro()

# The example, as a person runs it: the value, and the next one, which is written when that is printed.
# The first program to open the file again recovers it, and so makes a version, too.
run(${emulator} ${PARENT} --file ${file} --text kept cmd /c exit 0)
run(${EXAMPLE} ${file})
if(NOT output STREQUAL "version 1: kept\n")
    message(FATAL_ERROR "printed: ${output}")
endif()
execute_process(
    COMMAND ${EXAMPLE} ${file} 2
    COMMAND sh -c "read -r line; echo \"$line\"; \"$@\" && cat" sh
        ${emulator} ${PARENT} --file ${file} --text changed cmd /c exit 0
    RESULTS_VARIABLE results OUTPUT_VARIABLE output ERROR_VARIABLE errors TIMEOUT 60)
finish("^version 1: kept\n.*\nversion 429496729(7: kept|8: changed)\n$")

# The reader ends when it has seen enough, and with it the input of the writer.
execute_process(
    COMMAND ${READER} ${file}
    COMMAND ${emulator} ${WRITER} ${file} ${PEER}
    RESULTS_VARIABLE results OUTPUT_VARIABLE output ERROR_VARIABLE errors TIMEOUT 150)
finish("passed[\r\n]*$")
message(STATUS "${output}")
