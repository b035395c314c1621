/// <reference types="node" />

/**
 * Memory that the processes of a Windows session share: whole values of any bytes, each with a
 * version. Versions are numbers that only grow, as bigint; where one is expected, a number will do.
 *
 * Every function that fails throws a SharedMemError, and every promise is rejected with one.
 */

/** A call of the DLL has failed. */
export class SharedMemError extends Error {
    /** The Win32 error code, such as 1460. */
    readonly errno: number;
    /** Its name, such as 'ERROR_TIMEOUT'; 'WIN32_1234' if it is not one that the DLL documents. */
    readonly code: string;
    /** The function that failed, such as 'WriteSharedMem'. */
    readonly syscall: string;
}

export interface OpenOptions {
    /** Bytes that a value can have. An existing region must have as many. 0: it must exist. */
    capacity?: number | bigint;
    /** Values that the region keeps for readers that are late, at most 1,024. Default: the last. */
    depth?: number;
    /** Open an existing region such that this process cannot write to it. */
    readOnly?: boolean;
    /** Fail with ERROR_ALREADY_EXISTS if the region exists. */
    createNew?: boolean;
}

export interface NameOptions extends OpenOptions {
    /** 1 to 249 characters, case-sensitive; may begin with "Local\" or "Global\". */
    name: string;
    file?: undefined;
}

export interface FileOptions extends OpenOptions {
    /** Path of the file that backs the region. It outlives the processes. */
    file: string;
    name?: undefined;
}

export interface WaitOptions {
    /** Milliseconds. Default: Infinity. */
    timeout?: number;
    /** Rejects the promise with the signal's reason. */
    signal?: AbortSignal;
}

export interface Value {
    /** A copy of the value. */
    data: Buffer;
    /** 0n before the first write. */
    version: bigint;
}

export interface Change extends Value {
    /** Values between the one before and this one which the region does not keep any more. */
    missed: bigint;
}

export interface Info {
    /** Bytes that a value can have. */
    capacity: number;
    /** Bytes of the present value. */
    size: number;
    /** Values that the region keeps. */
    depth: number;
    version: bigint;
    /** The version that a flush made durable; 0n: none, or no file backs the region. */
    durable: bigint;
    /** Id of the thread that holds the writer lock; 0: none. */
    writer: number;
    /** Threads that wait and events that are armed. */
    waiters: number;
    readOnly: boolean;
    /** The text's section is another program's; it has no versions. */
    unsynchronised: boolean;
    /** This was the first to open the file, and found the newest whole value there. */
    recovered: boolean;
}

/** An open region. It stays open until close(), or until the process ends. */
export class Region {
    private constructor();

    /** The present value. Takes no lock. */
    read(): Value;

    /**
     * The oldest value that the region keeps and that is newer than `after`; null if there is none.
     * Called again with its version, it returns one value after the other.
     */
    readNext(after?: bigint | number): Change | null;

    /**
     * Every value that the region keeps and that is newer than `since`, and then each one that is
     * written. A signal ends the iteration, with its reason as the error.
     */
    changes(options?: {
        since?: bigint | number;
        signal?: AbortSignal;
    }): AsyncGenerator<Change, never>;

    /** Replaces the value, and returns its version. Waits for other writers, 5 seconds at most. */
    write(data: Uint8Array): bigint;

    /** The same if the value still has a version; else fails with ERROR_REVISION_MISMATCH. */
    replace(data: Uint8Array, expected: bigint | number): bigint;

    /**
     * Replaces the value by one that is made of it, again if another process was faster: no update
     * is lost. Returns the new value.
     */
    update<T extends Uint8Array>(make: (data: Buffer, version: bigint) => T): {
        data: T;
        version: bigint;
    };

    /**
     * Waits until the region's version differs from `version`: true, or false after the time-out.
     * The loop goes on meanwhile. All waits for up to 63 regions take one thread of libuv's pool.
     */
    wait(version: bigint | number, options?: WaitOptions): Promise<boolean>;

    /**
     * Makes a version of a region that a file backs, the present one by default, survive power
     * failure. Returns the version that is on the disk, this one or a newer one.
     */
    flush(version?: bigint | number): Promise<bigint>;

    info(): Info;

    /** Closes the region; waits are rejected with ERROR_INVALID_HANDLE. May be called again. */
    close(): void;
}

/** The text that all processes with the DLL share, as a region; it cannot be closed. */
export interface Text extends Region {
    get(): string;
    /** Stores the text, at most 2,047 UTF-16 units; of a longer one, the start, and throws. */
    set(text: string): void;
}

/** Opens a region, and creates it if it does not exist and `capacity` is not 0. */
export function open(options: NameOptions | FileOptions): Region;

export const text: Text;

/** The version of the DLL, such as '1.1.0'. */
export const version: string;
