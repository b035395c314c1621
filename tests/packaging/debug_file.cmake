# Checks that the DLL has no debug information, but that of the file beside it. Arguments: DLL, NM,
# ADDR2LINE, WORK (a folder).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

run(${NM} ${DLL}.debug)
if(NOT output MATCHES "([0-9a-f]+) T _?SetSharedMem\n")
    message(FATAL_ERROR "${DLL}.debug has no SetSharedMem:\n${output}")
endif()
set(address ${CMAKE_MATCH_1})

run(${ADDR2LINE} -f -e ${DLL} ${address})
if(NOT output MATCHES "^SetSharedMem\r?\n.*dll/api\\.c:[0-9]+")
    message(FATAL_ERROR "with the file, ${address} is ${output}")
endif()
empty(${WORK})
file(COPY ${DLL} DESTINATION ${WORK})
run(${ADDR2LINE} -f -e ${WORK}/sharedmem.dll ${address})
if(output MATCHES "SetSharedMem|api\\.c")
    message(FATAL_ERROR "without the file, ${address} is ${output}")
endif()
