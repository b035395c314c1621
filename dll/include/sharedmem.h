/**
 * @file
 * sharedmem.dll: memory that the processes of one Windows session share.
 *
 * All processes that load the DLL, 32- or 64-bit, share one text: SetSharedMem, GetSharedMem. They
 * also share named regions, each with a capacity and a value of any bytes: OpenSharedMem and the
 * functions that follow it. The text is a region, too; its handle is SHARED_MEM_TEXT.
 *
 *   - A read returns one whole value that some process wrote, never a mixture of two.
 *   - A writer may be killed at any instruction. The value is then the old or the new one, and the
 *     next write succeeds.
 *   - Every write makes a new version. Waiting for one takes no processor time.
 *
 * Limits and pitfalls:
 *
 *   - A region exists as long as a process has it open, the text as long as a process has the DLL
 *     loaded. Only a region that a file backs stays: see OpenSharedMemEx.
 *   - Each session (a service's, another logged-on user's) has regions and a text of its own,
 *     except for regions whose name begins with "Global\". Creating one of these requires the
 *     privilege SeCreateGlobalPrivilege, which services and administrators have; opening one does
 *     not.
 *   - By default, a region is open to programs that run as the same user. If an elevated program
 *     ("as administrator") creates a region, or is the first to load the DLL, programs of that user
 *     that are not elevated may only read. OpenSharedMem's `security` can change this for a region.
 *   - A process that may write to a region may put any bytes into it, also without this DLL: check
 *     what you read. It can make others read a wrong value, and make their calls fail with the
 *     errors stated below. It cannot make this DLL crash, hang or access other memory. When it has
 *     stopped, the next write restores the region, except that
 *       - a writer lock that names a living thread cannot be told from one that this thread holds:
 *         writes fail with ERROR_TIMEOUT until the thread ends, or writes to the region itself;
 *       - a wrong capacity of the same number of 4,096-byte pages, or a wrong depth that needs as
 *         many slots, can be true for all that processes know that did not create the region. It
 *         stays until the creator writes, or a process writes that asked for more than that when it
 *         opened the region;
 *       - a file whose version was set back has values of greater versions, one of which the next
 *         recovery may find;
 *       - a process that loads the DLL while the text's format stamp is wrong shares the text
 *         without synchronisation, until a process writes that loaded the DLL before.
 *   - Addresses differ between processes: a value must not contain pointers, and should have fields
 *     of fixed size only (DWORD, ULONGLONG, not SIZE_T) where 32- and 64-bit processes share it.
 *   - If another program has created a section with the text's name first, for example one of 4,096
 *     bytes as Microsoft's sample "Using Shared Memory in a Dynamic-Link Library" creates it, the
 *     text is shared with that program, too, but without synchronisation: a read can return a
 *     mixture, the version is always 0, and ReplaceSharedMem and WaitSharedMem fail with
 *     ERROR_NOT_SUPPORTED. QuerySharedMem reports this state as SHARED_MEM_UNSYNCHRONISED.
 *   - If that name cannot be used at all, the DLL loads, and the functions that need the text fail:
 *     with ERROR_INVALID_HANDLE if it belongs to another kind of object (an event, a mutex), with
 *     ERROR_INVALID_DATA if it belongs to a file's section, with ERROR_ACCESS_DENIED if this
 *     process may not read the section, or with another error of CreateFileMapping and
 *     MapViewOfFile. GetSharedMem then returns an empty text. Each call tries again.
 *   - A writer is identified by its thread's id and creation time. If a writer is killed in the
 *     middle of a write and its id goes to a thread that this process may not query, such as a
 *     service's, writes fail with ERROR_TIMEOUT until that thread ends.
 *
 * Text is UTF-16 and ends with a NUL. A "character" is one WCHAR. All functions use the __cdecl
 * calling convention on every architecture. Any thread may call them at any time, except from a
 * DllMain that runs before this DLL's own, and except with a region that another thread is closing.
 *
 * A pointer that is not valid, or that becomes invalid during the call, raises an exception in the
 * caller; a bad pointer inside `security` may instead fail with ERROR_NOACCESS. The value is
 * unharmed, and the writer lock free when the caller's frame-based handlers (try and except) run.
 * If a handler removes the cause and continues execution, the call continues, too. Vectored
 * handlers run in the middle of the call, maybe with the lock taken: they must not jump out of it.
 * A write to the same handle from there fails with ERROR_POSSIBLE_DEADLOCK; one by another handle
 * of the region is not detected, and spoils the interrupted one.
 *
 * All functions can fail with ERROR_READ_FAULT or ERROR_WRITE_FAULT if a file backs the region.
 *
 * Functions that return a BOOL return FALSE when they fail, and GetLastError returns the reason.
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

/** Characters of the longest text with its terminator: a buffer of this size never truncates. */
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
 *   ERROR_TIMEOUT              For 5 seconds, the writer lock was not to be had, for example
 *                              because its owner is suspended. Nothing changes.
 *   ERROR_POSSIBLE_DEADLOCK    A vectored exception handler calls from inside a write. Nothing
 *                              changes.
 *   Other errors say why the text's section cannot be had: see the top of this file.
 */
SHAREDMEM_API void __cdecl SetSharedMem(_In_z_ LPCWSTR text);

/**
 * Copies the shared text, one whole text, to a buffer. Takes no lock; after writers have overtaken
 * it 64 times in a row, it also tries to take the writer lock, but never waits for it.
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
 *   ERROR_TIMEOUT              No attempt of 5 seconds copied one whole text, because a program
 *                              ignores the protocol, or because writers outran a reader that may
 *                              not take the lock. The buffer has an empty text.
 *   Other errors say why the text's section cannot be had: see the top of this file. The buffer has
 *   an empty text.
 */
SHAREDMEM_API void __cdecl GetSharedMem(_Out_writes_z_(cch) LPWSTR buffer, _In_ DWORD cch);

/** An open region of this process. The caller of OpenSharedMem closes it with CloseSharedMem. */
typedef struct SHARED_MEM *HSHAREDMEM;

/** The text, as a region: never opened or closed. Calls fail where its section cannot be had. */
#define SHARED_MEM_TEXT ((HSHAREDMEM)(LONG_PTR)-1)

/** For OpenSharedMem: open for reading only. In SHARED_MEM_INFO: writes fail. */
#define SHARED_MEM_READ_ONLY 0x00000001u

/** In SHARED_MEM_INFO: the text's section is another program's, see the top of this file. */
#define SHARED_MEM_UNSYNCHRONISED 0x00000002u

/** For OpenSharedMem: create the region; do not open one that another process may have made. */
#define SHARED_MEM_CREATE_NEW 0x00000004u

/**
 * In SHARED_MEM_INFO: this handle was the first to open the file, which other processes had open
 * before, and found their newest whole value there.
 */
#define SHARED_MEM_RECOVERED 0x00000008u

/** The longest history: values that a region can keep. */
#define SHARED_MEM_MAX_DEPTH 1024u

/** What OpenSharedMemEx opens a region with. All zero but for cbSize: it must exist. */
typedef struct SHARED_MEM_OPTIONS {
    DWORD cbSize;       /**< sizeof(SHARED_MEM_OPTIONS). */
    DWORD flags;        /**< SHARED_MEM_READ_ONLY or SHARED_MEM_CREATE_NEW, as in OpenSharedMem. */
    ULONGLONG capacity; /**< As in OpenSharedMem. */
    DWORD depth;        /**< Values that the region keeps for ReadNextSharedMem, at most
                             SHARED_MEM_MAX_DEPTH; 0 or 1: the last only. An existing region must
                             keep at least so many, and keeps as many as before. */
    LPCWSTR file;       /**< Path of the file that backs the region; then there is no name. NULL:
                             the paging file does. */
    LPVOID address;     /**< Where this process is to have the region, or the file: a multiple of
                             65,536. NULL: anywhere. Nothing guarantees that an address is free in
                             another process; one beyond 4 GB is not in a 32-bit one. What
                             BorrowSharedMem lends a process that may write lies elsewhere. */
    LPSECURITY_ATTRIBUTES security; /**< As in OpenSharedMem; of a file, if this call creates it. */
} SHARED_MEM_OPTIONS;

/**
 * Opens a region, and creates it if it does not exist.
 *
 * @param name      1 to 249 characters, case-sensitive, in the namespace that sections share with
 *                  events, mutexes, semaphores, timers and jobs. May begin with "Local\", which
 *                  changes nothing, or "Global\"; has no other backslash. What the region has
 *                  beside its section has its name with ".notify", or with ".waiter.", ".writer."
 *                  or ".event." and a number from 00 to 63 appended.
 * @param capacity  Bytes that a value can have at most. An existing region must have at least this
 *                  capacity, and keeps its own. 0: the region must exist.
 * @param flags     0, or one of
 *                  SHARED_MEM_READ_ONLY: the region must exist, and is mapped such that this
 *                  process cannot write to it, which requires the right to read only.
 *                  SHARED_MEM_CREATE_NEW: the region must not exist. So a service knows that the
 *                  region is its own, with its own access control.
 * @param security  Access control of the region, if this call creates it; may be NULL.
 *                  FILE_MAP_READ grants reading and being woken, FILE_MAP_WRITE also writing. Its
 *                  bInheritHandle makes the handle of a section that is created inheritable. Only
 *                  used during the call.
 *
 * @return a handle, or NULL and in GetLastError:
 *   ERROR_INVALID_PARAMETER     `name` is NULL or empty, or has a backslash elsewhere, or `flags`
 *                               has an unknown flag, or SHARED_MEM_CREATE_NEW with a capacity of 0
 *                               or with SHARED_MEM_READ_ONLY.
 *   ERROR_FILENAME_EXCED_RANGE  The name is too long.
 *   ERROR_FILE_NOT_FOUND        The region does not exist, and the call does not create it.
 *   ERROR_ALREADY_EXISTS        SHARED_MEM_CREATE_NEW, and a section has that name already.
 *   ERROR_INSUFFICIENT_BUFFER   The region exists, and its capacity is smaller.
 *   ERROR_INVALID_HANDLE        Another kind of object has that name.
 *   ERROR_INVALID_DATA          A section has that name, but is not a region, is a file's, or was
 *                               made for reading only.
 *   ERROR_ACCESS_DENIED         This process may not open the region like that, or not create it
 *                               ("Global\").
 *   ERROR_NOT_ENOUGH_MEMORY     No address space for a region of that size, which takes four times
 *                               its capacity, or 4,096 handles are open already.
 *   Other errors are those of CreateFileMapping and MapViewOfFile, such as ERROR_COMMITMENT_LIMIT.
 */
SHAREDMEM_API HSHAREDMEM __cdecl OpenSharedMem(_In_z_ LPCWSTR name, _In_ SIZE_T capacity,
                                               _In_ DWORD flags,
                                               _In_opt_ LPSECURITY_ATTRIBUTES security);

/**
 * The same with more options.
 *
 * A region takes address space, and memory of the system, for the power of two from `depth` + 2 on,
 * at least 4, times the capacity in whole pages and another 1,024 bytes, and one page more. A file
 * has these bytes, and twice the capacity in whole pages, and three pages more.
 *
 * A region that a file backs works as any other one, and all processes that open the file share it,
 * in whichever session. Beyond that:
 *
 *   - It stays. When all processes have ended, even if all were killed at once, the next one that
 *     opens the file has the newest whole value. FlushSharedMem makes a value survive power
 *     failure, too. Values older than the last one are not kept.
 *   - The first process to open the file recovers it: it reads and checks the values, and flushes
 *     twice. A recovery adds 2^32 to the version, so that versions which a power failure took back
 *     are not given out again, and a ReplaceSharedMem with an old one fails. Only in a new file, as
 *     long as it is open, versions begin with 1. `missed` counts the versions that a recovery
 *     skipped, too.
 *   - A file that is new has its name only when it is complete. What is being made has the suffix
 *     ".creating"; if its process is killed, the next one takes it over. A call that fails later,
 *     for want of memory, leaves the file there, a region without a value.
 *   - A thread that is ended by TerminateThread while it opens a file keeps others from opening it,
 *     until its process ends.
 *   - While it is open, the file cannot be deleted, renamed or replaced. It can be read, and so
 *     copied: a copy that is made while values are written has the newest value that was whole, or
 *     the flushed one. A copy shares nothing with the file it was made of.
 *   - The disk may fail, and another program may cut the file. Calls then fail with
 *     ERROR_READ_FAULT or ERROR_WRITE_FAULT. What BorrowSharedMem and ReserveSharedMem return is
 *     accessed by the caller, in whom such a fault raises an exception (EXCEPTION_IN_PAGE_ERROR).
 *   - Sessions do not wake each other: a waiter looks 4 times a second, if the writer is in another
 *     one.
 *   - WriteSharedMem and PublishSharedMem compute a checksum of the value.
 *
 * @param options  Only read, and only during the call.
 *
 * The errors are those of OpenSharedMem, and these:
 *   ERROR_INVALID_PARAMETER    `options` is NULL, or its cbSize is wrong, or its depth is larger
 *                              than SHARED_MEM_MAX_DEPTH, or `name` and `file` are not exactly one,
 *                              or `file` is empty.
 *   ERROR_INSUFFICIENT_BUFFER  The region exists, and its capacity or its depth is smaller.
 *   ERROR_INVALID_ADDRESS      At `address`, no address space is free for the region.
 *   ERROR_MAPPED_ALIGNMENT     `address` is not a multiple of 65,536.
 * With `file`:
 *   ERROR_FILE_NOT_FOUND       The file does not exist, and the call does not create it.
 *   ERROR_ALREADY_EXISTS       SHARED_MEM_CREATE_NEW, and there is a file.
 *   ERROR_INVALID_DATA         The file, or one with the suffix ".creating", is another program's;
 *                              it is not changed.
 *   ERROR_FILE_CORRUPT         It is a region's file, but damaged: its size is wrong, or nothing in
 *                              it proves to be a whole value. Or this call, with
 *                              SHARED_MEM_READ_ONLY, is the first to open it: open it once for
 *                              writing.
 *   ERROR_NOT_SUPPORTED        It is not an ordinary file of a local disk: it is remote, on
 *                              removable media or a read-only volume (except for reading),
 *                              compressed, sparse, encrypted, offline or a reparse point; or not a
 *                              file.
 *   ERROR_ACCESS_DENIED        The file's access control, or its attribute, refuses the access.
 *   ERROR_SHARING_VIOLATION    For 30 seconds, another program had it open for itself.
 *   ERROR_LOCK_VIOLATION       For 30 seconds, another process was opening it.
 *   ERROR_DISK_FULL            There is no room for it. Nothing is left of it.
 *   ERROR_READ_FAULT           The disk failed.
 *   Other errors are those of CreateFile, ReadFile, WriteFile, FlushFileBuffers, LockFileEx and
 *   SetFileInformationByHandle, such as ERROR_PATH_NOT_FOUND.
 */
SHAREDMEM_API HSHAREDMEM __cdecl OpenSharedMemEx(_In_opt_z_ LPCWSTR name,
                                                 _In_ const SHARED_MEM_OPTIONS *options);

/**
 * Closes a region, which ceases to exist when no process has it open, and its events that this
 * process has opened by that handle. No other call may be using the handle.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open, or it is SHARED_MEM_TEXT.
 */
SHAREDMEM_API BOOL __cdecl CloseSharedMem(HSHAREDMEM region);

/**
 * Copies a region's value, one whole value, to a buffer. Takes no lock; after writers have
 * overtaken it 64 times in a row, it also tries to take the writer lock, but never waits for it.
 * Never writes to a region that is open for reading only.
 *
 * @param region   An open region. SHARED_MEM_TEXT returns the text with its terminator.
 * @param buffer   Receives the value. May be NULL if `*size` is 0. Of no use if the call fails.
 * @param size     In: bytes of room in the buffer. Out: bytes of the value. Before the first write,
 *                 a region's value has 0 bytes; the text, which always has a terminator, 2 bytes.
 * @param version  Receives the value's version; 0 before the first write. May be NULL.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `size` is NULL, or `buffer` is NULL and `*size` is not 0.
 *   ERROR_MORE_DATA          The value does not fit; `*size` receives the room that it needs.
 *   ERROR_TIMEOUT            No attempt of 5 seconds copied one whole value, because a program
 *                            ignores the protocol, or because writers outran a reader that may not
 *                            take the lock.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl ReadSharedMem(HSHAREDMEM region,
                                         _Out_writes_bytes_to_opt_(*size, *size) LPVOID buffer,
                                         _Always_(_Inout_) SIZE_T *size,
                                         _Out_opt_ ULONGLONG *version);

/**
 * Copies the oldest value that the region keeps and the caller has not read: called again and again
 * with the same variables, it returns one value after the other, and how many were lost because the
 * reader was too slow. Takes no lock, as ReadSharedMem.
 *
 *     ULONGLONG version = 0, missed;
 *     while (WaitSharedMem(region, version, INFINITE)) {
 *         SIZE_T size = sizeof value;
 *         while (ReadNextSharedMem(region, &value, &size, &version, &missed)) {
 *             ...
 *             size = sizeof value;
 *         }
 *         if (GetLastError() != ERROR_NO_MORE_ITEMS) {
 *             break;
 *         }
 *     }
 *
 * A region keeps as many values as its creator asked for: SHARED_MEM_OPTIONS's depth. Writers never
 * wait for readers: this is a history, each reader with a place of its own in it. A region that was
 * opened without a depth, and the text, keep the last value only.
 *
 * @param region   An open region. SHARED_MEM_TEXT returns the text with its terminator.
 * @param buffer   Receives the value. May be NULL if `*size` is 0. Of no use if the call fails.
 * @param size     In: bytes of room in the buffer. Out: bytes of the value.
 * @param version  In: the version that the caller read last. 0: none; the first value is then the
 *                 oldest kept. A version greater than the present one is of an earlier region of
 *                 that name, and counts as 0. Out: the value's version; with
 *                 ERROR_NO_MORE_ITEMS, the present one.
 * @param missed   Receives the number of values between the two versions, none of which is kept any
 *                 more. May be NULL.
 *
 * With any other error, `*version` stays as it is, and with each of them `*missed`:
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `size` or `version` is NULL, or `buffer` is NULL and `*size` is not 0.
 *   ERROR_NO_MORE_ITEMS      No value is newer than `*version`.
 *   ERROR_MORE_DATA          The value does not fit; `*size` receives the room that it needs.
 *                            Another call with more room gets it, if it is still kept.
 *   ERROR_NOT_SUPPORTED      The text is SHARED_MEM_UNSYNCHRONISED: it has no versions.
 *   ERROR_TIMEOUT            As with ReadSharedMem.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl ReadNextSharedMem(HSHAREDMEM region,
                                             _Out_writes_bytes_to_opt_(*size, *size) LPVOID buffer,
                                             _Always_(_Inout_) SIZE_T *size,
                                             _Inout_ ULONGLONG *version,
                                             _Out_opt_ ULONGLONG *missed);

/**
 * Replaces a region's value, at once for every reader, and wakes the threads that wait for a
 * change.
 *
 * @param region   An open region. SHARED_MEM_TEXT takes a text: up to the first NUL, or all of the
 *                 data if there is none.
 * @param data     The new value; only read. May be NULL if `size` is 0.
 * @param size     Its bytes. 0 is a value like any other.
 * @param version  Receives the version that this write made. May be NULL.
 *
 * Unless the call succeeds, nothing changes:
 *   ERROR_INVALID_HANDLE       `region` is not open.
 *   ERROR_INVALID_PARAMETER    `data` is NULL and `size` is not 0, or a text has half a character.
 *   ERROR_INSUFFICIENT_BUFFER  The value is larger than the capacity, in which a text needs room
 *                              for its terminator.
 *   ERROR_ACCESS_DENIED        The region is open for reading only.
 *   ERROR_TIMEOUT              For 5 seconds, the writer lock was not to be had, for example
 *                              because its owner is suspended.
 *   ERROR_POSSIBLE_DEADLOCK    A vectored exception handler calls from inside a write.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl WriteSharedMem(HSHAREDMEM region,
                                          _In_reads_bytes_opt_(size) LPCVOID data, _In_ SIZE_T size,
                                          _Out_opt_ ULONGLONG *version);

/**
 * Replaces a region's value if it still has the version that the caller read: read a value and its
 * version, make a new value of it, replace it; on ERROR_REVISION_MISMATCH, read again and retry. No
 * update is lost.
 *
 * @param version  In: the version that the value must still have. Out: the version that this write
 *                 made; on ERROR_REVISION_MISMATCH, the present one.
 *
 * The other parameters and errors are those of WriteSharedMem, and these:
 *   ERROR_INVALID_PARAMETER    `version` is NULL.
 *   ERROR_REVISION_MISMATCH    The value has another version. Nothing changes.
 *   ERROR_NOT_SUPPORTED        The text is SHARED_MEM_UNSYNCHRONISED: it has no versions.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl ReplaceSharedMem(HSHAREDMEM region,
                                            _In_reads_bytes_opt_(size) LPCVOID data,
                                            _In_ SIZE_T size, _Always_(_Inout_) ULONGLONG *version);

/**
 * Finds a region's value where it stands, without copying it, in the same time at every size. Takes
 * no lock, stores nothing that others see, and needs no call to end it.
 *
 * The bytes are shared: a writer overwrites them N - 1 publications later, N being the region's
 * slots (4, or the power of two from `depth` + 2 on), and a hostile program at any time. So:
 *
 *   - Believe nothing that was made of them before ValidateSharedMem has returned TRUE.
 *   - Copy a length, an index or an offset to a variable of your own, once (through a pointer to
 *     volatile, or compilers may read it again), check the copy, and use the copy.
 *   - Pass the pointer only to code that does not read a byte twice and rely on both being equal,
 *     and that no bytes can harm. Parsers, decoders and comparisons for sorting often do and can.
 *     For these, take ReadSharedMem.
 *
 * @param region   An open region; not SHARED_MEM_TEXT, of which one slot is rewritten while its
 *                 version stays.
 * @param data     Receives the address of the value, a multiple of 4,096, which stays mapped until
 *                 the region is closed.
 *                 Nothing can be written there, not even by mistake: in a process that opened the
 *                 region for writing, the first call maps a view of its own for reading only, which
 *                 takes the region's address space a second time.
 * @param size     Receives the value's bytes, never more than the capacity.
 * @param version  Receives its version, for ValidateSharedMem.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `data`, `size` or `version` is NULL.
 *   ERROR_NOT_SUPPORTED      `region` is SHARED_MEM_TEXT.
 *   Other errors are those of MapViewOfFile, such as ERROR_NOT_ENOUGH_MEMORY.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl BorrowSharedMem(HSHAREDMEM region, _Out_ LPCVOID *data,
                                           _Out_ SIZE_T *size, _Out_ ULONGLONG *version);

/**
 * Tells whether everything that was read so far of a borrowed value was that version, whole, as far
 * as writers use this DLL. That holds for N - 2 further publications, 2 at least. May be called as
 * often as wanted while the value is read; costs about as much as a memory access.
 *
 * @param version  That which BorrowSharedMem returned.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_NOT_SUPPORTED      `region` is SHARED_MEM_TEXT.
 *   ERROR_REVISION_MISMATCH  The value may have been overwritten: throw away what was made of it,
 *                            and borrow again. Also if the region has not come to that version.
 */
SHAREDMEM_API BOOL __cdecl ValidateSharedMem(HSHAREDMEM region, _In_ ULONGLONG version);

/**
 * Begins a write in place, in the same time at every size: takes the writer lock, and finds where
 * the next value is to be. The calling thread makes the value there, and then calls
 * PublishSharedMem or DiscardSharedMem. Readers still have the present value, and can be lent it.
 *
 * While a region is reserved, others wait to write as for any writer, and time out after 5 seconds;
 * and the thread itself must not wait for a change, which cannot come.
 * If the thread or its process ends, wherever that is, the value stays as it was, and the next
 * write succeeds. Closing the region discards, in any thread, and unmaps what was reserved.
 *
 * @param region    An open region; not SHARED_MEM_TEXT.
 * @param expected  The version that the value must still have, as in ReplaceSharedMem. NULL: any.
 * @param data      Receives the address for the new value, a multiple of 4,096. What is there is
 *                  undefined. After PublishSharedMem, DiscardSharedMem or CloseSharedMem nothing may be written
 *                  there: it would tear what readers read.
 * @param room      Receives how many bytes there are: the region's capacity.
 *
 * Unless the call succeeds, nothing is reserved:
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `data` or `room` is NULL.
 *   ERROR_NOT_SUPPORTED      `region` is SHARED_MEM_TEXT.
 *   ERROR_ACCESS_DENIED      The region is open for reading only.
 *   ERROR_REVISION_MISMATCH  The value has another version than `*expected`.
 *   ERROR_TIMEOUT            As with WriteSharedMem.
 *   ERROR_POSSIBLE_DEADLOCK  This thread has reserved the region already, by this handle or by
 *                            another one of this DLL in this process; or a vectored exception
 *                            handler calls from inside a write. WriteSharedMem and ReplaceSharedMem
 *                            fail with this, too, in a thread that has reserved the region.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl ReserveSharedMem(HSHAREDMEM region, _In_opt_ const ULONGLONG *expected,
                                            _Out_ LPVOID *data, _Out_ SIZE_T *room);

/**
 * Makes what the calling thread has written in place the region's value, at once for every reader,
 * and wakes the threads that wait for a change. Begins with a full memory barrier: the value may
 * have been made with non-temporal stores, and by other threads, if they have told this one.
 *
 * @param region   The handle that ReserveSharedMem was called with.
 * @param size     Bytes of the value, from the address on that ReserveSharedMem returned.
 * @param version  Receives the version that this made. May be NULL. If it is not valid, the region
 *                 is still reserved when the exception is raised.
 *
 * Unless the call succeeds, nothing changes:
 *   ERROR_INVALID_HANDLE       `region` is not open.
 *   ERROR_NOT_SUPPORTED        `region` is SHARED_MEM_TEXT.
 *   ERROR_INSUFFICIENT_BUFFER  `size` is larger than the room. It is still reserved.
 *   ERROR_NOT_OWNER            Another thread of this process, which may have ended, was the last
 *                              to reserve the region by this handle.
 *   ERROR_NOT_LOCKED           The region is not reserved by this handle; or not any more, because
 *                              a program that ignores the protocol has overwritten the writer lock.
 *                              Then another writer may use the same memory: reserve again.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl PublishSharedMem(HSHAREDMEM region, _In_ SIZE_T size,
                                            _Out_opt_ ULONGLONG *version);

/**
 * Ends a write in place that the calling thread has begun; the value stays as it was.
 *
 * The errors are those of PublishSharedMem, but for ERROR_INSUFFICIENT_BUFFER.
 */
SHAREDMEM_API BOOL __cdecl DiscardSharedMem(HSHAREDMEM region);

/**
 * Makes a value of a region that a file backs survive power failure: when the call returns, that
 * version or a newer one is on the disk. Readers and writers go on meanwhile; only if writers
 * outrun it, it locks them out for as long as one copy takes. Calls at the same time share the
 * work.
 *
 * It is as durable as the disk makes it: a disk that reports a flush before it is done can lose it.
 *
 * @param version  As WriteSharedMem returned it. One that is not there yet means the present one.
 * @param durable  Receives the version that is on the disk, this one or a newer one. May be NULL.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open.
 *   ERROR_NOT_SUPPORTED   No file backs the region.
 *   ERROR_ACCESS_DENIED   The region is open for reading only.
 *   ERROR_TIMEOUT         For 5 seconds, another thread was flushing; or writers outran this one
 *                         and the writer lock was not to be had.
 *   ERROR_WRITE_FAULT     The disk failed.
 *   Other errors are those of FlushViewOfFile and FlushFileBuffers. After any error, what was
 *   durable before still is.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl FlushSharedMem(HSHAREDMEM region, _In_ ULONGLONG version,
                                          _Out_opt_ ULONGLONG *durable);

/**
 * Waits until a region's version differs from `version`: with that of a value read before, until
 * the value is replaced. Versions are numbers that only grow; of several replacements in a row, a
 * waiter may see only the last. Texts that a program writes without this DLL make no version.
 *
 * Waiters are woken at once, also those that may only read. A waiter polls instead, at most 16 ms
 * apart, if 64 other threads wait for the same region, or if another program has taken the names
 * of the region's notify section or events. A waiter also looks 4 times a second by itself, in case
 * the writer was killed before it woke the waiters.
 *
 * @param milliseconds  The time-out. 0 only looks, INFINITE never times out.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open.
 *   ERROR_TIMEOUT         The version is still `version`.
 *   ERROR_NOT_SUPPORTED   The text is SHARED_MEM_UNSYNCHRONISED: it has no versions.
 */
SHAREDMEM_API BOOL __cdecl WaitSharedMem(HSHAREDMEM region, _In_ ULONGLONG version,
                                         _In_ DWORD milliseconds);

/**
 * Opens an event that is set when a region changes, for loops that wait for other things, too: with
 * WaitForMultipleObjects, MsgWaitForMultipleObjects, RegisterWaitForSingleObject and the like.
 *
 *     for (;;) {
 *         ReadSharedMem(region, ..., &version);
 *         ArmSharedMemEvent(region, event, version);
 *         ... wait for the event, among others ...
 *     }
 *
 * A manual-reset event, which ArmSharedMemEvent resets and a change sets. A process may open any
 * number for one region, and for a region that it may only read. While an event is open, the DLL
 * stays loaded, and a timer of the process's thread pool looks at the region 4 times a second, in
 * case a writer was killed before it set the event. Events beyond the 64 that wait for the same
 * region, those of other processes and waiting threads included, are set by that timer only, at
 * most 16 ms late; so are all of them if another program has taken the names of the region's notify
 * section or events.
 *
 * Opening and closing need the locks of the system's loader and thread pool: do not do so while
 * another thread that has a DllMain in progress waits for it, or in a thread that may be ended with
 * TerminateThread. Arming needs none.
 *
 * @return the event's handle, with the right SYNCHRONIZE only, to be closed by CloseSharedMemEvent
 * and not by CloseHandle; or NULL and in GetLastError:
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_NOT_SUPPORTED      The text is SHARED_MEM_UNSYNCHRONISED: it has no versions.
 *   ERROR_NOT_ENOUGH_MEMORY  No memory, or this process has 4,096 events open already.
 *   Other errors are those of CreateEvent, DuplicateHandle, CreateThreadpoolTimer and
 *   GetModuleHandleEx.
 */
SHAREDMEM_API HANDLE __cdecl OpenSharedMemEvent(HSHAREDMEM region);

/**
 * Resets an event, and has it set as soon as the region's version is another one than `version`: at
 * once if it is already. From then on it is set until it is armed again. It may be set without a
 * change, too, for example by a signal that comes late: read the version and arm again.
 *
 * @param event    From OpenSharedMemEvent with the same handle of a region.
 * @param version  As with WaitSharedMem.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open, or `event` is not one of its open events.
 */
SHAREDMEM_API BOOL __cdecl ArmSharedMemEvent(HSHAREDMEM region, HANDLE event,
                                             _In_ ULONGLONG version);

/**
 * Closes an event, armed or not. No wait for it may be in progress, nor another call with it.
 *
 *   ERROR_INVALID_HANDLE  `region` is not open, or `event` is not one of its open events.
 */
SHAREDMEM_API BOOL __cdecl CloseSharedMemEvent(HSHAREDMEM region, HANDLE event);

/** What QuerySharedMem returns. All of it may have changed when the caller reads it. */
typedef struct SHARED_MEM_INFO {
    DWORD cbSize; /**< In: sizeof(SHARED_MEM_INFO), of this version or an earlier one. */
    DWORD flags;  /**< SHARED_MEM_READ_ONLY, SHARED_MEM_UNSYNCHRONISED, SHARED_MEM_RECOVERED. */
    ULONGLONG capacity; /**< Bytes that a value can have, exactly as the creator asked for. */
    ULONGLONG size;     /**< Bytes of the present value. */
    ULONGLONG version;  /**< Of the present value. */
    DWORD writer;       /**< Id of the thread that holds the writer lock; 0: none. A thread that was
                             killed while it held the lock holds it until the next write. */
    DWORD waiters;      /**< Threads that wait to be woken, events that are armed, and those of
                             either that died since the last write; those that poll do not count. */

    /* From here on since version 1.1. */
    ULONGLONG durable; /**< The version that a flush made durable; 0: none, or no file backs it. */
    LPVOID address;    /**< Where this process has the region, or its file. */
    DWORD depth;       /**< Values that the region keeps, exactly as the creator asked for; 1: the
                            last only. */
} SHARED_MEM_INFO;

/**
 * Describes a region and its value.
 *
 *   ERROR_INVALID_HANDLE     `region` is not open.
 *   ERROR_INVALID_PARAMETER  `info` is NULL, or its cbSize is that of no version of the structure.
 *   ERROR_TIMEOUT            As with ReadSharedMem.
 */
_Success_(return != 0)
SHAREDMEM_API BOOL __cdecl QuerySharedMem(HSHAREDMEM region, _Inout_ SHARED_MEM_INFO *info);

/** Returns the version of the loaded DLL: 0x00MMmmpp, major, minor, patch. Cannot fail. */
SHAREDMEM_API DWORD __cdecl SharedMemVersion(void);

/**
 * The functions' types, for programs that load the DLL at run time:
 *
 *     PFN_GetSharedMem get = (PFN_GetSharedMem)(void (*)(void))GetProcAddress(dll, "GetSharedMem");
 *
 * (The cast in between keeps compilers from warning of the other one.)
 */
typedef void(__cdecl *PFN_SetSharedMem)(LPCWSTR text);
typedef void(__cdecl *PFN_GetSharedMem)(LPWSTR buffer, DWORD cch);
typedef HSHAREDMEM(__cdecl *PFN_OpenSharedMem)(LPCWSTR name, SIZE_T capacity, DWORD flags,
                                               LPSECURITY_ATTRIBUTES security);
typedef HSHAREDMEM(__cdecl *PFN_OpenSharedMemEx)(LPCWSTR name, const SHARED_MEM_OPTIONS *options);
typedef BOOL(__cdecl *PFN_CloseSharedMem)(HSHAREDMEM region);
typedef BOOL(__cdecl *PFN_ReadSharedMem)(HSHAREDMEM region, LPVOID buffer, SIZE_T *size,
                                         ULONGLONG *version);
typedef BOOL(__cdecl *PFN_ReadNextSharedMem)(HSHAREDMEM region, LPVOID buffer, SIZE_T *size,
                                             ULONGLONG *version, ULONGLONG *missed);
typedef BOOL(__cdecl *PFN_WriteSharedMem)(HSHAREDMEM region, LPCVOID data, SIZE_T size,
                                          ULONGLONG *version);
typedef BOOL(__cdecl *PFN_ReplaceSharedMem)(HSHAREDMEM region, LPCVOID data, SIZE_T size,
                                            ULONGLONG *version);
typedef BOOL(__cdecl *PFN_BorrowSharedMem)(HSHAREDMEM region, LPCVOID *data, SIZE_T *size,
                                           ULONGLONG *version);
typedef BOOL(__cdecl *PFN_ValidateSharedMem)(HSHAREDMEM region, ULONGLONG version);
typedef BOOL(__cdecl *PFN_ReserveSharedMem)(HSHAREDMEM region, const ULONGLONG *expected,
                                            LPVOID *data, SIZE_T *room);
typedef BOOL(__cdecl *PFN_PublishSharedMem)(HSHAREDMEM region, SIZE_T size, ULONGLONG *version);
typedef BOOL(__cdecl *PFN_DiscardSharedMem)(HSHAREDMEM region);
typedef BOOL(__cdecl *PFN_FlushSharedMem)(HSHAREDMEM region, ULONGLONG version, ULONGLONG *durable);
typedef BOOL(__cdecl *PFN_WaitSharedMem)(HSHAREDMEM region, ULONGLONG version, DWORD milliseconds);
typedef HANDLE(__cdecl *PFN_OpenSharedMemEvent)(HSHAREDMEM region);
typedef BOOL(__cdecl *PFN_ArmSharedMemEvent)(HSHAREDMEM region, HANDLE event, ULONGLONG version);
typedef BOOL(__cdecl *PFN_CloseSharedMemEvent)(HSHAREDMEM region, HANDLE event);
typedef BOOL(__cdecl *PFN_QuerySharedMem)(HSHAREDMEM region, SHARED_MEM_INFO *info);
typedef DWORD(__cdecl *PFN_SharedMemVersion)(void);

#ifdef __cplusplus
}
#endif

#endif
