// sharedmem.dll from Node.js, with koffi 3 (npm install koffi). The DLL lies beside this file.
//
//     node hello.js [MILLISECONDS]    how long to wait for another text; default: a minute
'use strict';
const koffi = require('koffi');
const path = require('path');

const HSHAREDMEM = koffi.pointer('HSHAREDMEM', koffi.opaque());
const HANDLE = koffi.pointer('HANDLE', koffi.opaque());
const SHARED_MEM_TEXT = -1;
const SHARED_MEM_TEXT_CCH = 2048;
const SHARED_MEM_READ_ONLY = 0x1, SHARED_MEM_UNSYNCHRONISED = 0x2;
const SHARED_MEM_CREATE_NEW = 0x4, SHARED_MEM_RECOVERED = 0x8;
const SHARED_MEM_OPTIONS = koffi.struct('SHARED_MEM_OPTIONS', {
    cbSize: 'uint32_t', flags: 'uint32_t', capacity: 'uint64_t', depth: 'uint32_t',
    file: 'str16', address: 'uintptr_t', security: 'void *',
});
const SHARED_MEM_INFO = koffi.struct('SHARED_MEM_INFO', {
    cbSize: 'uint32_t', flags: 'uint32_t',
    capacity: 'uint64_t', size: 'uint64_t', version: 'uint64_t',
    writer: 'uint32_t', waiters: 'uint32_t',
    durable: 'uint64_t', address: 'uintptr_t', depth: 'uint32_t',
});
const dll = koffi.load(path.join(__dirname, 'sharedmem.dll'));
const SetSharedMem = dll.func('void __cdecl SetSharedMem(str16 text)');
const GetSharedMem = dll.func('void __cdecl GetSharedMem(_Out_ void *buffer, uint32_t cch)');
const OpenSharedMem = dll.func('HSHAREDMEM __cdecl OpenSharedMem(' +
    'str16 name, size_t capacity, uint32_t flags, void *security)');
const OpenSharedMemEx = dll.func('HSHAREDMEM __cdecl OpenSharedMemEx(' +
    'str16 name, const SHARED_MEM_OPTIONS *options)');
const CloseSharedMem = dll.func('int __cdecl CloseSharedMem(HSHAREDMEM region)');
const ReadSharedMem = dll.func('int __cdecl ReadSharedMem(' +
    'HSHAREDMEM region, _Out_ void *buffer, _Inout_ size_t *size, _Out_ uint64_t *version)');
const ReadNextSharedMem = dll.func('int __cdecl ReadNextSharedMem(' +
    'HSHAREDMEM region, _Out_ void *buffer, _Inout_ size_t *size, _Inout_ uint64_t *version, ' +
    '_Out_ uint64_t *missed)');
const WriteSharedMem = dll.func('int __cdecl WriteSharedMem(' +
    'HSHAREDMEM region, const void *data, size_t size, _Out_ uint64_t *version)');
const ReplaceSharedMem = dll.func('int __cdecl ReplaceSharedMem(' +
    'HSHAREDMEM region, const void *data, size_t size, _Inout_ uint64_t *version)');
const BorrowSharedMem = dll.func('int __cdecl BorrowSharedMem(' +
    'HSHAREDMEM region, _Out_ void **data, _Out_ size_t *size, _Out_ uint64_t *version)');
const ValidateSharedMem = dll.func('int __cdecl ValidateSharedMem(' +
    'HSHAREDMEM region, uint64_t version)');
const ReserveSharedMem = dll.func('int __cdecl ReserveSharedMem(' +
    'HSHAREDMEM region, const uint64_t *expected, _Out_ void **data, _Out_ size_t *room)');
const PublishSharedMem = dll.func('int __cdecl PublishSharedMem(' +
    'HSHAREDMEM region, size_t size, _Out_ uint64_t *version)');
const DiscardSharedMem = dll.func('int __cdecl DiscardSharedMem(HSHAREDMEM region)');
const FlushSharedMem = dll.func('int __cdecl FlushSharedMem(' +
    'HSHAREDMEM region, uint64_t version, _Out_ uint64_t *durable)');
const WaitSharedMem = dll.func('int __cdecl WaitSharedMem(' +
    'HSHAREDMEM region, uint64_t version, uint32_t milliseconds)');
const OpenSharedMemEvent = dll.func('HANDLE __cdecl OpenSharedMemEvent(HSHAREDMEM region)');
const ArmSharedMemEvent = dll.func('int __cdecl ArmSharedMemEvent(' +
    'HSHAREDMEM region, HANDLE event, uint64_t version)');
const CloseSharedMemEvent = dll.func('int __cdecl CloseSharedMemEvent(' +
    'HSHAREDMEM region, HANDLE event)');
const QuerySharedMem = dll.func('int __cdecl QuerySharedMem(' +
    'HSHAREDMEM region, _Inout_ SHARED_MEM_INFO *info)');
const SharedMemVersion = dll.func('uint32_t __cdecl SharedMemVersion()');

const kernel32 = koffi.load('kernel32.dll');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');
const FormatMessage = kernel32.func('uint32_t __stdcall FormatMessageW(uint32_t flags, ' +
    'void *source, uint32_t id, uint32_t language, _Out_ void *buffer, uint32_t cch, void *list)');

// Throws the system's message unless a call succeeded. koffi keeps the last error for us till then.
function check(success) {
    if (!success) {
        const error = GetLastError(), buffer = Buffer.alloc(1024);
        FormatMessage(0x1200 /* from the system, as it is */, null, error, 0, buffer, 512, null);
        throw new Error(`${koffi.decode(buffer, 'char16_t', -1).trim()} (error ${error})`);
    }
}

function getText() {
    const buffer = Buffer.alloc(2 * SHARED_MEM_TEXT_CCH);
    GetSharedMem(buffer, SHARED_MEM_TEXT_CCH);
    check(GetLastError() === 0);
    return koffi.decode(buffer, 'char16_t', -1);
}

// Waits in a thread of koffi's. The last error would be that thread's: a look from here has it.
async function wait(region, version, milliseconds) {
    await new Promise((resolve) => WaitSharedMem.async(region, version, milliseconds, resolve));
    check(WaitSharedMem(region, version, 0));
}

async function main() {
    const region = OpenSharedMem('hello', 256, 0, null);
    check(region !== null);
    const data = Buffer.from('any bytes'), version = [0];
    check(WriteSharedMem(region, data, data.length, version));
    const buffer = Buffer.alloc(256), size = [buffer.length];
    check(ReadSharedMem(region, buffer, size, version));
    console.log(`version ${version[0]} of the region: ${buffer.toString('utf8', 0, size[0])}`);
    check(CloseSharedMem(region));

    SetSharedMem('hello from Node.js');
    check(GetLastError() === 0);
    const info = { cbSize: koffi.sizeof(SHARED_MEM_INFO) };
    check(QuerySharedMem(SHARED_MEM_TEXT, info)); // before the text: no change is missed
    console.log(`the text: ${getText()}`);
    await wait(SHARED_MEM_TEXT, info.version, Number(process.argv[2] ?? 60000));
    console.log(`the text: ${getText()}`);
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
