# The archives of a release, which `cpack` makes of what is installed: one of the component `sharedmem`,
# one of `debug`, to be unpacked over it, and their SHA-256.
if(NOT PROJECT_IS_TOP_LEVEL)
    return() # a project that builds the DLL as a part of itself has archives of its own
endif()

set(CPACK_PACKAGE_FILE_NAME sharedmem-${PROJECT_VERSION}-windows-${sharedmem_architecture})
set(CPACK_GENERATOR ZIP)
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL sharedmem debug)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
set(CPACK_ARCHIVE_SHAREDMEM_FILE_NAME ${CPACK_PACKAGE_FILE_NAME})
set(CPACK_ARCHIVE_DEBUG_FILE_NAME ${CPACK_PACKAGE_FILE_NAME}-debug)

# The same bytes wherever and whenever they are made, by users with the same umask; and, before CMake
# 4.3, which can be told the owner of what is in an archive, with the same numbers.
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/package/archive_times.cmake)
set(CPACK_ARCHIVE_UID 0)
set(CPACK_ARCHIVE_GID 0)
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
