# Runs vcpkg's portfile. vcpkg itself is not to be had here: its functions are these, which do what it
# documents, as far as this port needs it. Arguments: SOURCE, VERSION, GENERATOR, TOOLCHAIN, XXHASH (a
# header), WORK (a folder, in which `packages` is what the port installs).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
set(port ${SOURCE}/dll/package/vcpkg)

file(READ ${port}/vcpkg.json manifest)
foreach(field name version description license supports)
    string(JSON ${field} GET "${manifest}" ${field})
endforeach()
if(NOT name STREQUAL "sharedmem" OR NOT version STREQUAL VERSION)
    message(FATAL_ERROR "vcpkg.json: ${name} ${version}, but this is version ${VERSION}")
endif()

# ---- vcpkg

empty(${WORK})
set(CURRENT_PORT_DIR ${port})
set(CURRENT_INSTALLED_DIR ${WORK}/installed)
set(CURRENT_PACKAGES_DIR ${WORK}/packages)
set(PORT sharedmem)
file(COPY ${XXHASH} DESTINATION ${CURRENT_INSTALLED_DIR}/include)

function(vcpkg_check_linkage)
    if(NOT ARGV STREQUAL "ONLY_DYNAMIC_LIBRARY")
        message(FATAL_ERROR "vcpkg_check_linkage(${ARGV})")
    endif()
endfunction()

function(vcpkg_cmake_configure)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
    run(${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${WORK}/build -G ${GENERATOR}
        -DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN} -DCMAKE_BUILD_TYPE=Release
        -DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} -DFETCHCONTENT_FULLY_DISCONNECTED=ON
        ${arg_OPTIONS})
endfunction()

function(vcpkg_cmake_install) # which would build all
    run(${CMAKE_COMMAND} --build ${WORK}/build --target sharedmem)
    run(${CMAKE_COMMAND} --install ${WORK}/build)
endfunction()

function(vcpkg_copy_pdbs)
endfunction()

function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "CONFIG_PATH" "")
    file(MAKE_DIRECTORY ${CURRENT_PACKAGES_DIR}/share)
    file(RENAME ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH} ${CURRENT_PACKAGES_DIR}/share/${PORT})
    file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/lib/cmake)
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    foreach(file ${arg_FILE_LIST})
        file(READ ${file} text)
        file(APPEND ${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright "${text}")
    endforeach()
endfunction()

include(${port}/portfile.cmake)

# ---- What vcpkg checks

if(NOT VCPKG_BUILD_TYPE STREQUAL "release" OR EXISTS ${CURRENT_PACKAGES_DIR}/debug)
    message(FATAL_ERROR "there should be one configuration")
endif()
file(GLOB_RECURSE files RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/*)
list(FILTER files EXCLUDE REGEX "^(bin|include|lib)/|^share/sharedmem/")
if(files)
    message(FATAL_ERROR "files where vcpkg has none: ${files}")
endif()
foreach(licence LICENSE dll/package/LICENSE.xxhash)
    file(READ ${SOURCE}/${licence} text)
    file(READ ${CURRENT_PACKAGES_DIR}/share/sharedmem/copyright copyright)
    string(FIND "${copyright}" "${text}" found)
    if(found EQUAL -1)
        message(FATAL_ERROR "${licence} is not installed")
    endif()
endforeach()
