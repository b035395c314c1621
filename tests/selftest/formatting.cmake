# Checks that every C and C++ source is formatted as .clang-format says, by the major version of
# clang-format that it was made for: others break lines differently. Argument: SOURCE (the project).
cmake_minimum_required(VERSION 3.21)
set(version 14)

find_program(clang_format NAMES clang-format-${version} clang-format)
if(NOT clang_format)
    message("skipped: no clang-format here; version ${version} is needed")
    return()
endif()
execute_process(COMMAND ${clang_format} --version OUTPUT_VARIABLE found)
if(NOT found MATCHES "version ${version}\\.")
    string(STRIP "${found}" found)
    message("skipped: ${found}; version ${version} is needed")
    return()
endif()

set(sources "")
foreach(folder child dll parent tests)
    file(GLOB_RECURSE files ${SOURCE}/${folder}/*.c ${SOURCE}/${folder}/*.h
        ${SOURCE}/${folder}/*.cpp ${SOURCE}/${folder}/*.hpp)
    list(APPEND sources ${files})
endforeach()
execute_process(COMMAND ${clang_format} --dry-run --Werror ${sources} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "not formatted: run ${clang_format} -i on the files above")
endif()
list(LENGTH sources count)
message("${count} sources")
