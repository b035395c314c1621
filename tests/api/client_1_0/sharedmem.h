/*
 * sharedmem.dll: memory that the processes of one Windows session share.
 *
 * Every process that has the DLL loaded, 32- or 64-bit, shares one text: SetSharedMem,
 * GetSharedMem. And processes share regions, which have a name, a capacity, and a value of any
 * bytes: OpenSharedMem and the functions behind it. The text is a region, too; its handle is
 * SHARED_MEM_TEXT.
 *
 *   - A read yields one whole value that somebody wrote: never a mixture of two.
 *   - A writer may be killed at any moment. The value is then the old or the new one, and the next
 *     write succeeds.
 *   - Every write makes a new version. Waiting for one takes no processor time.
 *
 * Limits and pitfalls:
 *
 *   - Nothing is on disk. A region lives as long as some process has it open, the text as long as
 *     some process has the DLL loaded.
 *   - Processes of other sessions (a service, another user who is logged on) have regions and a
 *     text of their own, except regions whose name begins with "Global\". To create such a one
 *     takes the privilege SeCreateGlobalPrivilege, which services and administrators have; to open
 *     it does not.
 *   - By default, a region is open to programs that run as the same user. If an elevated program
 *     ("as administrator") makes the region or is the first with the text, programs of that user
 *     that are not elevated may only read; OpenSharedMem's `security` can change that for a region.
 *   - Whoever may write to a region may put any bytes in it, also without this DLL: check what you
 *     read. They can also keep others from writing (ERROR_TIMEOUT) while they pretend to write.
 *     Nobody can make this DLL crash, hang or touch other memory, and when they have stopped, the
 *     next write puts everything right.
 *   - Addresses differ between processes: a value must not contain pointers, and should have fields
 *     of fixed size only (DWORD, ULONGLONG, not SIZE_T) where 32- and 64-bit processes share it.
 *   - If another program has made a section with the text's name first, one of 4,096 bytes as
 *     Microsoft's sample "Using Shared Memory in a Dynamic-Link Library" makes it for example, the
 *     text is shared with that program too, but without synchronisation: then, and only then, a
 *     read can yield a mixture. QuerySharedMem tells.
 *   - If that name cannot be used at all, because it belongs to another kind of object (an event, a
 *     mutex), to a section that is a file's, or to one that this process may not even read, the DLL
 *     cannot be loaded: LoadLibrary fails with ERROR_DLL_INIT_FAILED, and OutputDebugString gets
 *     the reason.
 *   - Whether a writer lives is asked by its thread's id and creation time. If a writer is killed
 *     in the middle of a write and its id goes to a thread that this process may not look at, such
 *     as a service's, writes fail with ERROR_TIMEOUT until that thread ends.
 *
 * Text is UTF-16 and ends with a NUL. A "character" is one WCHAR. All functions use the __cdecl
 * calling convention on every architecture and may be called from any thread at any time, but not
 * from a DllMain that runs before this DLL's own, and not with a region that another thread closes
 * meanwhile. A pointer that is not valid raises an access violation in the caller; the value and
 * other writers are unharmed.
 *
 * The functions that return a BOOL return FALSE when they fail, and the reason is in GetLastError.
 * When they succeed, they leave the last error as it was.
 */
#ifndef SHAREDMEM_H
#define SHAREDMEM_H

#include <windows.h>

#ifndef SHAREDMEM_API
#define SHAREDMEM_API __declspec(dllimport)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Name of the section that holds the text. */
#define SHARED_MEM_TEXT_NAME L"dllmemfilemap"

/** Characters of the longest text, its terminator included: a buffer of that size always does. */
#define SHARED_MEM_TEXT_CCH 2048

/**
 * Replaces the shared text, at once for every reader.
 *
 * @param text  The new text, NUL-terminated. Only read, and only during the call.
 *
 * The result is in GetLastError, which is always set:
 *   ERROR_SUCCESS              The text is stored.
 *   ERROR_INSUFFICIENT_BUFFER  The text has more than SHARED_MEM_TEXT_CCH - 1 characters. The first
 *                              SHARED_MEM_TEXT_CCH - 1 are stored, or one less where the cut would
 *                              part a surrogate pair.
 *   ERROR_INVALID_PARAMETER    `text` is NULL. Nothing changes.
 *   ERROR_ACCESS_DENIED        This process may only read the section. Nothing changes.
 *   ERROR_TIMEOUT              Another thread has been writing for 5 seconds, because it is
 *                              suspended for example. Nothing changes.
 */
SHAREDMEM_API void __cdecl SetSharedMem(_In_z_ LPCWSTR text);

/**
 * Copies the shared text, one whole text, to a buffer. Takes no lock, except after it was overtaken
 * by writers 64 times in a row.
 *
 * @param buffer  Receives the text, always terminated. Nothing is written behind the terminator,
 *                unless a longer text was replaced during the call, and never anything at or behind
 *                buffer[cch].
 * @param cch     Size of the buffer in characters.
 *
 * The result is in GetLastError, which is always set:
 *   ERROR_SUCCESS              The buffer has the text; an empty one if none was ever written.
 *   ERROR_MORE_DATA            The text does not fit. The buffer has as much of its start as does,
 *                              never half a surrogate pair.
 *   ERROR_INVALID_PARAMETER    `buffer` is NULL or `cch` is 0. Nothing is written.
 *   ERROR_TIMEOUT              For 5 seconds, no whole text could be had, because a program breaks
 *                              the protocol. The buffer has an empty text.
 */
SHAREDMEM_API void __cdecl GetSharedMem(_Out_writes_z_(cch) LPWSTR buffer, _In_ DWORD cch);

/** An open region of this process. Belongs to who opened it, who closes it with CloseSharedMem. */
typedef struct SHARED_MEM *HSHAREDMEM;

/** The text, as a region: always open, never closed. */
#define SHARED_MEM_TEXT ((HSHAREDMEM)(LONG_PTR)-1)

/** For OpenSharedMem: open for reading only. In SHARED_MEM_INFO: writes fail. */
#define SHARED_MEM_READ_ONLY 0x00000001u

/** In SHARED_MEM_INFO: the text's section is another program's, see the top of this file. */
#define SHARED_MEM_UNSYNCHRONISED 0x00000002u

/**
 * Opens a region, and creates it if it does not exist.
 *
 * @param name      1 to 249 characters, case-sensitive, in the namespace that sections share with
 *                  events, mutexes, semaphores, timers and jobs. May begin with "Local\", which
 *                  changes nothing, or "Global\"; has no other backslash. Events of the region have
 *                  its name with ".waiter.00" to ".waiter.63" appended.
 * @param capacity  Bytes that a value can have at the most. A region that exists already must have
 *                  at least that capacity, and keeps its own. 0: the region must exist.
 * @param flags     0, or SHARED_MEM_READ_ONLY: the region must exist, and is mapped such that this
 *                  process cannot write to it. Takes the right to map it for reading only.
 * @param security  Who may open the region, if this call creates it; may be NULL. Who is granted
 *                  FILE_MAP_READ can read, with FILE_MAP_WRITE also write and be woken. Its
 *                  bInheritHandle makes the handle of a section that is created inheritable. Only
 *                  used during the call.
 *
 * @return a handle, or NULL and in GetLastError:
 *   ERROR_INVALID_PARAMETER     `name` is NULL or empty, or `flags` has an unknown flag.
 *   ERROR_FILENAME_EXCED_RANGE  The name is too long.
 *   ERROR_FILE_NOT_FOUND        It does not exist, and it was not to be created.
 *   ERROR_INSUFFICIENT_BUFFER   It exists, and its capacity is smaller.
 *   ERROR_INVALID_HANDLE        Another kind of object has that name.
 *   ERROR_INVALID_DATA          A section has that name, but is not a region, or is a file's.
 *   ERROR_ACCESS_DENIED         It may not be opened like that, or not be created ("Global\").
 *   ERROR_NOT_ENOUGH_MEMORY     No address space for a region of that size (it takes four times its
 *                               capacity), or 4,096 handles are open already.
 *   and what else CreateFileMapping or MapViewOfFile say, ERROR_COMMITMENT_LIMIT for one.
 */
SHAREDMEM_API HSHAREDMEM __cdecl OpenSharedMem(_In_z_ LPCWSTR name, _In_ SIZE_T capacity,
                                               _In_ DWORD flags,
                                               _In_opt_ LPSECURITY_ATTRIBUTES security);

/**
 * Closes a region. It is gone when no process has it open. No other call may be using the handle.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open, or it is SHARED_MEM_TEXT.
 */
SHAREDMEM_API BOOL __cdecl CloseSharedMem(HSHAREDMEM region);

/**
 * Copies a region's value, one whole value, to a buffer. Takes no lock, except after it was
 * overtaken by writers 64 times in a row where it may write; never writes to a region that is open
 * for reading only.
 *
 * @param region   An open region. SHARED_MEM_TEXT gives the text with its terminator.
 * @param buffer   Receives the value. May be NULL if `*size` is 0. Of no use if the call fails.
 * @param size     In: bytes of room in the buffer. Out: bytes of the value. A region that nobody
 *                 has written to has a value of 0 bytes; the text, which always has a terminator,
 *                 2 bytes.
 * @param version  Receives the value's version; 0 if nobody has written yet. May be NULL.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `size` is NULL, or `buffer` is NULL and `*size` is not 0.
 *   ERROR_MORE_DATA          The value does not fit; `*size` says how much room it takes.
 *   ERROR_TIMEOUT            For 5 seconds, no whole value could be had, because a program breaks
 *                            the protocol, or because writers outran a reader that may not lock.
 */
SHAREDMEM_API BOOL __cdecl ReadSharedMem(HSHAREDMEM region,
                                         _Out_writes_bytes_opt_(*size) LPVOID buffer,
                                         _Inout_ SIZE_T *size, _Out_opt_ ULONGLONG *version);

/**
 * Replaces a region's value, at once for every reader, and wakes who waits for that.
 *
 * @param region   An open region. SHARED_MEM_TEXT takes a text: up to the first NUL, or all of the
 *                 data if there is none.
 * @param data     The new value; only read. May be NULL if `size` is 0.
 * @param size     Its bytes. 0 is a value like any other.
 * @param version  Receives the version that this write made. May be NULL.
 *
 * Unless it succeeds, nothing changes:
 *   ERROR_INVALID_HANDLE       `region` is not open.
 *   ERROR_INVALID_PARAMETER    `data` is NULL and `size` is not 0, or a text has half a character.
 *   ERROR_INSUFFICIENT_BUFFER  The value is larger than the capacity, in which a text needs room
 *                              for its terminator.
 *   ERROR_ACCESS_DENIED        The region is open for reading only.
 *   ERROR_TIMEOUT              Another thread has been writing for 5 seconds, because it is
 *                              suspended for example.
 */
SHAREDMEM_API BOOL __cdecl WriteSharedMem(HSHAREDMEM region,
                                          _In_reads_bytes_opt_(size) LPCVOID data, _In_ SIZE_T size,
                                          _Out_opt_ ULONGLONG *version);

/**
 * Replaces a region's value if nobody else has done so meanwhile: read a value and its version,
 * make a new value of it, and put that back, again and again until it succeeds. No update is lost.
 *
 * @param version  In: the version that the value must still have. Out: the version that this write
 *                 made; with ERROR_REVISION_MISMATCH, the present one.
 *
 * The other parameters and errors are those of WriteSharedMem, and besides:
 *   ERROR_INVALID_PARAMETER    `version` is NULL.
 *   ERROR_REVISION_MISMATCH    The value has another version. Nothing changes.
 */
SHAREDMEM_API BOOL __cdecl ReplaceSharedMem(HSHAREDMEM region,
                                            _In_reads_bytes_opt_(size) LPCVOID data,
                                            _In_ SIZE_T size, _Inout_ ULONGLONG *version);

/**
 * Waits until a region's version is another one than `version`: with that of a value read before,
 * until the value is replaced. Versions are numbers that only grow; of several replacements in a
 * row, a waiter may see only the last. Texts that a program without this DLL writes are no version.
 *
 * A waiter is woken at once. It polls, at most 16 ms apart, if its region is open for reading only,
 * if 64 others wait for the same region, or if other programs have made the region's events
 * unusable; and it looks by itself 4 times a second, in case who was to wake it was killed.
 *
 * @param milliseconds  How long to wait. 0 only looks, INFINITE waits for ever.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open.
 *   ERROR_TIMEOUT         The version is still `version`.
 */
SHAREDMEM_API BOOL __cdecl WaitSharedMem(HSHAREDMEM region, _In_ ULONGLONG version,
                                         _In_ DWORD milliseconds);

/** What QuerySharedMem tells. All of it may have changed by the time that it is read. */
typedef struct SHARED_MEM_INFO {
    DWORD cbSize;       /**< In: sizeof(SHARED_MEM_INFO). */
    DWORD flags;        /**< SHARED_MEM_READ_ONLY, SHARED_MEM_UNSYNCHRONISED. */
    ULONGLONG capacity; /**< Bytes that a value can have, exactly as its creator asked for. */
    ULONGLONG size;     /**< Bytes of the present value. */
    ULONGLONG version;  /**< Of the present value. */
    DWORD writer;       /**< Id of the thread that has the writer lock; 0: none. A thread that was
                             killed while it had it has it until the next write. */
    DWORD waiters;      /**< Threads that wait to be woken, and that were killed waiting since the
                             last write; those that poll do not count. */
} SHARED_MEM_INFO;

/**
 * Tells what there is to know of a region.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `info` is NULL, or its cbSize is not sizeof(SHARED_MEM_INFO).
 *   ERROR_TIMEOUT            As with ReadSharedMem.
 */
SHAREDMEM_API BOOL __cdecl QuerySharedMem(HSHAREDMEM region, _Inout_ SHARED_MEM_INFO *info);

/**
 * Version of the DLL that is really loaded: 0x00MMmmpp, with major version, minor version and
 * patch. Cannot fail.
 */
SHAREDMEM_API DWORD __cdecl SharedMemVersion(void);

#ifdef __cplusplus
}
#endif

#endif
