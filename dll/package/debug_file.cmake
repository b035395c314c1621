# Puts the DLL's debug information into a file of its own, `debug_file`, which fits that very DLL: with
# other compilers than MSVC, the DLL has the file's name and checksum, and debuggers look for it beside
# the DLL. No folder of this machine is in them, nor the time: the same source, built by the
# same tools, gives the same bytes.
if(MSVC)
    set(debug_file $<TARGET_PDB_FILE:sharedmem>)
    set(release $<NOT:$<CONFIG:Debug>>)
    target_compile_options(sharedmem PRIVATE $<$<AND:${release},$<COMPILE_LANGUAGE:C>>:/Zi>)
    # With /DEBUG alone, the linker would keep what is not used.
    target_link_options(sharedmem PRIVATE
        $<${release}:/DEBUG> $<${release}:/OPT:REF> $<${release}:/OPT:ICF>
        $<${release}:/Brepro> $<${release}:/PDBALTPATH:sharedmem.pdb>)
    return()
endif()

set(debug_file $<TARGET_FILE:sharedmem>.debug)
target_compile_options(sharedmem PRIVATE
    $<$<COMPILE_LANGUAGE:C>:-g>
    $<$<COMPILE_LANGUAGE:C>:-fdebug-prefix-map=${PROJECT_SOURCE_DIR}=.>
    $<$<COMPILE_LANGUAGE:C>:-fdebug-prefix-map=${PROJECT_BINARY_DIR}=.>)
target_link_options(sharedmem PRIVATE LINKER:--no-insert-timestamp)
# --preserve-dates also preserves that there is no date in the file, which LLVM's does by itself.
if(CMAKE_OBJCOPY MATCHES "llvm")
    set(objcopy ${CMAKE_OBJCOPY})
else()
    set(objcopy ${CMAKE_OBJCOPY} --preserve-dates)
endif()
add_custom_command(TARGET sharedmem POST_BUILD
    COMMAND ${objcopy} --only-keep-debug $<TARGET_FILE:sharedmem> ${debug_file}
    COMMAND ${objcopy} --strip-all --add-gnu-debuglink=${debug_file}
        $<TARGET_FILE:sharedmem>
    BYPRODUCTS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/sharedmem.dll.debug
    VERBATIM)
