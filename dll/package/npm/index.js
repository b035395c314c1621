'use strict';
if (process.platform !== 'win32') {
    throw new Error('sharedmem is for Windows only');
}
const koffi = require('koffi');
const path = require('path');

// The names of types are koffi's: another copy of this package may have given them already.
try {
    koffi.type('HSHAREDMEM');
} catch {
    koffi.pointer('HSHAREDMEM', koffi.opaque());
    koffi.pointer('HANDLE', koffi.opaque());
    koffi.struct('SHARED_MEM_OPTIONS', {
        cbSize: 'uint32_t', flags: 'uint32_t', capacity: 'uint64_t', depth: 'uint32_t',
        file: 'str16', address: 'uintptr_t', security: 'void *',
    });
    koffi.struct('SHARED_MEM_INFO', {
        cbSize: 'uint32_t', flags: 'uint32_t',
        capacity: 'uint64_t', size: 'uint64_t', version: 'uint64_t',
        writer: 'uint32_t', waiters: 'uint32_t',
        durable: 'uint64_t', address: 'uintptr_t', depth: 'uint32_t',
    });
}
const dll = koffi.load(path.join(__dirname, 'bin', process.arch, 'sharedmem.dll'));
const SetSharedMem = dll.func('void __cdecl SetSharedMem(str16 text)');
const GetSharedMem = dll.func('void __cdecl GetSharedMem(_Out_ void *buffer, uint32_t cch)');
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
const FlushSharedMem = dll.func('int __cdecl FlushSharedMem(' +
    'HSHAREDMEM region, uint64_t version, _Out_ uint64_t *durable)');
const WaitSharedMem = dll.func('int __cdecl WaitSharedMem(' +
    'HSHAREDMEM region, uint64_t version, uint32_t milliseconds)');
const OpenSharedMemEvent = dll.func('HANDLE __cdecl OpenSharedMemEvent(HSHAREDMEM region)');
const ArmSharedMemEvent = dll.func('int __cdecl ArmSharedMemEvent(' +
    'HSHAREDMEM region, HANDLE event, uint64_t version)');
const QuerySharedMem = dll.func('int __cdecl QuerySharedMem(' +
    'HSHAREDMEM region, _Inout_ SHARED_MEM_INFO *info)');
const SharedMemVersion = dll.func('uint32_t __cdecl SharedMemVersion()');

const kernel32 = koffi.load('kernel32.dll');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');
const FormatMessage = kernel32.func('uint32_t __stdcall FormatMessageW(uint32_t flags, ' +
    'void *source, uint32_t id, uint32_t language, _Out_ void *buffer, uint32_t cch, void *list)');
const CreateEvent = kernel32.func('HANDLE __stdcall CreateEventW(' +
    'void *security, int manual, int set, str16 name)');
const SetEvent = kernel32.func('int __stdcall SetEvent(HANDLE event)');
const WaitForMultipleObjects = kernel32.func('uint32_t __stdcall WaitForMultipleObjects(' +
    'uint32_t count, HANDLE *events, int all, uint32_t milliseconds)');
const MAXIMUM_WAIT_OBJECTS = 64;
const WAIT_TIMEOUT = 258;

const SHARED_MEM_TEXT = -1;
const SHARED_MEM_TEXT_CCH = 2048;
const SHARED_MEM_READ_ONLY = 0x1;
const SHARED_MEM_UNSYNCHRONISED = 0x2;
const SHARED_MEM_CREATE_NEW = 0x4;
const SHARED_MEM_RECOVERED = 0x8;

// The codes that sharedmem.h documents.
const codes = {
    2: 'ERROR_FILE_NOT_FOUND', 3: 'ERROR_PATH_NOT_FOUND', 5: 'ERROR_ACCESS_DENIED',
    6: 'ERROR_INVALID_HANDLE', 8: 'ERROR_NOT_ENOUGH_MEMORY', 13: 'ERROR_INVALID_DATA',
    29: 'ERROR_WRITE_FAULT', 30: 'ERROR_READ_FAULT', 32: 'ERROR_SHARING_VIOLATION',
    33: 'ERROR_LOCK_VIOLATION', 50: 'ERROR_NOT_SUPPORTED', 87: 'ERROR_INVALID_PARAMETER',
    112: 'ERROR_DISK_FULL', 122: 'ERROR_INSUFFICIENT_BUFFER', 183: 'ERROR_ALREADY_EXISTS',
    206: 'ERROR_FILENAME_EXCED_RANGE', 234: 'ERROR_MORE_DATA', 259: 'ERROR_NO_MORE_ITEMS',
    487: 'ERROR_INVALID_ADDRESS', 1131: 'ERROR_POSSIBLE_DEADLOCK', 1306: 'ERROR_REVISION_MISMATCH',
    1392: 'ERROR_FILE_CORRUPT', 1455: 'ERROR_COMMITMENT_LIMIT', 1460: 'ERROR_TIMEOUT',
};
const numbers = Object.fromEntries(Object.entries(codes).map(([number, code]) => [code, +number]));

class SharedMemError extends Error {
    constructor(errno, syscall) {
        const code = codes[errno] ?? `WIN32_${errno}`;
        const buffer = Buffer.alloc(1024);
        FormatMessage(0x1200 /* from the system, as it is */, null, errno, 0, buffer, 512, null);
        super(`${syscall}: ${koffi.decode(buffer, 'char16_t', -1).trim()} (${code}, ${errno})`);
        this.name = 'SharedMemError';
        this.errno = errno;
        this.code = code;
        this.syscall = syscall;
    }
}

// Throws unless a call succeeded. koffi keeps the last error of this thread till then.
function check(success, syscall) {
    if (!success) {
        throw new SharedMemError(GetLastError(), syscall);
    }
}

// Waits for changes of up to 63 regions in one thread of libuv's pool, which has 4: however many
// regions are waited for, Node.js keeps the others for itself. Before it exits, or ends a worker, it
// waits for that thread: on exit, all are interrupted; a worker that is terminated has no such event,
// so no thread waits for longer than a second.
class Watcher {
    static all = [];
    static longest = 1000;

    static {
        process.on('exit', () => Watcher.all.forEach((watcher) => watcher.again()));
    }

    constructor() {
        this.regions = new Set();
        this.running = false;
        this.interrupt = CreateEvent(null, 0, 0, null);
        check(this.interrupt !== null, 'CreateEvent');
        Watcher.all.push(this);
    }

    static add(region) {
        const watcher = Watcher.all.find((each) => each.regions.size < MAXIMUM_WAIT_OBJECTS - 1) ??
            new Watcher();
        watcher.regions.add(region);
        if (watcher.running) {
            watcher.again();
        } else {
            watcher.run();
        }
        return watcher;
    }

    // Has the thread look again which regions there are.
    again() {
        SetEvent(this.interrupt);
    }

    // Only this takes a region out: nothing is closed that the thread waits for.
    async run() {
        this.running = true;
        while (this.regions.size > 0) {
            const regions = [...this.regions];
            const events = [this.interrupt, ...regions.map((region) => region._event)];
            const woken = await new Promise((resolve) => WaitForMultipleObjects.async(
                events.length, events, 0, Watcher.longest, (error, result) => resolve(result)));
            for (const region of regions) {
                if (woken !== WAIT_TIMEOUT && !(woken < events.length)) {
                    region._fail(new Error('WaitForMultipleObjects failed'));
                }
                if (!region._look()) {
                    this.regions.delete(region);
                    region._watcher = null;
                    region._release();
                }
            }
        }
        this.running = false;
    }
}

class Region {
    constructor(handle) {
        this._handle = handle; // null from close() on
        this._closing = null; // the handle from then on, as long as a thread uses it
        this._flushes = 0; // in progress
        this._waits = new Set();
        this._event = null; // from the first wait on
        this._watcher = null; // as long as its thread may wait for the event
        this._room = 0; // that the largest value so far took
    }

    _use(syscall) {
        if (this._handle === null) {
            throw new SharedMemError(numbers.ERROR_INVALID_HANDLE, syscall);
        }
        return this._handle;
    }

    // Calls until the buffer is large enough; null if there are no more items.
    _fetch(syscall, call) {
        for (;;) {
            const buffer = Buffer.allocUnsafe(this._room), size = [buffer.length];
            if (call(buffer, size)) {
                return buffer.subarray(0, size[0]);
            }
            const errno = GetLastError();
            if (errno === numbers.ERROR_NO_MORE_ITEMS) {
                return null;
            }
            if (errno !== numbers.ERROR_MORE_DATA) {
                throw new SharedMemError(errno, syscall);
            }
            this._room = size[0];
        }
    }

    read() {
        const handle = this._use('ReadSharedMem'), version = [0n];
        const data = this._fetch('ReadSharedMem', (buffer, size) =>
            ReadSharedMem(handle, buffer, size, version));
        return { data, version: BigInt(version[0]) };
    }

    _next(after) {
        const handle = this._use('ReadNextSharedMem'), version = [BigInt(after)], missed = [0n];
        const data = this._fetch('ReadNextSharedMem', (buffer, size) =>
            ReadNextSharedMem(handle, buffer, size, version, missed));
        return { data, version: BigInt(version[0]), missed: BigInt(missed[0]) };
    }

    readNext(after = 0n) {
        const next = this._next(after);
        return next.data && next;
    }

    async *changes({ since = 0n, signal } = {}) {
        for (let version = since;;) {
            const next = this._next(version);
            version = next.version;
            if (next.data) {
                yield next;
                await new Promise(setImmediate); // the loop goes on, however fast the values come
            } else {
                await this.wait(version, { signal });
            }
        }
    }

    write(data) {
        const handle = this._use('WriteSharedMem'), version = [0n];
        check(WriteSharedMem(handle, data, data.byteLength, version), 'WriteSharedMem');
        return BigInt(version[0]);
    }

    replace(data, expected) {
        const handle = this._use('ReplaceSharedMem'), version = [BigInt(expected)];
        check(ReplaceSharedMem(handle, data, data.byteLength, version), 'ReplaceSharedMem');
        return BigInt(version[0]);
    }

    update(make) {
        for (;;) {
            const last = this.read();
            const data = make(last.data, last.version);
            try {
                return { data, version: this.replace(data, last.version) };
            } catch (error) {
                if (error.errno !== numbers.ERROR_REVISION_MISMATCH) {
                    throw error;
                }
            }
        }
    }

    async wait(version, { timeout = Infinity, signal } = {}) {
        const handle = this._use('WaitSharedMem');
        signal?.throwIfAborted();
        if (this._event === null) {
            const event = OpenSharedMemEvent(handle);
            check(event !== null, 'OpenSharedMemEvent');
            this._event = event;
        }
        return new Promise((resolve, reject) => {
            const wait = { version: BigInt(version) };
            let timer;
            const abort = () => wait.reject(signal.reason);
            const settle = (how) => (value) => {
                clearTimeout(timer);
                signal?.removeEventListener('abort', abort);
                this._waits.delete(wait);
                if (this._waits.size === 0) {
                    this._watcher?.again();
                }
                how(value);
            };
            wait.resolve = settle(resolve);
            wait.reject = settle(reject);
            this._waits.add(wait);
            if (!this._look()) {
                return;
            }
            if (timeout <= 0) {
                wait.resolve(false);
                return;
            }
            if (timeout !== Infinity) {
                timer = setTimeout(wait.resolve, timeout, false);
            }
            signal?.addEventListener('abort', abort);
            this._watcher ??= Watcher.add(this);
        });
    }

    // Ends the waits that have seen a change, and has the event set by the next one. Returns whether
    // there are waits left: all of them are for the present version.
    _look() {
        for (const wait of this._waits) {
            if (WaitSharedMem(this._handle, wait.version, 0)) {
                wait.resolve(true);
            } else if (GetLastError() !== numbers.ERROR_TIMEOUT) {
                wait.reject(new SharedMemError(GetLastError(), 'WaitSharedMem'));
            }
        }
        const [waiting] = this._waits;
        if (waiting && !ArmSharedMemEvent(this._handle, this._event, waiting.version)) {
            this._fail(new SharedMemError(GetLastError(), 'ArmSharedMemEvent'));
        }
        return this._waits.size > 0;
    }

    _fail(error) {
        for (const wait of this._waits) {
            wait.reject(error);
        }
    }

    async flush(version) {
        const handle = this._use('FlushSharedMem'), durable = [0n];
        const wanted = BigInt(version ?? this.info().version);
        this._flushes++;
        try {
            // A failure's last error is that thread's: a second call, from here, has its own.
            const done = await new Promise((resolve, reject) => FlushSharedMem.async(
                handle, wanted, durable, (error, ok) => error ? reject(error) : resolve(ok)));
            check(done || FlushSharedMem(handle, wanted, durable), 'FlushSharedMem');
        } finally {
            this._flushes--;
            this._release();
        }
        return BigInt(durable[0]);
    }

    info() {
        const info = { cbSize: koffi.sizeof('SHARED_MEM_INFO') };
        check(QuerySharedMem(this._use('QuerySharedMem'), info), 'QuerySharedMem');
        return {
            capacity: Number(info.capacity),
            size: Number(info.size),
            depth: info.depth,
            version: BigInt(info.version),
            durable: BigInt(info.durable),
            writer: info.writer,
            waiters: info.waiters,
            readOnly: (info.flags & SHARED_MEM_READ_ONLY) !== 0,
            unsynchronised: (info.flags & SHARED_MEM_UNSYNCHRONISED) !== 0,
            recovered: (info.flags & SHARED_MEM_RECOVERED) !== 0,
        };
    }

    close() {
        if (this._handle !== null) {
            this._fail(new SharedMemError(numbers.ERROR_INVALID_HANDLE, 'WaitSharedMem'));
            this._closing = this._handle;
            this._handle = null;
            this._release();
        }
    }

    // Closes what is to be closed, unless a thread uses it; then that calls this once more.
    _release() {
        if (this._closing !== null && this._watcher === null && this._flushes === 0) {
            const handle = this._closing;
            this._closing = null;
            check(CloseSharedMem(handle), 'CloseSharedMem');
        }
    }
}

class Text extends Region {
    constructor() {
        super(SHARED_MEM_TEXT);
    }

    get() {
        const buffer = Buffer.alloc(2 * SHARED_MEM_TEXT_CCH);
        GetSharedMem(buffer, SHARED_MEM_TEXT_CCH);
        check(GetLastError() === 0, 'GetSharedMem');
        return koffi.decode(buffer, 'char16_t', -1);
    }

    set(text) {
        SetSharedMem(text);
        check(GetLastError() === 0, 'SetSharedMem');
    }

    close() {
        throw new SharedMemError(numbers.ERROR_INVALID_HANDLE, 'CloseSharedMem');
    }
}

function open({ name = null, file = null, capacity = 0, depth = 0, readOnly, createNew }) {
    const handle = OpenSharedMemEx(name, {
        cbSize: koffi.sizeof('SHARED_MEM_OPTIONS'),
        flags: (readOnly ? SHARED_MEM_READ_ONLY : 0) | (createNew ? SHARED_MEM_CREATE_NEW : 0),
        capacity, depth, file, address: 0, security: null,
    });
    check(handle !== null, 'OpenSharedMemEx');
    return new Region(handle);
}

const number = SharedMemVersion();
const version = [number >>> 16, number >>> 8 & 0xFF, number & 0xFF].join('.');

const text = new Text();

// Names only: so `import { open } from 'sharedmem'` finds them.
module.exports = { open, text, version, Region, SharedMemError };
