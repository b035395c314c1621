# Checks that every deliberate defect still applies to the source tree, names a test that there is,
# and has its row in the table of the last run. Arguments: GIT, SOURCE (the project's folder), TESTS
# (the names, without that of the build).
get_filename_component(parent ${SOURCE} DIRECTORY)
# Without a .git, it is no folder of a repository around it.
set(ENV{GIT_CEILING_DIRECTORIES} ${parent})
file(GLOB patches ${CMAKE_CURRENT_LIST_DIR}/*.patch)
list(LENGTH patches count)
if(count EQUAL 0)
    message(FATAL_ERROR "there are no defects")
endif()

file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/caught.md rows REGEX "^\\| [a-z0-9_]+ \\|")
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

    get_filename_component(name ${patch} NAME_WE)
    set(row ${rows})
    list(FILTER row INCLUDE REGEX "^\\| ${name} \\|.*\\| (${expression}) \\|$")
    if(NOT row)
        message(SEND_ERROR "is not in caught.md, or not with such a test: ${patch}")
    endif()
endforeach()
message("${count} defects")
