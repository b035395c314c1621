# What is installed, and where. All of it finds the rest by its place, so that the folder can be moved.
# The component `debug` is the debug file; `sharedmem` is everything else.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME sharedmem)
include(CMakePackageConfigHelpers)
# CMake's version file compares the size of pointers; this one, the architecture, too.
set(version_file ${CMAKE_CURRENT_BINARY_DIR}/sharedmem-config-version.cmake)
write_basic_package_version_file(${version_file} COMPATIBILITY SameMajorVersion)
file(READ package/architecture.cmake find_architecture)
file(APPEND ${version_file} "
${find_architecture}
if(NOT sharedmem_architecture STREQUAL \"${sharedmem_architecture}\")
    set(PACKAGE_VERSION \"\${PACKAGE_VERSION} (${sharedmem_architecture})\")
    set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()
")
configure_file(package/sharedmem.pc.in sharedmem.pc @ONLY)

install(TARGETS sharedmem RUNTIME DESTINATION bin ARCHIVE DESTINATION lib)
if(msvc_library)
    install(FILES ${msvc_library} DESTINATION lib)
elseif(NOT MSVC)
    install(CODE "message(\"-- Without sharedmem.lib: there was no llvm-dlltool to make it\")")
endif()
install(FILES include/sharedmem.h include/sharedmem.hpp DESTINATION include)
install(FILES
    package/sharedmem-config.cmake ${version_file}
    DESTINATION lib/cmake/sharedmem)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sharedmem.pc DESTINATION lib/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE package/LICENSE.xxhash
    DESTINATION share/doc/sharedmem)
# The repository's own README has links to files that are not installed.
install(FILES package/installed.md DESTINATION share/doc/sharedmem RENAME README.md)
install(FILES ${debug_file} DESTINATION bin COMPONENT debug)
