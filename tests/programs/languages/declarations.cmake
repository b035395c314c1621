# Compares what the examples of other languages declare with the header: names, arguments, types,
# which way values go, calling convention, the fields of structures, constants. A declaration
# that does not look as expected here is an error, too. Arguments: HEADER, EXAMPLES (a folder).
#
# An argument is written "in DWORD", "out ULONGLONG *", "inout SIZE_T *"; a result like an argument
# that goes in.

# As one line, without what means something to CMake's lists: ; [ ] \ become ~ < > /.
function(read_source file result)
    file(READ ${file} text)
    string(REPLACE ";" "~" text "${text}")
    string(REPLACE "[" "<" text "${text}")
    string(REPLACE "]" ">" text "${text}")
    string(REPLACE "\\" "/" text "${text}")
    string(REGEX REPLACE "[ \r\n]+" " " text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# ---- The header

read_source(${HEADER} header)
string(REGEX REPLACE "/[*]([^*]|[*]+[^*/])*[*]+/" "" header "${header}")
string(REGEX REPLACE "_Always_[(]([A-Za-z_]+)[)]" "\\1" header "${header}")
string(REGEX REPLACE "(_[A-Z][a-z_]+_)[(][^()]*[)]" "\\1" header "${header}") # an annotation's arguments

set(functions "") # and of each, declared_<name>: its result and its arguments
set(declaration "SHAREDMEM_API ([A-Z]+|void) __cdecl ([A-Za-z]+)[(]([^~]*)[)]~")
string(REGEX MATCHALL "${declaration}" declarations "${header}")
foreach(found ${declarations})
    string(REGEX MATCH "${declaration}" found "${found}")
    set(name ${CMAKE_MATCH_2})
    set(declared_${name} "in ${CMAKE_MATCH_1}")
    list(APPEND functions ${name})
    string(REPLACE "," ";" arguments "${CMAKE_MATCH_3}")
    foreach(argument ${arguments})
        if(argument STREQUAL "void")
            continue()
        endif()
        if(NOT argument MATCHES "^ *(_[A-Za-z_]+_ )?((const )?[A-Z_]+ [*]?)[a-z]+$")
            message(FATAL_ERROR "${HEADER}: ${name}: what is${argument}?")
        endif()
        string(STRIP "${CMAKE_MATCH_2}" type)
        if(argument MATCHES "_Inout_")
            list(APPEND declared_${name} "inout ${type}")
        elseif(argument MATCHES "_Out_")
            list(APPEND declared_${name} "out ${type}")
        else()
            list(APPEND declared_${name} "in ${type}")
        endif()
    endforeach()
    if(NOT header MATCHES "[*]PFN_${name}[)][(]")
        message(SEND_ERROR "${HEADER}: ${name} has no PFN_${name}")
    endif()
endforeach()
list(SORT functions)

foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
    if(NOT header MATCHES "typedef struct ${struct} { ([^}]*)}")
        message(FATAL_ERROR "${HEADER}: where is ${struct}?")
    endif()
    string(REGEX MATCHALL "[A-Z_]+ [A-Za-z]+" fields_of_${struct} "${CMAKE_MATCH_1}")
    set(offset 0) # right up to the first pointer
    foreach(field ${fields_of_${struct}})
        string(REGEX REPLACE ".* " "" name "${field}")
        set(offset_of_${name} ${offset})
        if(field MATCHES "ULONGLONG")
            math(EXPR offset "${offset} + 8")
        else()
            math(EXPR offset "${offset} + 4")
        endif()
    endforeach()
endforeach()

if(NOT header MATCHES "define SHARED_MEM_TEXT_CCH ([0-9]+)")
    message(FATAL_ERROR "${HEADER}: where is SHARED_MEM_TEXT_CCH?")
endif()
set(text_cch ${CMAKE_MATCH_1})

set(flag "SHARED_MEM_([A-Z_]+) 0x0*([0-9a-f]+)u")
string(REGEX MATCHALL "define ${flag}" flags "${header}")
if(NOT flags)
    message(FATAL_ERROR "${HEADER}: where are the flags?")
endif()

# ---- Comparing. What is said of the present example is in `example`, `source` and `types`.

function(expect_text)
    foreach(text ${ARGN})
        string(FIND "${source}" "${text}" found)
        if(found EQUAL -1)
            message(SEND_ERROR "${example}: there is no ${text}")
        endif()
    endforeach()
endfunction()

# expect_flags(EQUALS): of each flag, behind its name, what the language writes before a hexadecimal number.
function(expect_flags equals)
    foreach(declared ${flags})
        string(REGEX MATCH "${flag}" declared "${declared}")
        set(name SHARED_MEM_${CMAKE_MATCH_1})
        set(value ${CMAKE_MATCH_2})
        if(NOT source MATCHES "${name}${equals}${value}[^0-9a-fA-F]")
            message(SEND_ERROR "${example}: there is no ${name} of ${value}")
        endif()
    endforeach()
endfunction()

# Whether a type of the example's language is, for the DLL, what the header says. `types` has items
# TYPE = REGULAR EXPRESSION.
function(expect_type where type declared)
    foreach(known ${types})
        string(FIND "${known}" " = " end)
        string(SUBSTRING "${known}" 0 ${end} known_type)
        if(known_type STREQUAL type)
            math(EXPR end "${end} + 3")
            string(SUBSTRING "${known}" ${end} -1 stands_for)
            if(declared MATCHES "^(${stands_for})$")
                return()
            endif()
        endif()
    endforeach()
    message(SEND_ERROR "${example}: ${where}: ${type}, but in the header ${declared}")
endfunction()

# expect_function(NAME RESULT [ARGUMENT ...]), as types of the example's language.
function(expect_function name)
    list(FIND functions ${name} found)
    if(found EQUAL -1)
        message(SEND_ERROR "${example}: ${name} is not in the header")
        return()
    endif()
    list(LENGTH ARGN given)
    list(LENGTH declared_${name} expected)
    if(NOT given EQUAL expected)
        message(SEND_ERROR "${example}: ${name}(${ARGN}), but in the header ${declared_${name}}")
        return()
    endif()
    foreach(type declared IN ZIP_LISTS ARGN declared_${name})
        expect_type(${name} "${type}" "${declared}")
    endforeach()
endfunction()

function(expect_all_functions)
    set(found ${ARGN})
    list(SORT found)
    if(NOT found STREQUAL functions)
        message(SEND_ERROR "${example}: functions ${found}, but in the header ${functions}")
    endif()
endfunction()

# expect_fields(STRUCT [TYPE NAME ...]), each such pair one item.
function(expect_fields struct)
    list(LENGTH ARGN given)
    list(LENGTH fields_of_${struct} expected)
    if(NOT given EQUAL expected)
        message(SEND_ERROR
            "${example}: ${struct} has ${ARGN}, but in the header ${fields_of_${struct}}")
        return()
    endif()
    foreach(field declared IN ZIP_LISTS ARGN fields_of_${struct})
        string(REGEX MATCH "^(.*) ([A-Za-z]+)$" field "${field}")
        set(type ${CMAKE_MATCH_1})
        set(name ${CMAKE_MATCH_2})
        string(REGEX MATCH "^(.*) ([A-Za-z]+)$" declared "${declared}")
        if(NOT name STREQUAL CMAKE_MATCH_2)
            message(SEND_ERROR "${example}: the field ${name} is ${CMAKE_MATCH_2} in the header")
        endif()
        expect_type(${name} "${type}" "in ${CMAKE_MATCH_1}")
    endforeach()
endfunction()

# expect_grouped_fields(STRUCT REGEX TYPE NAMES [GROUP ...]): the same where one type has several names. In a
# group, REGEX finds both, each in the subexpression of that number.
function(expect_grouped_fields struct regex type_at names_at)
    set(found "")
    foreach(group ${ARGN})
        string(REGEX MATCH "${regex}" group "${group}")
        string(REPLACE ", " ";" names "${CMAKE_MATCH_${names_at}}")
        list(TRANSFORM names PREPEND "${CMAKE_MATCH_${type_at}} ")
        list(APPEND found ${names})
    endforeach()
    expect_fields(${struct} ${found})
endfunction()

# Finds what a regular expression describes; there must be as many as of a plain text.
macro(find_all regex plain)
    string(REGEX MATCHALL "${regex}" matches "${source}")
    string(REGEX MATCHALL "${plain}" plain_matches "${source}")
    list(LENGTH matches count)
    list(LENGTH plain_matches plain_count)
    if(NOT count EQUAL plain_count OR count EQUAL 0)
        message(SEND_ERROR "${example}: of ${plain_count} ${plain}, ${count} are as expected")
    endif()
    set(found "")
endmacro()

macro(begin file)
    set(example ${file})
    read_source(${EXAMPLES}/${file} source)
endmacro()

# ---- Node.js: the example, which declares everything, and the npm package

foreach(file hello.js ../package/npm/index.js)
    begin(${file})
    expect_text("koffi.pointer('HSHAREDMEM', koffi.opaque())" "SHARED_MEM_TEXT = -1~"
        "SHARED_MEM_TEXT_CCH = ${text_cch}~")
    expect_flags(" = 0x")
    set(types "void = in void" "int = in BOOL" "uint32_t = in DWORD" "uint64_t = in ULONGLONG"
        "size_t = in SIZE_T" "HSHAREDMEM = in HSHAREDMEM" "HANDLE = in HANDLE" "str16 = in LPCWSTR"
        "void * = in LPSECURITY_ATTRIBUTES" "const void * = in LPCVOID"
        "_Out_ void * = out LP(WSTR|VOID)" "_Inout_ size_t * = inout SIZE_T [*]"
        "_Out_ void ** = out LPC?VOID [*]" "_Out_ size_t * = out SIZE_T [*]"
        "const uint64_t * = in const ULONGLONG [*]"
        "_Out_ uint64_t * = out ULONGLONG [*]" "_Inout_ uint64_t * = inout ULONGLONG [*]"
        "uintptr_t = in LPVOID" "const SHARED_MEM_OPTIONS * = in const SHARED_MEM_OPTIONS [*]"
        "_Inout_ SHARED_MEM_INFO * = inout SHARED_MEM_INFO [*]")
    string(REPLACE "' + '" "" source "${source}")
    set(function "const ([A-Za-z]+) = dll[.]func[(]'([A-Za-z0-9_]+) __cdecl ")
    string(APPEND function "([A-Za-z]+)[(]([^)]*)[)]'[)]~")
    find_all("${function}" "dll[.]func")
    foreach(match ${matches})
        string(REGEX MATCH "${function}" match "${match}")
        set(variable ${CMAKE_MATCH_1})
        set(result ${CMAKE_MATCH_2})
        set(name ${CMAKE_MATCH_3})
        string(REPLACE ", " ";" arguments "${CMAKE_MATCH_4}")
        list(TRANSFORM arguments REPLACE " ?[a-z]+$" "")
        expect_function(${name} ${result} ${arguments})
        if(NOT variable STREQUAL name)
            message(SEND_ERROR "${example}: ${variable} is ${name}")
        endif()
        list(APPEND found ${name})
    endforeach()
    if(file STREQUAL "hello.js")
        expect_all_functions(${found})
    endif()
    foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
        string(REGEX MATCH "struct[(]'${struct}', {([^}]*)}" match "${source}")
        string(REGEX MATCHALL "[A-Za-z]+: '[a-z0-9_ *]+'" found "${CMAKE_MATCH_1}")
        list(TRANSFORM found REPLACE "(.*): '(.*)'" "\\2 \\1")
        expect_fields(${struct} ${found})
    endforeach()
endforeach()

# ---- Python

begin(hello.py)
expect_text("HSHAREDMEM = c_void_p" "SHARED_MEM_TEXT = HSHAREDMEM(-1)"
    "SHARED_MEM_TEXT_CCH = ${text_cch} " "ctypes.CDLL(" "use_last_error=True)")
expect_flags(" = 0x")
set(types "None = in void" "BOOL = in BOOL" "DWORD = in DWORD" "c_uint64 = in ULONGLONG"
    "c_size_t = in SIZE_T" "HSHAREDMEM = in HSHAREDMEM" "HANDLE = in HANDLE" "LPCWSTR = in LPCWSTR"
    "LPWSTR = out LPWSTR" "LPVOID = in LPCVOID|(in|out) LPVOID|in LPSECURITY_ATTRIBUTES"
    "POINTER(c_size_t) = (in)?out SIZE_T [*]" "POINTER(LPVOID) = out LPC?VOID [*]"
    "POINTER(c_uint64) = (in)?out ULONGLONG [*]|in const ULONGLONG [*]"
    "POINTER(SHARED_MEM_OPTIONS) = in const SHARED_MEM_OPTIONS [*]"
    "POINTER(SHARED_MEM_INFO) = inout SHARED_MEM_INFO [*]")
find_all("[(]'[A-Z][A-Za-z]+'(, [A-Za-z0-9_]+([(][A-Za-z0-9_]+[)])?)*[)][,>]" "[(]'[A-Z]")
foreach(match ${matches})
    string(REGEX REPLACE "^[(]'|[)].$" "" match "${match}")
    string(REGEX REPLACE "'?, " ";" match "${match}")
    expect_function(${match})
    list(POP_FRONT match name)
    list(APPEND found ${name})
endforeach()
expect_all_functions(${found})
foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
    string(REGEX MATCH "class ${struct}[(]ctypes.Structure[)]: _fields_ = <([^>]*)>" match "${source}")
    string(REGEX MATCHALL "[(]'[a-z][A-Za-z]*', [A-Za-z0-9_]+[)]" found "${CMAKE_MATCH_1}")
    list(TRANSFORM found REPLACE "[(]'(.*)', (.*)[)]" "\\2 \\1")
    expect_fields(${struct} ${found})
endforeach()

# ---- C#: the example, which declares everything, and the NuGet package

foreach(file hello.cs ../package/nuget/SharedMem.cs)
    begin(${file})
    expect_text("SHARED_MEM_TEXT = new IntPtr(-1)~" "SHARED_MEM_TEXT_CCH = ${text_cch}~"
        "CallingConvention Cdecl = CallingConvention.Cdecl~"
        "<StructLayout(LayoutKind.Sequential)> public struct SHARED_MEM_OPTIONS"
        "<StructLayout(LayoutKind.Sequential)> public struct SHARED_MEM_INFO")
    expect_flags(" = 0x")
    set(types "void = in void" "bool = in BOOL" "uint = in DWORD" "ulong = in ULONGLONG"
        "UIntPtr = in SIZE_T" "RegionHandle = in HSHAREDMEM"
        "IntPtr = in (HSHAREDMEM|HANDLE|LPSECURITY_ATTRIBUTES|LPVOID|LPCWSTR)"
        "string = in LPCWSTR" "StringBuilder = out LPWSTR" "byte<> = in LPCVOID|out LPVOID"
        "ref byte = in LPCVOID|out LPVOID" "ref UIntPtr = inout SIZE_T [*]"
        "out ulong = out ULONGLONG [*]"
        "out UIntPtr = out SIZE_T [*]" "out IntPtr = out LPC?VOID [*]"
        "IntPtr = in const ULONGLONG [*]"
        "ref ulong = inout ULONGLONG [*]" "ref SHARED_MEM_OPTIONS = in const SHARED_MEM_OPTIONS [*]"
        "ref SHARED_MEM_INFO = inout SHARED_MEM_INFO [*]")
    set(function "<DllImport[(]Dll, CallingConvention = Cdecl(, CharSet = CharSet.Unicode)?")
    string(APPEND function "(, SetLastError = true)?[)]> public static extern ([a-zA-Z]+) ")
    string(APPEND function "([A-Za-z]+)[(]([^)]*)[)]~")
    find_all("${function}" " extern ")
    foreach(match ${matches})
        string(REGEX MATCH "${function}" match "${match}")
        set(unicode "${CMAKE_MATCH_1}")
        set(last_error "${CMAKE_MATCH_2}")
        set(result ${CMAKE_MATCH_3})
        set(name ${CMAKE_MATCH_4})
        string(REPLACE ", " ";" arguments "${CMAKE_MATCH_5}")
        if(arguments MATCHES "string|StringBuilder" AND NOT unicode)
            message(SEND_ERROR "${example}: ${name} has texts that are not Unicode")
        endif()
        if(NOT last_error AND NOT name STREQUAL "SharedMemVersion")
            message(SEND_ERROR "${example}: ${name} loses the last error")
        endif()
        list(TRANSFORM arguments REPLACE " [a-z]+$" "")
        expect_function(${name} ${result} ${arguments})
        list(APPEND found ${name})
    endforeach()
    if(file STREQUAL "hello.cs")
        expect_all_functions(${found})
        set(members "${source}")
    endif()
    foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
        string(REGEX MATCH "struct ${struct} { ([^}]*)}" match "${source}")
        string(REGEX MATCHALL "public [^~]*~" groups "${CMAKE_MATCH_1}")
        expect_grouped_fields(${struct} "public ([A-Za-z]+) (.*)~" 1 2 ${groups})
    endforeach()
endforeach()

# ---- PowerShell, which uses the members of hello.cs

begin(hello.ps1)
expect_text("Add-Type -Path (Join-Path $PSScriptRoot 'hello.cs')")
string(REGEX MATCHALL "(<SharedRegion>::|[$]region[.])[A-Za-z]+(([(][)])?[.][A-Za-z]+)*" found
    "${source}")
list(TRANSFORM found REPLACE "^(<SharedRegion>::|[$]region[.])" "")
string(REGEX REPLACE "([(][)])?[.]" ";" found "${found}")
foreach(name ${found})
    if(NOT members MATCHES "public [^~(){}=]*[ (]${name}([~, ({]| =)")
        message(SEND_ERROR "${example}: hello.cs has no ${name}")
    endif()
endforeach()
if(NOT found)
    message(SEND_ERROR "${example}: it uses nothing of hello.cs")
endif()

# ---- Go, which declares no types: comments say them

begin(hello.go)
string(REGEX REPLACE "[ \t]+(// )?" " " source "${source}")
expect_text("type HSHAREDMEM = uintptr " "SHARED_MEM_TEXT = ^HSHAREDMEM(0) "
    "SHARED_MEM_TEXT_CCH = ${text_cch} ")
expect_flags(" = 0x")
set(types "void = in void" "BOOL = in BOOL" "uint32 = in DWORD" "uint64 = in ULONGLONG"
    "uintptr = in (SIZE_T|LPVOID)" "HSHAREDMEM = in HSHAREDMEM" "syscall.Handle = in HANDLE"
    "*uint16 = in LPCWSTR|out LPWSTR" "*byte = in LPCVOID|out LPVOID"
    "*syscall.SecurityAttributes = in LPSECURITY_ATTRIBUTES"
    "*uintptr = (in)?out SIZE_T [*]" "*unsafe.Pointer = out LPC?VOID [*]"
    "*uint64 = (in)?out ULONGLONG [*]|in const ULONGLONG [*]"
    "*SHARED_MEM_OPTIONS = in const SHARED_MEM_OPTIONS [*]"
    "*SHARED_MEM_INFO = inout SHARED_MEM_INFO [*]")
set(function "[(]([^()]*)[)] (([A-Za-z0-9.]+) )?([A-Za-z]+) = dll[.]NewProc[(]\"([A-Za-z]+)\"[)]")
find_all("${function}" "NewProc[(]")
foreach(match ${matches})
    string(REGEX MATCH "${function}" match "${match}")
    set(result "${CMAKE_MATCH_3}")
    set(variable ${CMAKE_MATCH_4})
    set(name ${CMAKE_MATCH_5})
    string(REPLACE ", " ";" arguments "${CMAKE_MATCH_1}")
    list(TRANSFORM arguments REPLACE "^[a-z]+ " "")
    if(NOT result)
        set(result void)
    endif()
    expect_function(${name} ${result} ${arguments})
    if(NOT variable STREQUAL name)
        message(SEND_ERROR "${example}: ${variable} is ${name}")
    endif()
    list(APPEND found ${name})
endforeach()
expect_all_functions(${found})
foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
    set(group "([A-Za-z]+(, [A-Za-z]+)*) ([*]?[A-Za-z0-9.]+)")
    string(REGEX MATCH "type ${struct} struct { ([^}]*)}" match "${source}")
    string(REGEX MATCHALL "${group}" groups "${CMAKE_MATCH_1}")
    expect_grouped_fields(${struct} "${group}" 3 1 ${groups})
endforeach()

# ---- Pascal

begin(hello.pas)
expect_text("HSHAREDMEM = Pointer~" "SHARED_MEM_TEXT = HSHAREDMEM(-1)~"
    "SHARED_MEM_TEXT_CCH = ${text_cch}~")
expect_flags(" = [$]")
set(types "procedure = in void" "BOOL = in BOOL" "DWORD = in DWORD" "UInt64 = in ULONGLONG"
    "SIZE_T = in SIZE_T" "HSHAREDMEM = in HSHAREDMEM" "THandle = in HANDLE"
    "PWideChar = in LPCWSTR|out LPWSTR"
    "Pointer = in LPCVOID|(in|out) LPVOID" "PSecurityAttributes = in LPSECURITY_ATTRIBUTES"
    "var SIZE_T = inout SIZE_T [*]" "out UInt64 = out ULONGLONG [*]"
    "out SIZE_T = out SIZE_T [*]" "out Pointer = out LPC?VOID [*]"
    "Pointer = in const ULONGLONG [*]"
    "var UInt64 = inout ULONGLONG [*]" "const SHARED_MEM_OPTIONS = in const SHARED_MEM_OPTIONS [*]"
    "var SHARED_MEM_INFO = inout SHARED_MEM_INFO [*]")
set(function "(procedure|function) ([A-Za-z]+)([(]([^)]*)[)])?(: ([A-Za-z_]+))?~ cdecl~ external DLL~")
find_all("${function}" "external")
foreach(match ${matches})
    string(REGEX MATCH "${function}" match "${match}")
    set(name ${CMAKE_MATCH_2})
    set(result ${CMAKE_MATCH_6})
    if(CMAKE_MATCH_1 STREQUAL "procedure")
        set(result procedure)
    endif()
    string(REPLACE "~ " ";" arguments "${CMAKE_MATCH_4}")
    list(TRANSFORM arguments REPLACE "[a-z]+: " "")
    expect_function(${name} ${result} ${arguments})
    list(APPEND found ${name})
endforeach()
expect_all_functions(${found})
string(REPLACE "&file" "file" source "${source}") # a word of the language's
foreach(struct SHARED_MEM_OPTIONS SHARED_MEM_INFO)
    string(REGEX MATCH "${struct} = record ([A-Za-z0-9,:~ ]*~) end~" match "${source}")
    string(REGEX MATCHALL "[A-Za-z][^~:]*: [A-Za-z0-9]+~" groups "${CMAKE_MATCH_1}")
    expect_grouped_fields(${struct} "(.*): (.*)~" 2 1 ${groups})
endforeach()

# ---- AutoHotkey, which declares nothing: functions of the same names say the types in their calls

begin(hello.ahk)
expect_text("SHARED_MEM_TEXT := -1 " "SHARED_MEM_TEXT_CCH := ${text_cch} "
    "info := Buffer(${offset_of_address} + 2 * A_PtrSize)" "NumGet(info, ${offset_of_version}, \"Int64\")"
    "NumPut(\"UInt\", info.Size, info)")
expect_flags(" := 0x")
set(types "Cdecl = in void" "Int = in BOOL" "UInt = in DWORD" "Int64 = in ULONGLONG"
    "UPtr = in SIZE_T" "Str = in LPCWSTR"
    "Ptr = in (HSHAREDMEM|HANDLE|LPSECURITY_ATTRIBUTES|LPCVOID|LPCWSTR)|out LP(VOID|WSTR)"
    "Ptr = in const (SHARED_MEM_OPTIONS|ULONGLONG) [*]|inout SHARED_MEM_INFO [*]"
    "Ptr* = out LPC?VOID [*]" "UPtr* = (in)?out SIZE_T [*]" "Int64* = (in)?out ULONGLONG [*]")
set(pair "\"([A-Za-z0-9]+\", [a-z]+|[A-Za-z0-9]+[*]\", &[a-z]+)")
set(function "([A-Za-z]+)[(]([^()]*)[)] => DllCall[(] ?\"sharedmem/([A-Za-z]+)\"")
string(APPEND function "((, ${pair})*), \"Cdecl ?([A-Za-z]*)\"[)]")
find_all("${function}" "sharedmem/[A-Z]")
foreach(match ${matches})
    string(REGEX MATCH "${function}" match "${match}")
    set(called ${CMAKE_MATCH_1})
    set(parameters "${CMAKE_MATCH_2}")
    set(name ${CMAKE_MATCH_3})
    set(arguments "${CMAKE_MATCH_4}")
    set(result "${CMAKE_MATCH_7}")
    if(NOT result)
        set(result Cdecl)
    endif()
    string(REGEX MATCHALL "${pair}" arguments "${arguments}")
    set(passed ${arguments})
    list(TRANSFORM passed REPLACE ".*, " "")
    list(JOIN passed ", " passed)
    if(NOT called STREQUAL name OR NOT parameters STREQUAL passed)
        message(SEND_ERROR "${example}: ${called}(${parameters}) calls ${name}(${passed})")
    endif()
    list(TRANSFORM arguments REPLACE "^\"([^\"]*)\".*" "\\1")
    expect_function(${name} ${result} ${arguments})
    list(APPEND found ${name})
endforeach()
expect_all_functions(${found})
