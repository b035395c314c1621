# xxHash's header: of the system, or else the one that Debian 12 has, by its hash. It goes to a
# folder of its own, because the system's headers beside it are not those of the target.
find_file(SHAREDMEM_XXHASH xxhash.h PATH_SUFFIXES include PATHS /usr /usr/local
    NO_CMAKE_FIND_ROOT_PATH
    DOC "The header of xxHash 0.8 or newer")
if(NOT SHAREDMEM_XXHASH)
    include(FetchContent)
    FetchContent_Declare(xxhash
        URL https://raw.githubusercontent.com/Cyan4973/xxHash/v0.8.1/xxhash.h
        URL_HASH SHA256=d4f2b91b547c79061649186721a6b331609f2bf8595485a21ea631c82ec3ef93
        DOWNLOAD_NO_EXTRACT TRUE)
    FetchContent_MakeAvailable(xxhash)
    set(SHAREDMEM_XXHASH ${xxhash_SOURCE_DIR}/xxhash.h CACHE FILEPATH "" FORCE)
endif()
configure_file(${SHAREDMEM_XXHASH} ${CMAKE_CURRENT_BINARY_DIR}/xxhash/xxhash.h COPYONLY)
