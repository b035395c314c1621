// What the declarations allow, and what they must not.
import { open, text, version, Change, Info, Region, SharedMemError } from 'sharedmem';

async function use(): Promise<void> {
    const region: Region = open({ name: 'npm', capacity: 256, depth: 60 });
    open({ file: 'C:\\region', capacity: 256n, createNew: true }).close();
    const written: bigint = region.write(new Uint8Array(4));
    const { data, version: read } = region.read();
    data.readUInt32LE();
    region.replace(data, read);
    const made: Buffer = region.update((last, seen) => seen === 0n ? Buffer.alloc(4) : last).data;
    const { signal } = new AbortController();
    const changed: boolean = await region.wait(written, { timeout: 100, signal });
    const next: Change | null = region.readNext();
    for await (const { data, missed } of region.changes({ since: next?.version })) {
        data.subarray(Number(missed));
    }
    const durable: bigint = await region.flush();
    const info: Info = region.info();
    text.set(text.get() + version + String([made, changed, durable, info.capacity]));

    // @ts-expect-error: a name or a file
    open({ capacity: 4 });
    // @ts-expect-error: not both
    open({ name: 'npm', file: 'C:\\region' });
    // @ts-expect-error: bytes
    region.write('text');
    // @ts-expect-error: regions are opened
    new Region();
    // @ts-expect-error: versions are not numbers
    const wrong: number = region.read().version;
    console.log(wrong);
}

use().catch((error: unknown) => {
    if (error instanceof SharedMemError) {
        const { errno, code, syscall }: { errno: number; code: string; syscall: string } = error;
        console.error(errno, code, syscall, error.message);
    }
});
