# Installs the package, checks that all of it is there, and moves it. Arguments: BUILD, CONFIG, WORK (a
# folder), PACKAGE (where it goes to in the end), FILES (all of them, with spaces between).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/../selftest/links.cmake)

file(REMOVE_RECURSE ${WORK}/installed ${PACKAGE})
run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${WORK}/installed)
file(GLOB_RECURSE installed RELATIVE ${WORK}/installed ${WORK}/installed/*)
separate_arguments(files UNIX_COMMAND "${FILES}")
list(SORT installed)
list(SORT files)
if(NOT installed STREQUAL files)
    message(FATAL_ERROR "installed: ${installed}\nshould be: ${files}\n${output}")
endif()
file(GLOB_RECURSE documents ${WORK}/installed/*.md)
check_links(${documents})
file(RENAME ${WORK}/installed ${PACKAGE})
