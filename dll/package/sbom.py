#!/usr/bin/env python3
"""Writes what the DLLs of a release are made of, as SPDX 2.3.

    sbom.py FILE XXHASH ARCHITECTURE=DLL ...

XXHASH is the header that was compiled in. The same DLLs give the same bytes.
"""
import hashlib
import json
import pathlib
import re
import sys

from pack import project


def header_version(header):
    """The version that xxhash.h says it has."""
    text = header.read_text()
    return '.'.join(re.search(rf'define XXH_VERSION_{part} +(\d+)', text)[1]
                    for part in ['MAJOR', 'MINOR', 'RELEASE'])


def package(name, licence, **more):
    return {'SPDXID': f'SPDXRef-{name}', 'name': name,
            'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False,
            'licenseConcluded': licence, 'licenseDeclared': licence,
            'copyrightText': 'NOASSERTION', **more}


def relationship(element, kind, related):
    return {'spdxElementId': f'SPDXRef-{element}', 'relationshipType': kind,
            'relatedSpdxElement': f'SPDXRef-{related}'}


def main(file, xxhash, *dlls):
    version = project()['VERSION']
    dlls = {name: pathlib.Path(dll).read_bytes()
            for name, dll in sorted(argument.split('=', 1) for argument in dlls)}
    together = hashlib.sha256(b''.join(dlls.values())).hexdigest()
    files = [{'SPDXID': f'SPDXRef-dll-{name}', 'fileName': f'./{name}/sharedmem.dll',
              'fileTypes': ['BINARY'], 'licenseConcluded': 'NOASSERTION',
              'licenseInfoInFiles': ['NOASSERTION'], 'copyrightText': 'NOASSERTION',
              'checksums': [{'algorithm': 'SHA1', 'checksumValue': hashlib.sha1(data).hexdigest()},
                            {'algorithm': 'SHA256',
                             'checksumValue': hashlib.sha256(data).hexdigest()}]}
             for name, data in dlls.items()]
    packages = [
        package('sharedmem', 'MIT', versionInfo=version, primaryPackagePurpose='LIBRARY'),
        package('xxhash', 'BSD-2-Clause', versionInfo=header_version(pathlib.Path(xxhash)),
                comment='Its header is compiled in.')]
    relationships = [relationship('DOCUMENT', 'DESCRIBES', 'sharedmem')]
    for name in dlls:
        relationships += [relationship(f'dll-{name}', 'GENERATED_FROM', 'sharedmem'),
                          relationship(f'dll-{name}', 'STATIC_LINK', 'xxhash')]
    if 'x86' in dlls:  # its 64-bit division
        packages.append(package('libgcc', 'GPL-3.0-or-later WITH GCC-exception-3.1',
                                comment='One function, of the library of the compiler.'))
        relationships.append(relationship('dll-x86', 'STATIC_LINK', 'libgcc'))
    document = {
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT',
        'name': f'sharedmem-{version}',
        'documentNamespace': f'https://spdx.org/spdxdocs/sharedmem-{version}-{together}',
        # The time of everything in the archives: that of the build would change the bytes.
        'creationInfo': {'created': '1980-01-02T00:00:00Z', 'creators': ['Tool: sbom.py']},
        'packages': packages, 'files': files, 'relationships': relationships}
    pathlib.Path(file).write_text(json.dumps(document, indent=2) + '\n')


if __name__ == '__main__':
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
