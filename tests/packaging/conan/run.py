"""Runs the recipe for Conan, and its test_package, with as much of Conan as they use.

    run.py PROJECT VERSION GENERATOR TOOLCHAIN XXHASH WORK

Conan itself is not to be had here. These are its documented functions; what they cannot show is how
Conan calls the recipe.
"""
import fnmatch
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import types

PROJECT, VERSION, GENERATOR, TOOLCHAIN, XXHASH, WORK = sys.argv[1:]
WORK = pathlib.Path(WORK)
RECIPE = pathlib.Path(PROJECT) / 'dll' / 'package' / 'conan'


class Information:
    """cpp_info."""

    def __init__(self, **attributes):
        self.properties = {}
        self.__dict__.update(attributes)

    def set_property(self, name, value):
        self.properties[name] = value


class ConanFile:
    def __init__(self, recipe_folder, folder):
        self.recipe_folder = str(recipe_folder)
        for name in ['export_sources', 'build', 'package']:
            path = folder / name
            path.mkdir(parents=True)
            setattr(self, f'{name}_folder', str(path))
        self.source_folder = self.export_sources_folder
        self.required = []
        self.cache_variables = {}
        self.cpp_info = Information()
        self.cpp = Information(build=Information(bindir=self.build_folder))
        self.settings = Information(os='Windows')

    def requires(self, reference, **traits):
        self.required.append(reference)

    def run(self, command, env):
        assert env == 'conanrun' and os.path.exists(command + '.exe'), command


class CMakeToolchain:
    def __init__(self, conanfile):
        self.conanfile = conanfile
        self.cache_variables = {}

    def generate(self):
        self.conanfile.cache_variables = self.cache_variables


class CMake:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    def configure(self):
        recipe = self.conanfile
        variables = {'CMAKE_TOOLCHAIN_FILE': TOOLCHAIN, 'CMAKE_BUILD_TYPE': 'Release',
                     'CMAKE_INSTALL_PREFIX': recipe.package_folder, **recipe.cache_variables}
        self._cmake('-S', recipe.source_folder, '-B', recipe.build_folder, '-G', GENERATOR,
                    *(f'-D{name}={value}' for name, value in variables.items()))

    def build(self, target='all'):
        self._cmake('--build', self.conanfile.build_folder, '--target', target)

    def install(self):
        self._cmake('--install', self.conanfile.build_folder)

    @staticmethod
    def _cmake(*arguments):
        subprocess.run(['cmake', *arguments], check=True)


def copy(conanfile, pattern, source, destination):
    copied = []
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, source)
            if fnmatch.fnmatch(relative, pattern):
                target = os.path.join(destination, relative)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                copied.append(shutil.copy2(path, target))
    return copied


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(members)


def recipe(folder):
    """The class of a recipe."""
    specification = importlib.util.spec_from_file_location('recipe', folder / 'conanfile.py')
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return next(value for value in vars(loaded).values()
                if isinstance(value, type) and issubclass(value, ConanFile) and value != ConanFile)


class Invalid(Exception):
    pass


module('conan', ConanFile=ConanFile)
module('conan.errors', ConanInvalidConfiguration=Invalid)
module('conan.tools')
module('conan.tools.build', can_run=lambda conanfile: True)
module('conan.tools.cmake', CMake=CMake, CMakeToolchain=CMakeToolchain,
       cmake_layout=lambda conanfile: None)
module('conan.tools.files', copy=copy,
       load=lambda conanfile, path: pathlib.Path(path).read_text(encoding='utf-8'))

library = recipe(RECIPE)(RECIPE, WORK / 'library')
library.set_version()
assert library.version == VERSION, library.version
library.settings.os = 'Linux'
try:
    library.validate()
    sys.exit('it should be for Windows only')
except Invalid:
    library.settings.os = 'Windows'
library.validate()
library.requirements()
assert library.required == ['xxhash/0.8.1'], library.required
header = Information(cpp_info=Information(includedirs=[os.path.dirname(XXHASH)]))
library.dependencies = {'xxhash': header}
library.export_sources()
library.layout()
library.generate()
library.build()
library.package()
library.package_info()
assert library.cpp_info.properties['cmake_target_name'] == 'sharedmem::sharedmem'
licences = sorted(os.listdir(os.path.join(library.package_folder, 'licenses')))
assert licences == ['LICENSE', 'LICENSE.xxhash'], licences

user = recipe(RECIPE / 'test_package')(RECIPE / 'test_package', WORK / 'user')
user.tested_reference_str = f'sharedmem/{VERSION}'
user.source_folder = user.recipe_folder
user.cache_variables['sharedmem_DIR'] = os.path.join(
    library.package_folder, 'lib', 'cmake', 'sharedmem')
user.requirements()
assert user.required == [user.tested_reference_str]
user.layout()
user.build()
user.test()
