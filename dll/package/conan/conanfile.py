"""Recipe for Conan 2, which builds the source that it lies in."""
import os
import re
import shutil

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class SharedMem(ConanFile):
    name = 'sharedmem'
    description = 'Memory that the processes of a Windows session share'
    license = 'MIT AND BSD-2-Clause'
    topics = ('windows', 'shared-memory', 'ipc')
    package_type = 'shared-library'
    settings = 'os', 'arch', 'compiler', 'build_type'
    languages = 'C'

    @property
    def _project(self):
        return os.path.join(self.recipe_folder, '..', '..', '..')

    def set_version(self):
        project = load(self, os.path.join(self._project, 'CMakeLists.txt'))
        self.version = re.search(r'VERSION ([0-9.]+)\n', project)[1]

    def export_sources(self):
        for name in ['CHANGELOG.md', 'CMakeLists.txt', 'LICENSE']:
            shutil.copy(os.path.join(self._project, name), self.export_sources_folder)
        for name in ['child', 'dll', 'parent']:
            copy(self, '*', os.path.join(self._project, name),
                 os.path.join(self.export_sources_folder, name))

    def validate(self):
        if self.settings.os != 'Windows':
            raise ConanInvalidConfiguration('sharedmem is for Windows only')

    def requirements(self):
        self.requires('xxhash/0.8.1', libs=False)  # its header is compiled in

    def layout(self):
        cmake_layout(self)

    def generate(self):
        folder = self.dependencies['xxhash'].cpp_info.includedirs[0]
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables['BUILD_TESTING'] = False
        toolchain.cache_variables['SHAREDMEM_XXHASH'] = os.path.join(folder, 'xxhash.h')
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build(target='sharedmem')

    def package(self):
        CMake(self).install()
        for name in ['LICENSE', 'LICENSE.xxhash']:
            copy(self, name, os.path.join(self.package_folder, 'share', 'doc', 'sharedmem'),
                 os.path.join(self.package_folder, 'licenses'))

    def package_info(self):
        self.cpp_info.libs = ['sharedmem']
        self.cpp_info.set_property('cmake_file_name', 'sharedmem')
        self.cpp_info.set_property('cmake_target_name', 'sharedmem::sharedmem')
        self.cpp_info.set_property('pkg_config_name', 'sharedmem')
