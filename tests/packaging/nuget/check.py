"""Checks the structure of a NuGet package: check.py PACKAGE VERSION [ARCHITECTURE=DLL ...]

There is no NuGet here: this is what its documentation says of a .nupkg and of a .nuspec.
"""
import pathlib
import sys
import zipfile
from xml.etree import ElementTree

NUSPEC = '{http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd}'
TYPES = '{http://schemas.openxmlformats.org/package/2006/content-types}'
RELATIONSHIPS = '{http://schemas.openxmlformats.org/package/2006/relationships}'
METADATA = {'id', 'version', 'authors', 'license', 'readme', 'description', 'tags', 'dependencies',
            'contentFiles'}


def check(package, version, dlls):
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        files = {name: archive.read(name) for name in names}
    assert len(files) == len(names), 'a name twice'
    assert pathlib.Path(package).name == f'SharedMem.{version}.nupkg', package

    # The package: each part has a type, and one is the manifest.
    types = ElementTree.fromstring(files['[Content_Types].xml'])
    assert types.tag == TYPES + 'Types', types.tag
    defaults = {item.get('Extension') for item in types.findall(TYPES + 'Default')}
    overrides = {item.get('PartName') for item in types.findall(TYPES + 'Override')}
    for name in set(files) - {'[Content_Types].xml'}:
        extension = name.rpartition('/')[2].rpartition('.')[2]
        assert extension in defaults or '/' + name in overrides, f'{name} has no type'
    relationship, = ElementTree.fromstring(files['_rels/.rels'])
    assert relationship.tag == RELATIONSHIPS + 'Relationship'
    assert relationship.get('Type') == 'http://schemas.microsoft.com/packaging/2010/07/manifest'
    assert relationship.get('Target') == '/SharedMem.nuspec'

    # The manifest: known elements, the required ones, files that are there.
    nuspec = ElementTree.fromstring(files['SharedMem.nuspec'])
    assert nuspec.tag == NUSPEC + 'package', nuspec.tag
    metadata, = nuspec
    assert metadata.tag == NUSPEC + 'metadata', metadata.tag
    elements = {item.tag.replace(NUSPEC, ''): item for item in metadata}
    assert set(elements) == METADATA and len(metadata) == len(METADATA), sorted(elements)
    assert elements['id'].text == 'SharedMem' and elements['version'].text == version
    assert elements['authors'].text and elements['description'].text
    assert elements['license'].get('type') == 'expression' and elements['license'].text
    assert elements['readme'].text in files
    for item in elements['contentFiles']:
        assert item.get('buildAction') == 'Compile', item.attrib
        assert 'contentFiles/' + item.get('include') in files, item.attrib
    framework, = (group.get('targetFramework') for group in elements['dependencies'])
    assert framework == '.NETStandard2.0' and 'lib/netstandard2.0/_._' in files, framework

    # What .NET Framework needs; and the DLLs, as they were built.
    ElementTree.fromstring(files['build/net461/SharedMem.targets'])
    runtimes = {name: data for name, data in files.items() if name.startswith('runtimes/')}
    assert runtimes == {f'runtimes/win-{name}/native/sharedmem.dll': pathlib.Path(dll).read_bytes()
                        for name, dll in dlls.items()}, sorted(runtimes)


check(sys.argv[1], sys.argv[2], dict(argument.split('=', 1) for argument in sys.argv[3:]))
