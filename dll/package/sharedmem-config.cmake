# For find_package: makes the target sharedmem::sharedmem, the DLL of the folder that this file has been
# installed to, as lib/cmake/sharedmem or, by vcpkg, share/sharedmem. The import library is the one that
# has the form of the caller's compiler.
get_filename_component(_sharedmem_folder "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT EXISTS "${_sharedmem_folder}/include/sharedmem.h")
    get_filename_component(_sharedmem_folder "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
endif()
set(_sharedmem_library
    "${CMAKE_IMPORT_LIBRARY_PREFIX}sharedmem${CMAKE_IMPORT_LIBRARY_SUFFIX}")

if(NOT EXISTS "${_sharedmem_folder}/lib/${_sharedmem_library}")
    set(sharedmem_FOUND FALSE)
    set(sharedmem_NOT_FOUND_MESSAGE
        "${_sharedmem_folder}/lib has no import library for this compiler, ${_sharedmem_library}")
elseif(NOT TARGET sharedmem::sharedmem)
    add_library(sharedmem::sharedmem SHARED IMPORTED)
    set_target_properties(sharedmem::sharedmem PROPERTIES
        IMPORTED_LOCATION "${_sharedmem_folder}/bin/sharedmem.dll"
        IMPORTED_IMPLIB "${_sharedmem_folder}/lib/${_sharedmem_library}"
        INTERFACE_INCLUDE_DIRECTORIES "${_sharedmem_folder}/include")
endif()

unset(_sharedmem_folder)
unset(_sharedmem_library)
