// Regions of several machines kept equal through an MQTT 5 broker, with koffi 3 and mqtt 5
// (npm install koffi mqtt). The DLL lies beside this file.
//
//     node mirror.js BROKER PREFIX NAME[=BYTES] ...
//
// BROKER is mqtt://HOST[:PORT] or mqtts://HOST[:PORT]. Each region has the topic PREFIX/NAME. BYTES
// is its capacity; without it, the region must exist. From the environment: MQTT_USERNAME and
// MQTT_PASSWORD, and for mqtts the files MQTT_CA, MQTT_CERT and MQTT_KEY (PEM).
//
// Exit codes: 0 after Ctrl+C; 1 a region fails; 2 the arguments or the environment make no sense;
// 3 the broker refuses. A broker that cannot be reached is tried again every second.
//
// A value is a retained message with the value's bytes and three user properties: origin, a random
// id of this process; sequence, the message's number; version, the value's in the region. An empty
// value, which MQTT would take for "forget the retained message", is a byte with a property, empty.
//
// The last message in the broker's order wins. To know that order, a mirror gets its own messages
// back: what arrives before the one that it has sent is older, and ignored; what arrives after that
// is newer. It is written only if no program has written since: that write is later, and is sent.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const koffi = require('koffi');
const mqtt = require('mqtt');
const path = require('path');

const HANDLE = koffi.pointer('HANDLE', koffi.opaque());
const SHARED_MEM_INFO = koffi.struct('SHARED_MEM_INFO', {
    cbSize: 'uint32_t', flags: 'uint32_t', capacity: 'uint64_t', size: 'uint64_t',
    version: 'uint64_t', writer: 'uint32_t', waiters: 'uint32_t',
});
const dll = koffi.load(path.join(__dirname, 'sharedmem.dll'));
const OpenSharedMem = dll.func('HANDLE __cdecl OpenSharedMem(' +
    'str16 name, size_t capacity, uint32_t flags, void *security)');
const QuerySharedMem = dll.func('int __cdecl QuerySharedMem(' +
    'HANDLE region, _Inout_ SHARED_MEM_INFO *info)');
const ReadSharedMem = dll.func('int __cdecl ReadSharedMem(' +
    'HANDLE region, _Out_ void *buffer, _Inout_ size_t *size, _Out_ uint64_t *version)');
const ReplaceSharedMem = dll.func('int __cdecl ReplaceSharedMem(' +
    'HANDLE region, const void *data, size_t size, _Inout_ uint64_t *version)');
const OpenSharedMemEvent = dll.func('HANDLE __cdecl OpenSharedMemEvent(HANDLE region)');
const ArmSharedMemEvent = dll.func('int __cdecl ArmSharedMemEvent(' +
    'HANDLE region, HANDLE event, uint64_t version)');

const kernel32 = koffi.load('kernel32.dll');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');
const CreateEvent = kernel32.func('HANDLE __stdcall CreateEventW(' +
    'void *security, int manual, int set, str16 name)');
const SetEvent = kernel32.func('int __stdcall SetEvent(HANDLE event)');
const WaitForMultipleObjects = kernel32.func('uint32_t __stdcall WaitForMultipleObjects(' +
    'uint32_t count, HANDLE *events, int all, uint32_t milliseconds)');
const INFINITE = 0xFFFFFFFF, MAXIMUM_WAIT_OBJECTS = 64;
const ERROR_INSUFFICIENT_BUFFER = 122, ERROR_REVISION_MISMATCH = 1306;

const NONE = Number.MAX_SAFE_INTEGER; // as a version
const EXIT_REGION = 1, EXIT_USAGE = 2, EXIT_BROKER = 3;
const RECONNECT_MS = 1000;
const LOOK_AGAIN_MS = 10000; // for messages that the broker dropped because they were too many
const LOST_MS = 60000;       // for a mark that has not come back by then, and never will
const TEMPORARY = [136, 137, 139, 142, 151, 156, 157, 159, 160]; // the broker's reasons: busy, ...

const origin = crypto.randomBytes(8).toString('hex');
const control = CreateEvent(null, 0, 0, null); // another set of events is to be waited for
let sequence = 0, connection = 0;

function end(exitCode) {
    SetEvent(control); // process.exit waits for koffi's thread
    process.exit(exitCode);
}

function fail(exitCode, message) {
    console.error(`mirror: ${message}`);
    end(exitCode);
}

function check(success, name, call) {
    if (!success) {
        fail(EXIT_REGION, `${name}: ${call}: error ${GetLastError()}`);
    }
}

// ---- Regions
//
// agreed    the version whose value is the last of the broker's, as far as is known; or NONE
// sent      the message that has not come back yet; there is one at a time, so that a writer that
//           is faster than the network has its newest value sent, and those between skipped
// synced    whether the broker's retained message, if there is one, has arrived
// heard     whether any has, on this connection
// written   whether the broker's last message is a change made here on this connection
// unsure    whether a message has arrived that may not be the last one: see lookAgain
// since     when the connection was made

function openRegion(prefix, name, capacity) {
    const handle = OpenSharedMem(name, capacity, 0, null);
    check(handle !== null, name, 'OpenSharedMem');
    const info = { cbSize: koffi.sizeof(SHARED_MEM_INFO) };
    check(QuerySharedMem(handle, info), name, 'QuerySharedMem');
    const event = OpenSharedMemEvent(handle);
    check(event !== null, name, 'OpenSharedMemEvent');
    return {
        name, handle, event, topic: `${prefix}/${name}`, agreed: info.version, sent: null,
        buffer: Buffer.alloc(Number(info.capacity)), synced: false, heard: false, written: false,
        unsure: false, since: 0,
    };
}

// The value is valid until the next call.
function read(region) {
    const size = [region.buffer.length], version = [0];
    check(ReadSharedMem(region.handle, region.buffer, size, version), region.name,
        'ReadSharedMem');
    return { value: region.buffer.subarray(0, Number(size[0])), version: version[0] };
}

// Sends the region's value if that has changed, or has the next change wake the loop.
function pump(client, region) {
    if (!region.synced || region.sent !== null) {
        return;
    }
    const { value, version } = read(region);
    if (version === region.agreed) {
        check(ArmSharedMemEvent(region.handle, region.event, version), region.name,
            'ArmSharedMemEvent');
        SetEvent(control);
    } else {
        send(client, region, value, version, false);
    }
}

// A restored value is one that the broker has forgotten.
function send(client, region, value, version, restored) {
    const userProperties = {
        origin, sequence: String(++sequence), version: String(version),
        ...(value.length === 0 && { empty: '1' }), ...(restored && { restored: '1' }),
    };
    const payload = value.length === 0 ? Buffer.alloc(1) : Buffer.from(value);
    const sent = { sequence: userProperties.sequence, version, restored, arrived: false,
        asked: false };
    region.sent = sent;
    publish(client, region.topic, payload, { retain: true, properties: { userProperties } },
        () => sent.arrived = true);
}

// What a message says. Only its bytes are needed: any MQTT client may send one.
function receive(client, region, payload, packet) {
    const properties = packet.properties?.userProperties ?? {};
    if (payload.length === 0) {
        if (properties.origin === origin && properties.mark === String(connection)) {
            synchronised(client, region);
        } // otherwise another mirror's mark, or a retained message was deleted
        return;
    }
    region.heard = true;
    const { sent } = region;
    const isOwn = properties.origin === origin && properties.sequence === sent?.sequence;
    if (sent !== null) {
        if (!isOwn && !(sent.asked && packet.retain)) {
            region.unsure ||= packet.retain;
            return; // older than the one sent
        }
        region.agreed = sent.version;
        region.written = !sent.restored;
        region.sent = null;
    }
    if (!isOwn) {
        apply(region, 'empty' in properties ? Buffer.alloc(0) : payload, packet.retain,
            'restored' in properties);
    }
    pump(client, region);
}

function apply(region, value, retained, restored) {
    if ((retained || restored) && hasValue(region, value)) {
        return; // no change, so no version
    }
    region.unsure = true;
    if (restored && region.written) { // by a mirror that had not heard of what was written here
        region.agreed = NONE;
        return;
    }
    const version = [region.agreed];
    if (ReplaceSharedMem(region.handle, value, value.length, version)) {
        region.agreed = version[0];
        region.written = false;
        return;
    }
    const error = GetLastError();
    if (error === ERROR_INSUFFICIENT_BUFFER) {
        region.unsure = !retained;
        console.error(`mirror: ${region.name}: ignored ${value.length} bytes, too many`);
    } else if (error !== ERROR_REVISION_MISMATCH) { // that change will be sent, and wins
        fail(EXIT_REGION, `${region.name}: ReplaceSharedMem: error ${error}`);
    }
}

function hasValue(region, value) {
    const now = read(region);
    if (now.version === 0 || !now.value.equals(value)) {
        return false;
    }
    region.agreed = now.version;
    return true;
}

// After a connection was made: the retained message comes before this mirror's mark.
function synchronised(client, region) {
    region.synced = true;
    console.log(`mirror: synchronised ${region.name}`);
    const { value, version } = read(region);
    if (!region.heard && version !== 0 && version === region.agreed) {
        send(client, region, value, version, true);
    } else {
        pump(client, region);
    }
}

// ---- The broker

function publish(client, topic, payload, options, arrived) {
    client.publish(topic, payload, { qos: 1, ...options }, (error) => {
        if (typeof error?.code === 'number') {
            refused(error, `a message to ${topic}`);
        } else if (!error) {
            arrived?.();
        }
    });
}

function refused(error, what) {
    fail(EXIT_BROKER, `the broker refuses ${what}: ${error.message} (${error.code})`);
}

// Whether it makes no sense to try again: it is neither the network nor for now.
function isFinal(error) {
    return typeof error.code === 'number' ? !TEMPORARY.includes(error.code) :
        typeof error.code === 'string' && !/^E(?!RR_|PROTO)/.test(error.code);
}

function connect(broker, options, regions) {
    const byTopic = new Map(regions.map((region) => [region.topic, region]));
    let away = null, client;
    const start = () => {
        // A client for each connection: what one has not sent, the next one must not.
        client = mqtt.connect(broker, options);
        client.stream.setNoDelay(true);
        client.on('connect', () => {
            away = null;
            connection++;
            console.log(`mirror: connected to ${broker}`);
            subscribe(client, regions);
            for (const region of regions) {
                region.since = Date.now();
                const userProperties = { origin, mark: String(connection) };
                publish(client, region.topic, '', { properties: { userProperties } });
            }
        });
        client.on('message', (topic, payload, packet) => {
            const region = byTopic.get(topic);
            if (region !== undefined) {
                receive(client, region, payload, packet);
            }
        });
        client.on('error', (error) => {
            if (isFinal(error)) {
                refused(error, 'this connection');
            }
            if (away !== error.message) {
                away = error.message;
                console.error(`mirror: ${broker}: ${away}; trying again`);
            }
        });
        client.once('close', () => {
            client.removeAllListeners('message');
            client.end(true);
            for (const region of regions) {
                Object.assign(region,
                    { synced: false, sent: null, heard: false, written: false, unsure: false });
            }
            setTimeout(start, RECONNECT_MS);
        });
    };
    start();
    setInterval(() => lookAgain(client, regions), LOOK_AGAIN_MS);
    return () => client;
}

function subscribe(client, regions) {
    client.subscribe(regions.map((region) => region.topic), { qos: 1 }, (error) => {
        if (typeof error?.code === 'number') {
            refused(error, 'a subscription');
        }
    });
}

// A broker drops messages for a client that is too slow, the last ones first. The last one of all
// comes again with another subscription, to which it is newer than what had arrived there before.
function lookAgain(client, regions) {
    const unsure = regions.filter((region) =>
        region.synced && (region.sent === null ? region.unsure : region.sent.arrived));
    for (const region of unsure) {
        region.unsure = false;
        if (region.sent !== null) {
            region.sent.asked = true;
        }
    }
    if (unsure.length > 0) {
        subscribe(client, unsure);
    }
    if (client.connected &&
        regions.some(({ synced, since }) => !synced && Date.now() - since > LOST_MS)) {
        client.stream.destroy();
    }
}

// ---- The loop

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

// A region is waited for when nothing of it is on its way.
async function watch(client, regions) {
    for (;;) {
        const idle = regions.filter((region) => region.synced && region.sent === null);
        const woken = await wait([control, ...idle.map((region) => region.event)]);
        if (woken > 0) {
            pump(client(), idle[woken - 1]);
        }
    }
}

// ---- Arguments

function usage(message) {
    fail(EXIT_USAGE, `${message}\n` +
        'usage: node mirror.js mqtt[s]://HOST[:PORT] PREFIX NAME[=BYTES] ...');
}

function parseRegion(argument) {
    const [, name, bytes] = /^(.+?)(?:=(\d+))?$/s.exec(argument) ?? [];
    if (name === undefined || /[+#\0]/.test(name) || Number(bytes) === 0) {
        usage(`no region: ${argument}`);
    }
    return [name, Number(bytes ?? 0)];
}

function parseBroker(argument) {
    let url;
    try {
        url = new URL(argument);
    } catch {
        usage(`no URL: ${argument}`);
    }
    if (!['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '') {
        usage(`neither mqtt://HOST nor mqtts://HOST: ${argument}`);
    }
    if (url.username !== '' || url.password !== '') {
        usage('others can see the command line: MQTT_USERNAME and MQTT_PASSWORD are for that');
    }
    return url;
}

function parseOptions(isEncrypted) {
    const { MQTT_USERNAME, MQTT_PASSWORD, MQTT_CA, MQTT_CERT, MQTT_KEY } = process.env;
    if (!isEncrypted && (MQTT_CA || MQTT_CERT || MQTT_KEY)) {
        usage('MQTT_CA, MQTT_CERT and MQTT_KEY are for mqtts://');
    }
    if (!MQTT_CERT !== !MQTT_KEY) {
        usage('MQTT_CERT and MQTT_KEY go together');
    }
    const file = (name) => {
        try {
            return name && fs.readFileSync(name);
        } catch (error) {
            return usage(error.message);
        }
    };
    return {
        protocolVersion: 5, clean: true, keepalive: 15, connectTimeout: 15000, reconnectPeriod: 0,
        username: MQTT_USERNAME, password: MQTT_PASSWORD,
        ca: file(MQTT_CA), cert: file(MQTT_CERT), key: file(MQTT_KEY),
    };
}

function main(broker, prefix, ...names) {
    if (names.length === 0 || /[+#\0]/.test(prefix)) {
        usage('a broker, a prefix without + and #, and regions are needed');
    }
    if (names.length >= MAXIMUM_WAIT_OBJECTS) {
        usage(`at most ${MAXIMUM_WAIT_OBJECTS - 1} regions`);
    }
    const url = parseBroker(broker);
    const options = parseOptions(url.protocol === 'mqtts:');
    const regions = names.map(parseRegion).map((region) => openRegion(prefix, ...region));
    process.on('SIGINT', () => end(0));
    watch(connect(url.href, options, regions), regions)
        .catch((error) => fail(EXIT_REGION, error.message));
}

main(...process.argv.slice(2));
