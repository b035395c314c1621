# Makes the archives twice, of this build and of one of a copy of the source in another folder, and
# compares them byte by byte. Arguments: BUILD, SOURCE, WORK (a folder), GENERATOR, SETTINGS
# (names of the build's variables, with spaces between), and these.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
foreach(file CHANGELOG.md CMakeLists.txt LICENSE child dll parent)
    file(COPY ${SOURCE}/${file} DESTINATION ${WORK}/copy)
endforeach()
separate_arguments(SETTINGS)
foreach(setting ${SETTINGS})
    list(APPEND options "-D${setting}=${${setting}}")
endforeach()
run(${CMAKE_COMMAND} -S ${WORK}/copy -B ${WORK}/copy/build -G ${GENERATOR} ${options}
    -DBUILD_TESTING=OFF)
run(${CMAKE_COMMAND} --build ${WORK}/copy/build --target sharedmem)

run(${CMAKE_CPACK_COMMAND} --config ${BUILD}/CPackConfig.cmake -B ${WORK}/1)
run(${CMAKE_CPACK_COMMAND} --config ${WORK}/copy/build/CPackConfig.cmake -B ${WORK}/2)
file(GLOB archives RELATIVE ${WORK}/1 ${WORK}/1/*.zip)
list(LENGTH archives count)
if(NOT count EQUAL 2)
    message(FATAL_ERROR "there should be two archives: ${archives}")
endif()
foreach(archive ${archives})
    file(SHA256 ${WORK}/1/${archive} first)
    file(SHA256 ${WORK}/2/${archive} second)
    file(READ ${WORK}/1/${archive}.sha256 told)
    if(NOT first STREQUAL second OR NOT told STREQUAL "${first}  ${archive}\n")
        message(FATAL_ERROR "${archive}: ${first}, made again: ${second}, its checksum file: ${told}")
    endif()
    message("${first}  ${archive}")
endforeach()
