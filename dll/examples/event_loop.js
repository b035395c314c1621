// Two regions beside Node.js's own loop, with koffi 3. The DLL lies beside this file.
//
//     node event_loop.js COUNT    shows so many changes of the regions left and right
//
// One thread of koffi's waits for the events of all regions; the loop goes on meanwhile.
'use strict';
const koffi = require('koffi');
const path = require('path');

const HANDLE = koffi.pointer('HANDLE', koffi.opaque());
const dll = koffi.load(path.join(__dirname, 'sharedmem.dll'));
const OpenSharedMem = dll.func('HANDLE __cdecl OpenSharedMem(' +
    'str16 name, size_t capacity, uint32_t flags, void *security)');
const ReadSharedMem = dll.func('int __cdecl ReadSharedMem(' +
    'HANDLE region, _Out_ void *buffer, _Inout_ size_t *size, _Out_ uint64_t *version)');
const OpenSharedMemEvent = dll.func('HANDLE __cdecl OpenSharedMemEvent(HANDLE region)');
const ArmSharedMemEvent = dll.func('int __cdecl ArmSharedMemEvent(' +
    'HANDLE region, HANDLE event, uint64_t version)');

const kernel32 = koffi.load('kernel32.dll');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');
const WaitForMultipleObjects = kernel32.func('uint32_t __stdcall WaitForMultipleObjects(' +
    'uint32_t count, HANDLE *events, int all, uint32_t milliseconds)');
const INFINITE = 0xFFFFFFFF;

function check(success) {
    if (!success) {
        throw new Error(`error ${GetLastError()}`);
    }
}

function watch(name) {
    const region = OpenSharedMem(name, 4, 0, null);
    check(region !== null);
    const event = OpenSharedMemEvent(region);
    check(event !== null);
    return { name, region, event, version: 0 };
}

// Shows a new value, and has the event set by the next one. Returns whether there was one.
function show(watched) {
    const buffer = Buffer.alloc(4), size = [4], version = [0];
    check(ReadSharedMem(watched.region, buffer, size, version));
    const isNew = version[0] !== watched.version;
    if (isNew) {
        console.log(`${watched.name}: ${buffer.readUInt32LE()}`);
    }
    watched.version = version[0];
    check(ArmSharedMemEvent(watched.region, watched.event, version[0]));
    return isNew;
}

// The index of an event that is set.
function wait(events) {
    return new Promise((resolve, reject) => {
        WaitForMultipleObjects.async(events.length, events, 0, INFINITE, (error, woken) => {
            if (error || woken >= events.length) {
                reject(error ?? new Error(`WaitForMultipleObjects: ${woken}`));
            } else {
                resolve(woken);
            }
        });
    });
}

async function main(count) {
    const all = ['left', 'right'].map(watch);
    const events = all.map((watched) => watched.event);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10); // what else the program does
    for (const watched of all) {
        count -= show(watched);
    }
    while (count > 0) {
        count -= show(all[await wait(events)]);
    }
    clearInterval(timer);
    console.log(ticks > 0 ? 'and the loop went on' : 'but the loop stood still');
}

main(Number(process.argv[2])).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
