# Makes the NuGet package, checks its structure, and has NuGet install it to a project that .NET for
# Windows builds and runs. Mono's compiler, where there is one, takes the wrapper as .NET Framework
# would. Arguments: PACK (dll/package/pack.py), PYTHON, DLL, ARCHITECTURE, VERSION, WORK (a folder);
# where .NET runs, SDK (its folder) and EMULATOR.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)

empty(${WORK})
run(${PYTHON} ${PACK} nuget ${WORK}/packages ${ARCHITECTURE}=${DLL})
set(package ${WORK}/packages/SharedMem.${VERSION}.nupkg)
set(project ${CMAKE_CURRENT_LIST_DIR}/nuget)
run(${PYTHON} ${project}/check.py ${package} ${VERSION} ${ARCHITECTURE}=${DLL})

find_program(mcs mcs)
if(mcs)
    file(ARCHIVE_EXTRACT INPUT ${package} DESTINATION ${WORK}/extracted)
    foreach(defined NETSTANDARD2_0 NETSTANDARD2_1 SHAREDMEM_PUBLIC)
        run(${mcs} -nologo -langversion:7.2 -warn:4 -warnaserror -define:${defined}
            -out:${WORK}/${defined}.exe ${project}/Use.cs
            ${WORK}/extracted/contentFiles/cs/any/SharedMem.cs)
    endforeach()
else()
    message("there is no compiler of Mono here: the wrapper has not been compiled as for .NET Framework")
endif()

if(NOT SDK)
    return()
elseif(NOT EXISTS ${SDK}/dotnet.exe)
    message("skipped: .NET could not be fetched")
    return()
endif()

# Nothing of the user's: neither settings nor packages; and no process that stays.
separate_arguments(emulator UNIX_COMMAND "${EMULATOR}")
set(ENV{DOTNET_CLI_HOME} Z:${WORK}/home)
set(ENV{NUGET_PACKAGES} Z:${WORK}/installed)
set(ENV{DOTNET_CLI_TELEMETRY_OPTOUT} 1)
set(ENV{DOTNET_SKIP_FIRST_TIME_EXPERIENCE} 1)
file(MAKE_DIRECTORY ${WORK}/home)
file(COPY ${project}/Use.cs ${project}/Use.csproj ${project}/NuGet.Config
    DESTINATION ${WORK}/project)
run(${emulator} ${SDK}/dotnet.exe build Z:${WORK}/project/Use.csproj -maxcpucount:1 -nodeReuse:false
    -property:UseSharedCompilation=false -property:SharedMemVersion=${VERSION})
run(${CMAKE_COMMAND} -E compare_files ${WORK}/project/bin/Debug/netstandard2.1/sharedmem.dll ${DLL})
set(ENV{CLOSING_LINE} passed)
run(${emulator} ${SDK}/dotnet.exe ${WORK}/project/bin/Debug/netcoreapp3.1/Use.dll)
