# An overlay port, which builds the source that it lies in. The DLL has no C runtime in common with the
# program: one build of it serves both configurations.
set(VCPKG_BUILD_TYPE release)
set(VCPKG_POLICY_MISMATCHED_NUMBER_OF_BINARIES enabled)
vcpkg_check_linkage(ONLY_DYNAMIC_LIBRARY)

get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DBUILD_TESTING=OFF
        "-DSHAREDMEM_XXHASH=${CURRENT_INSTALLED_DIR}/include/xxhash.h"
)
vcpkg_cmake_install()
vcpkg_copy_pdbs()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/sharedmem)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(
    FILE_LIST "${SOURCE_PATH}/LICENSE" "${SOURCE_PATH}/dll/package/LICENSE.xxhash"
)
