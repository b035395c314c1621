# Makes the NuGet package and checks its structure; compiles the wrapper, and a program that uses all
# of it, with Mono's compiler where there is one. Arguments: PACK (dll/package/pack.py), PYTHON, DLL,
# ARCHITECTURE, VERSION, WORK (a folder).
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
run(${PYTHON} ${PACK} nuget ${WORK} ${ARCHITECTURE}=${DLL})
set(package ${WORK}/SharedMem.${VERSION}.nupkg)
set(check ${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/nuget/check.py ${package} ${VERSION})
run(${check} ${ARCHITECTURE}=${DLL})

find_program(mcs mcs)
if(NOT mcs)
    message("there is no compiler for C# here: the wrapper has not been compiled")
    return()
endif()
file(ARCHIVE_EXTRACT INPUT ${package} DESTINATION ${WORK}/extracted)
foreach(defined NETSTANDARD2_0 NETSTANDARD2_1_OR_GREATER SHAREDMEM_PUBLIC)
    run(${mcs} -nologo -langversion:7.2 -warn:4 -warnaserror -define:${defined} -target:library
        -out:${WORK}/${defined}.dll ${CMAKE_CURRENT_LIST_DIR}/nuget/Use.cs
        ${WORK}/extracted/contentFiles/cs/any/SharedMem.cs)
endforeach()
