#!/usr/bin/env python3
"""Makes the packages for other languages of DLLs that are built already.

    pack.py npm FOLDER ARCHITECTURE=DLL ...      sharedmem-VERSION.tgz, as npm pack makes it
    pack.py nuget FOLDER ARCHITECTURE=DLL ...    SharedMem.VERSION.nupkg, as nuget pack makes it

FOLDER receives the package as files, in a folder of its kind, and its archive. ARCHITECTURE is x64,
x86 or arm64. The same files give the same bytes, whenever and wherever.
"""
import gzip
import io
import pathlib
import re
import sys
import tarfile
import zipfile

PACKAGE = pathlib.Path(__file__).resolve().parent
PROJECT = PACKAGE.parent.parent
DOCUMENTS = {'CHANGELOG.md': PROJECT / 'CHANGELOG.md', 'LICENSE': PROJECT / 'LICENSE',
             'LICENSE.xxhash': PACKAGE / 'LICENSE.xxhash'}
TIME = 315619200  # 2 January 1980, as in the other archives


def project():
    """The version and the description that CMakeLists.txt has."""
    text = (PROJECT / 'CMakeLists.txt').read_text()
    return {'VERSION': re.search(r'VERSION ([0-9.]+)\n', text)[1],
            'DESCRIPTION': re.search(r'DESCRIPTION "(.*)"', text)[1]}


def fill(template, values):
    """The text of a template whose @NAME@ are replaced."""
    text = re.sub('@([A-Z]+)@', lambda name: values[name[1]], template.read_text())
    return text.encode()


def tgz(files):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode='w', format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f'package/{name}')
            member.size = len(files[name])
            member.mtime = TIME
            archive.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(tar.getvalue(), mtime=0)


def zipped(files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w') as target:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, (1980, 1, 2, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.create_system = 3
            target.writestr(member, files[name])
    return archive.getvalue()


def npm(dlls):
    """The files of the package, by their names, and its archive."""
    cpus = {name: 'ia32' if name == 'x86' else name for name in dlls}  # as Node.js names them
    values = dict(project(), CPUS=', '.join(f'"{cpu}"' for cpu in sorted(cpus.values())))
    files = {name: (PACKAGE / 'npm' / name).read_bytes()
             for name in ['README.md', 'index.d.ts', 'index.js']}
    files.update({name: path.read_bytes() for name, path in DOCUMENTS.items()})
    files['package.json'] = fill(PACKAGE / 'npm' / 'package.json.in', values)
    for architecture, dll in dlls.items():
        files[f'bin/{cpus[architecture]}/sharedmem.dll'] = dll.read_bytes()
    return files, f'sharedmem-{values["VERSION"]}.tgz', tgz(files)


# What makes a zip file one of the Open Packaging Conventions: its files' types, and the main one.
CONTENT_TYPES = '''<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
%s
</Types>
'''
RELATIONSHIPS = '''<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest"
    Target="/SharedMem.nuspec" Id="manifest" />
</Relationships>
'''


def nuget(dlls):
    values = project()
    source = PACKAGE / 'nuget'
    files = {name: path.read_bytes() for name, path in DOCUMENTS.items()}
    files['README.md'] = (source / 'README.md').read_bytes()
    files['SharedMem.nuspec'] = fill(source / 'SharedMem.nuspec.in', values)
    files['contentFiles/cs/any/SharedMem.cs'] = (source / 'SharedMem.cs').read_bytes()
    files['lib/netstandard2.0/_._'] = b''  # no assembly, but these frameworks
    files['build/net461/SharedMem.targets'] = (source / 'SharedMem.targets').read_bytes()
    for architecture, dll in dlls.items():
        files[f'runtimes/win-{architecture}/native/sharedmem.dll'] = dll.read_bytes()
    types = sorted({pathlib.PurePath(name).suffix[1:] for name in files} - {''})
    parts = [f'  <Default Extension="{name}" ContentType="application/octet" />' for name in types]
    parts += [f'  <Override PartName="/{name}" ContentType="application/octet" />'
              for name in sorted(files) if not pathlib.PurePath(name).suffix]
    files['[Content_Types].xml'] = (CONTENT_TYPES % '\n'.join(parts)).encode()
    files['_rels/.rels'] = RELATIONSHIPS.encode()
    return files, f'SharedMem.{values["VERSION"]}.nupkg', zipped(files)


KINDS = {'npm': npm, 'nuget': nuget}


def main(kind, folder, *dlls):
    dlls = dict(argument.split('=', 1) for argument in dlls)
    unknown = set(dlls) - {'x64', 'x86', 'arm64'}
    if unknown or not dlls:
        sys.exit(f'no architecture: {unknown or "none is given"}')
    dlls = {architecture: pathlib.Path(dll) for architecture, dll in sorted(dlls.items())}
    files, name, archive = KINDS[kind](dlls)
    folder = pathlib.Path(folder)
    for file, data in files.items():
        path = folder / kind / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / name).write_bytes(archive)


if __name__ == '__main__':
    if len(sys.argv) < 3 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    main(*sys.argv[1:])
