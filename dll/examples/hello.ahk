; sharedmem.dll from AutoHotkey 2. The DLL, the one for as many bits as AutoHotkey has, lies beside
; this file.
#Requires AutoHotkey v2.0
SHARED_MEM_TEXT := -1
SHARED_MEM_TEXT_CCH := 2048
ERROR_TIMEOUT := 1460
Check(DllCall("LoadLibrary", "Str", A_ScriptDir "\sharedmem.dll", "Ptr"))

; Throws the system's message unless a call succeeded.
Check(success) {
    if !success
        throw OSError(A_LastError)
}

GetText() {
    text := Buffer(2 * SHARED_MEM_TEXT_CCH)
    DllCall("sharedmem\GetSharedMem", "Ptr", text, "UInt", SHARED_MEM_TEXT_CCH, "Cdecl")
    Check(A_LastError = 0)
    return StrGet(text, "UTF-16")
}

region := DllCall("sharedmem\OpenSharedMem", "Str", "hello", "UPtr", 256, "UInt", 0, "Ptr", 0,
    "Cdecl Ptr")
Check(region)
data := Buffer(256)
size := StrPut("any bytes", data, "UTF-8") - 1 ; without the terminator
version := 0
Check(DllCall("sharedmem\WriteSharedMem", "Ptr", region, "Ptr", data, "UPtr", size,
    "Int64*", &version, "Cdecl Int"))
size := data.Size
Check(DllCall("sharedmem\ReadSharedMem", "Ptr", region, "Ptr", data, "UPtr*", &size,
    "Int64*", &version, "Cdecl Int"))
MsgBox("version " version " of the region: " StrGet(data, size, "UTF-8"))
Check(DllCall("sharedmem\CloseSharedMem", "Ptr", region, "Cdecl Int"))

DllCall("sharedmem\SetSharedMem", "Str", "hello from AutoHotkey", "Cdecl")
Check(A_LastError = 0)
info := Buffer(48 + 2 * A_PtrSize) ; SHARED_MEM_INFO, with 64 and with 32 bits
NumPut("UInt", info.Size, info)
Check(DllCall("sharedmem\QuerySharedMem", "Ptr", SHARED_MEM_TEXT, "Ptr", info, "Cdecl Int"))
version := NumGet(info, 24, "Int64") ; before the text: no change is missed
MsgBox("the text: " GetText())
loop 600 { ; for a minute, in short waits, between which AutoHotkey does its other work
    if DllCall("sharedmem\WaitSharedMem", "Ptr", SHARED_MEM_TEXT, "Int64", version, "UInt", 100,
        "Cdecl Int")
        break
    Check(A_LastError = ERROR_TIMEOUT)
}
MsgBox("the text: " GetText())
