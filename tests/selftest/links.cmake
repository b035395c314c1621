# check_links(DOCUMENT ...): fails unless every relative link in these Markdown files leads to a file
# or a folder that exists.
function(check_links)
    set(broken "")
    foreach(document ${ARGN})
        get_filename_component(folder ${document} DIRECTORY)
        file(READ ${document} text)
        string(REPLACE "[](" "" text "${text}") # a function of C++
        # CMake's lists take a bracket without its counterpart amiss.
        string(REPLACE "](" "\n@link " text "${text}")
        string(REGEX MATCHALL "\n@link [^) \n]+" links "${text}")
        foreach(link ${links})
            string(REGEX REPLACE "^\n@link ([^#]*).*" "\\1" target "${link}")
            if(NOT target MATCHES "^(https?|mailto):" AND NOT EXISTS ${folder}/${target})
                string(APPEND broken "\n${document}: ${target}")
            endif()
        endforeach()
    endforeach()
    if(broken)
        message(FATAL_ERROR "links that lead nowhere:${broken}")
    endif()
endfunction()
