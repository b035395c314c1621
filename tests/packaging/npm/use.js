// Uses the installed package, as a program would. Another process, as `write NAME COUNT`, writes that
// many numbers to a region; as `exit NAME`, exits while it waits for a change.
'use strict';
const assert = require('assert');
const { execFile } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Worker, parentPort } = require('worker_threads');
const { open, text, version, SharedMemError } = require('sharedmem');

const NAME = 'npm';

// Four bytes that hold a number.
function bytes(number) {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(number);
    return data;
}

function failsWith(code, errno, syscall) {
    return (error) => error instanceof SharedMemError && error.code === code &&
        error.errno === errno && error.syscall === syscall && error.message.includes(code);
}

function runAnotherProcess(...role) {
    return new Promise((resolve, reject) => execFile(process.execPath, [__filename, ...role],
        (error) => error ? reject(error) : resolve()));
}

function values() {
    const region = open({ name: NAME, capacity: 4 });
    assert.deepStrictEqual(region.read(), { data: Buffer.alloc(0), version: 0n });
    assert.strictEqual(region.write(bytes(1)), 1n);
    assert.strictEqual(region.replace(bytes(2), 1n), 2n);
    assert.deepStrictEqual(region.read(), { data: bytes(2), version: 2n });
    const { data, version } = region.update((last) => bytes(last.readUInt32LE() + 1));
    assert.deepStrictEqual({ data, version }, { data: bytes(3), version: 3n });
    const { capacity, size, depth, readOnly, recovered } = region.info();
    assert.deepStrictEqual({ capacity, size, depth, readOnly, recovered },
        { capacity: 4, size: 4, depth: 1, readOnly: false, recovered: false });

    const reader = open({ name: NAME, readOnly: true });
    assert(reader.info().readOnly);
    assert.throws(() => reader.write(bytes(1)),
        failsWith('ERROR_ACCESS_DENIED', 5, 'WriteSharedMem'));
    assert.throws(() => region.write(Buffer.alloc(5)),
        failsWith('ERROR_INSUFFICIENT_BUFFER', 122, 'WriteSharedMem'));
    assert.throws(() => region.replace(bytes(1), 1),
        failsWith('ERROR_REVISION_MISMATCH', 1306, 'ReplaceSharedMem'));
    assert.throws(() => open({ name: NAME, capacity: 4, createNew: true }),
        failsWith('ERROR_ALREADY_EXISTS', 183, 'OpenSharedMemEx'));
    assert.throws(() => open({ name: 'npm.missing' }),
        failsWith('ERROR_FILE_NOT_FOUND', 2, 'OpenSharedMemEx'));
    assert.throws(() => open({ name: NAME, file: 'and a file', capacity: 4 }),
        failsWith('ERROR_INVALID_PARAMETER', 87, 'OpenSharedMemEx'));
    reader.close();
    region.close();
    region.close();
    assert.throws(() => region.read(), failsWith('ERROR_INVALID_HANDLE', 6, 'ReadSharedMem'));
    assert.throws(() => open({ name: NAME }), // nobody has it any more
        failsWith('ERROR_FILE_NOT_FOUND', 2, 'OpenSharedMemEx'));
}

// An update that another writer comes in between of is made again.
function updates() {
    const region = open({ name: NAME, capacity: 4 });
    region.write(bytes(0));
    let tries = 0;
    region.update((last) => {
        if (tries++ === 0) {
            region.write(bytes(10));
        }
        return bytes(last.readUInt32LE() + 1);
    });
    assert.deepStrictEqual([tries, region.read().data.readUInt32LE()], [2, 11]);
    assert.throws(() => region.update(() => { throw new RangeError('mine'); }), RangeError);
    region.close();
}

async function history() {
    const region = open({ name: NAME, capacity: 4, depth: 3 });
    for (let number = 1; number <= 5; number++) {
        region.write(bytes(number));
    }
    assert.deepStrictEqual(region.readNext(2n), { data: bytes(3), version: 3n, missed: 0n });
    assert.deepStrictEqual(region.readNext(1), { data: bytes(3), version: 3n, missed: 1n });
    assert.strictEqual(region.readNext(5n), null);

    const seen = [];
    const writing = runAnotherProcess('write', NAME, '3');
    for await (const { data, version } of region.changes({ since: 3n })) {
        seen.push([data.readUInt32LE(), version]);
        if (version === 8n) {
            break;
        }
    }
    await writing;
    assert.deepStrictEqual(seen, [[4, 4n], [5, 5n], [1, 6n], [2, 7n], [3, 8n]]);

    // A version of an earlier region: the first value there will be.
    const next = open({ name: 'npm.next', capacity: 4 });
    setTimeout(() => next.write(bytes(1)), 20);
    for await (const { version, missed } of next.changes({ since: 1000n })) {
        assert.deepStrictEqual([version, missed], [1n, 0n]);
        break;
    }
    next.close();
    region.close();
}

// Far more waits than threads: the loop goes on, and so do files.
async function waits() {
    const regions = [];
    for (let number = 0; number < 70; number++) {
        regions.push(open({ name: `npm.${number}`, capacity: 4 }));
    }
    const waiting = regions.map((region) => region.wait(0n, { timeout: 60000 }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await fs.promises.readFile(__filename);
    while (ticks < 10) {
        await new Promise(setImmediate);
    }
    clearInterval(timer);
    for (const region of regions) {
        region.write(bytes(1));
    }
    assert(!(await Promise.all(waiting)).includes(false));

    const [region, other] = regions;
    assert.strictEqual(await region.wait(0n, { timeout: 0 }), true);
    assert.strictEqual(await region.wait(1n, { timeout: 0 }), false);
    const started = Date.now();
    assert.strictEqual(await region.wait(1, { timeout: 100 }), false);
    assert(Date.now() - started >= 90);

    // Waits for two versions of one region: each ends by its own change.
    const ends = [];
    const first = region.wait(1n).then(() => ends.push('first'));
    region.write(bytes(2));
    const second = region.wait(2n).then(() => ends.push('second'));
    await first;
    region.write(bytes(3));
    await second;
    assert.deepStrictEqual(ends, ['first', 'second']);

    const abort = new AbortController();
    const aborted = other.wait(1n, { signal: abort.signal });
    abort.abort(new RangeError('enough'));
    await assert.rejects(aborted, RangeError);
    await assert.rejects(other.wait(1n, { signal: abort.signal }), RangeError);

    const ended = other.wait(1n);
    const beside = region.wait(3n);
    other.close(); // while a thread waits for both
    await assert.rejects(ended, failsWith('ERROR_INVALID_HANDLE', 6, 'WaitSharedMem'));
    await assert.rejects(other.wait(1n), failsWith('ERROR_INVALID_HANDLE', 6, 'WaitSharedMem'));
    region.write(bytes(4));
    assert.strictEqual(await beside, true);
    for (let tries = 0; tries < 200 && isThere('npm.1'); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert(!isThere('npm.1'));
    regions.forEach((each) => each.close());
}

function isThere(name) {
    try {
        open({ name, readOnly: true }).close();
        return true;
    } catch (error) {
        assert.strictEqual(error.code, 'ERROR_FILE_NOT_FOUND');
        return false;
    }
}

// Neither exiting nor terminating a worker waits for a change.
async function exits() {
    await runAnotherProcess('exit', 'npm.exit');
    const worker = new Worker(__filename, { argv: ['wait', 'npm.worker'] });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
}

async function files() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'npm-'));
    const file = path.join(folder, 'region');
    let region = open({ file, capacity: 100 });
    assert.strictEqual(await region.flush(region.write(Buffer.from('kept'))), 1n);
    assert.strictEqual(region.info().durable, 1n);
    const flushing = region.flush(region.write(Buffer.from('kept, too')));
    region.close(); // while a thread may be flushing
    assert.strictEqual(await flushing, 2n);
    region = open({ file });
    assert(region.info().recovered);
    const { data, version } = region.read();
    assert.strictEqual(data.toString(), 'kept, too');
    assert(version > 2n ** 32n);
    assert.strictEqual(await region.flush(), version);
    region.close();
    fs.rmSync(folder, { recursive: true });

    const memory = open({ name: NAME, capacity: 4 });
    await assert.rejects(memory.flush(), failsWith('ERROR_NOT_SUPPORTED', 50, 'FlushSharedMem'));
    memory.close();
}

async function texts() {
    text.set('déjà vu');
    const { version } = text.info();
    assert.strictEqual(text.get(), 'déjà vu');
    const changed = text.wait(version, { timeout: 60000 });
    assert.throws(() => text.set('x'.repeat(2048)),
        failsWith('ERROR_INSUFFICIENT_BUFFER', 122, 'SetSharedMem'));
    assert.strictEqual(await changed, true);
    assert.strictEqual(text.get().length, 2047);
    assert.throws(() => text.close(), failsWith('ERROR_INVALID_HANDLE', 6, 'CloseSharedMem'));
}

// As an ES module; and once more, as another version of the package in the same program would be.
async function loads() {
    const named = await import('sharedmem');
    for (const name of ['open', 'text', 'version', 'Region', 'SharedMemError']) {
        assert.strictEqual(named[name], named.default[name]);
    }
    delete require.cache[require.resolve('sharedmem')];
    assert.strictEqual(require('sharedmem').version, version);
}

async function main() {
    assert.strictEqual(version, require('sharedmem/package.json').version);
    values();
    updates();
    await history();
    await waits();
    await exits();
    await files();
    await texts();
    await loads();
    console.log('passed'); // and the program ends: no thread waits any more
}

const [, , role, name, count] = process.argv;
if (role === 'write') {
    const region = open({ name });
    for (let number = 1; number <= Number(count); number++) {
        region.write(bytes(number));
    }
} else if (role === 'exit') {
    open({ name, capacity: 4 }).wait(0n);
    setTimeout(() => process.exit(0), 50);
} else if (role === 'wait') {
    open({ name, capacity: 4 }).wait(0n);
    parentPort.postMessage('waits');
} else {
    main().catch((error) => {
        console.error(error);
        process.exitCode = 1;
    });
}
