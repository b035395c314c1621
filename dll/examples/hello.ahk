; sharedmem.dll from AutoHotkey 2. The DLL, the one for as many bits as AutoHotkey has, lies beside
; this file. Variables that are passed by reference must have a number before the call.
#Requires AutoHotkey v2.0
SHARED_MEM_TEXT := -1
SHARED_MEM_TEXT_CCH := 2048
SHARED_MEM_READ_ONLY := 0x1
SHARED_MEM_UNSYNCHRONISED := 0x2
SHARED_MEM_CREATE_NEW := 0x4
SHARED_MEM_RECOVERED := 0x8
ERROR_TIMEOUT := 1460
QS_ALLINPUT := 0x4FF

SetSharedMem(text) => DllCall("sharedmem\SetSharedMem", "Str", text, "Cdecl")
GetSharedMem(buffer, cch) => DllCall("sharedmem\GetSharedMem", "Ptr", buffer, "UInt", cch, "Cdecl")
OpenSharedMem(name, capacity, flags, security) => DllCall("sharedmem\OpenSharedMem",
    "Str", name, "UPtr", capacity, "UInt", flags, "Ptr", security, "Cdecl Ptr")
OpenSharedMemEx(name, options) => DllCall("sharedmem\OpenSharedMemEx",
    "Ptr", name, "Ptr", options, "Cdecl Ptr") ; StrPtr(NAME), or 0
CloseSharedMem(region) => DllCall("sharedmem\CloseSharedMem", "Ptr", region, "Cdecl Int")
ReadSharedMem(region, buffer, &size, &version) => DllCall("sharedmem\ReadSharedMem",
    "Ptr", region, "Ptr", buffer, "UPtr*", &size, "Int64*", &version, "Cdecl Int")
ReadNextSharedMem(region, buffer, &size, &version, &missed) => DllCall(
    "sharedmem\ReadNextSharedMem", "Ptr", region, "Ptr", buffer, "UPtr*", &size,
    "Int64*", &version, "Int64*", &missed, "Cdecl Int")
WriteSharedMem(region, data, size, &version) => DllCall("sharedmem\WriteSharedMem",
    "Ptr", region, "Ptr", data, "UPtr", size, "Int64*", &version, "Cdecl Int")
ReplaceSharedMem(region, data, size, &version) => DllCall("sharedmem\ReplaceSharedMem",
    "Ptr", region, "Ptr", data, "UPtr", size, "Int64*", &version, "Cdecl Int")
BorrowSharedMem(region, &data, &size, &version) => DllCall("sharedmem\BorrowSharedMem",
    "Ptr", region, "Ptr*", &data, "UPtr*", &size, "Int64*", &version, "Cdecl Int")
ValidateSharedMem(region, version) => DllCall("sharedmem\ValidateSharedMem",
    "Ptr", region, "Int64", version, "Cdecl Int")
ReserveSharedMem(region, expected, &data, &room) => DllCall("sharedmem\ReserveSharedMem",
    "Ptr", region, "Ptr", expected, "Ptr*", &data, "UPtr*", &room, "Cdecl Int")
PublishSharedMem(region, size, &version) => DllCall("sharedmem\PublishSharedMem",
    "Ptr", region, "UPtr", size, "Int64*", &version, "Cdecl Int")
DiscardSharedMem(region) => DllCall("sharedmem\DiscardSharedMem", "Ptr", region, "Cdecl Int")
FlushSharedMem(region, version, &durable) => DllCall("sharedmem\FlushSharedMem",
    "Ptr", region, "Int64", version, "Int64*", &durable, "Cdecl Int")
WaitSharedMem(region, version, milliseconds) => DllCall("sharedmem\WaitSharedMem",
    "Ptr", region, "Int64", version, "UInt", milliseconds, "Cdecl Int")
OpenSharedMemEvent(region) => DllCall("sharedmem\OpenSharedMemEvent", "Ptr", region, "Cdecl Ptr")
ArmSharedMemEvent(region, event, version) => DllCall("sharedmem\ArmSharedMemEvent",
    "Ptr", region, "Ptr", event, "Int64", version, "Cdecl Int")
CloseSharedMemEvent(region, event) => DllCall("sharedmem\CloseSharedMemEvent",
    "Ptr", region, "Ptr", event, "Cdecl Int")
QuerySharedMem(region, info) => DllCall("sharedmem\QuerySharedMem",
    "Ptr", region, "Ptr", info, "Cdecl Int")
SharedMemVersion() => DllCall("sharedmem\SharedMemVersion", "Cdecl UInt")

Check(DllCall("LoadLibrary", "Str", A_ScriptDir "\sharedmem.dll", "Ptr"))

; Throws the system's message unless a call succeeded.
Check(success) {
    if !success
        throw OSError(A_LastError)
}

GetText() {
    text := Buffer(2 * SHARED_MEM_TEXT_CCH)
    GetSharedMem(text, SHARED_MEM_TEXT_CCH)
    Check(A_LastError = 0)
    return StrGet(text, "UTF-16")
}

; Until there is another version. Meanwhile, AutoHotkey does its other work.
Wait(region, version, milliseconds) {
    event := OpenSharedMemEvent(region)
    Check(event)
    end := A_TickCount + milliseconds
    try {
        loop {
            Check(ArmSharedMemEvent(region, event, version))
            DllCall("MsgWaitForMultipleObjects", "UInt", 1, "Ptr*", event, "Int", false,
                "UInt", Max(end - A_TickCount, 0), "UInt", QS_ALLINPUT, "UInt")
            Sleep(-1) ; messages
            if WaitSharedMem(region, version, 0)
                break
            Check(A_LastError = ERROR_TIMEOUT && A_TickCount < end)
        }
    } finally {
        CloseSharedMemEvent(region, event)
    }
}

version := 0
region := OpenSharedMem("hello", 256, 0, 0)
Check(region)
data := Buffer(256)
size := StrPut("any bytes", data, "UTF-8") - 1 ; without the terminator
Check(WriteSharedMem(region, data, size, &version))
size := data.Size
Check(ReadSharedMem(region, data, &size, &version))
MsgBox("version " version " of the region: " StrGet(data, size, "UTF-8"))
Check(CloseSharedMem(region))

SetSharedMem("hello from AutoHotkey")
Check(A_LastError = 0)
info := Buffer(48 + 2 * A_PtrSize) ; SHARED_MEM_INFO, with 64 and with 32 bits
NumPut("UInt", info.Size, info)
Check(QuerySharedMem(SHARED_MEM_TEXT, info))
version := NumGet(info, 24, "Int64") ; before the text: no change is missed
MsgBox("the text: " GetText())
Wait(SHARED_MEM_TEXT, version, 60000)
MsgBox("the text: " GetText())
