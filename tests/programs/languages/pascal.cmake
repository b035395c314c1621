# Compiles the example for Free Pascal to hello_pascal.exe in the working directory. Linux systems
# have the compiler for 64-bit Windows, but its units only as source, which is compiled, too.
# Without these, says "skipped". Argument: SOURCE.
set(folder ${CMAKE_CURRENT_BINARY_DIR})
file(REMOVE ${folder}/hello_pascal.exe)
file(REMOVE_RECURSE ${folder}/units)
file(MAKE_DIRECTORY ${folder}/units)
find_program(fpc ppcx64)
if(fpc)
    execute_process(COMMAND ${fpc} -iV OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
set(rtl /usr/share/fpcsrc/${version}/rtl)
if(NOT fpc OR NOT EXISTS ${rtl}/win64/system.pp)
    message("skipped: no Free Pascal with its source here")
    return()
endif()

function(compile)
    execute_process(COMMAND ${fpc} -n -Twin64 -Sg -FU${folder}/units ${ARGN}
        RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "${fpc}: ${output}")
    endif()
endfunction()

set(units "")
foreach(unit win64 win win/wininc inc x86_64 objpas)
    list(APPEND units -Fu${rtl}/${unit} -Fi${rtl}/${unit})
endforeach()
compile(-Us ${units} ${rtl}/win64/system.pp)
compile(${units} -Fi${rtl}/objpas/sysutils -o${folder}/hello_pascal.exe ${SOURCE})
