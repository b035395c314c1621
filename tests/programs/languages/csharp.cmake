# Compiles the example for C#, by the compiler of the .NET SDK under Wine, to hello_cs.dll in the working
# directory, as C# 5: PowerShell's compiler takes no newer one. Without the SDK, says "skipped".
# Arguments: SOURCE, SDK (its folder), EMULATOR.
include(${CMAKE_CURRENT_LIST_DIR}/../../packaging/steps.cmake)

set(program ${CMAKE_CURRENT_BINARY_DIR}/hello_cs)
file(REMOVE ${program}.dll)
if(NOT EXISTS ${SDK}/dotnet.exe)
    message("skipped: .NET could not be fetched")
    return()
endif()

separate_arguments(emulator UNIX_COMMAND "${EMULATOR}")
file(GLOB compiler ${SDK}/sdk/*/Roslyn/bincore/csc.dll)
file(GLOB references ${SDK}/packs/Microsoft.NETCore.App.Ref/*/ref/*/*.dll)
list(TRANSFORM references REPLACE "(.+)" "-reference:\"\\1\"\n")
file(WRITE ${program}.rsp ${references}) # more than a command line can have
run(${emulator} ${SDK}/dotnet.exe ${compiler} -nologo -noconfig -nostdlib -langversion:5 -warn:4
    -warnaserror @${program}.rsp -out:${program}.dll ${SOURCE})
file(WRITE ${program}.runtimeconfig.json
    [[{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}}}]])
