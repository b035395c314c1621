# Checks that every deliberate defect still applies to the source tree, and names a test that there
# is. Arguments: GIT, SOURCE (the project's folder), TESTS (the names, without that of the build).
get_filename_component(parent ${SOURCE} DIRECTORY)
set(ENV{GIT_CEILING_DIRECTORIES} ${parent}) # without a .git, it is no folder of a repository around it
file(GLOB patches ${CMAKE_CURRENT_LIST_DIR}/*.patch)
list(LENGTH patches count)
if(count EQUAL 0)
    message(FATAL_ERROR "there are no defects")
endif()

foreach(patch ${patches})
    execute_process(COMMAND ${GIT} apply --check ${patch}
        WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "does not apply: ${patch}")
    endif()

    file(STRINGS ${patch} caught_by REGEX "^Caught by: .")
    list(LENGTH caught_by lines)
    string(REGEX REPLACE "^Caught by: " "" expression "${caught_by}")
    set(named ${TESTS})
    list(FILTER named INCLUDE REGEX "^(${expression})$")
    if(NOT lines EQUAL 1 OR NOT named)
        message(SEND_ERROR "names no test that should catch it: ${patch}")
    endif()
endforeach()
message("${count} defects")
