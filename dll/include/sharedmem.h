/*
 * sharedmem.dll: text that the processes of one Windows session share.
 *
 * The DLL keeps one text in a named section backed by the paging file. Every process that has the DLL
 * loaded, 32- or 64-bit, reads and replaces that same text.
 *
 *   - A read yields one whole text that somebody wrote: never a mixture of two.
 *   - A writer may be killed at any moment. The text is then the old or the new one, and the next
 *     write succeeds.
 *
 * Limits and pitfalls:
 *
 *   - The text lives as long as some process of the session has the DLL loaded, and is gone after that.
 *   - Processes of other sessions (a service, another user who is logged on) have a text of their own.
 *   - Any program that runs as the same user can open the section by its name. What it puts there may
 *     be any text at all; it cannot make this DLL crash, hang or touch other memory.
 *   - If another program has made a section of that name first, one of 4,096 bytes as Microsoft's sample
 *     "Using Shared Memory in a Dynamic-Link Library" makes it for example, the text is shared with that
 *     program too, but without synchronisation: then, and only then, a read can yield a mixture.
 *   - If that name belongs to another kind of object (an event, a mutex), the DLL cannot be loaded:
 *     LoadLibrary fails with ERROR_DLL_INIT_FAILED, and OutputDebugString gets the reason.
 *
 * Text is UTF-16 and ends with a NUL. A "character" is one WCHAR. All functions use the __cdecl calling
 * convention on every architecture and may be called from any thread at any time, but not from a DllMain
 * that runs before this DLL's own.
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

/** Characters that the longest text takes, its terminator included. No reader needs a larger buffer. */
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
 *   ERROR_TIMEOUT              Another thread has been writing for 5 seconds, because it is suspended
 *                              for example. Nothing changes.
 *
 * An invalid pointer raises an access violation in the caller; the text and other writers are unharmed.
 */
SHAREDMEM_API void __cdecl SetSharedMem(_In_z_ LPCWSTR text);

/**
 * Copies the shared text, one whole text, to a buffer. Takes no lock, except after it was overtaken by
 * writers 64 times in a row.
 *
 * @param buffer  Receives the text, always terminated. Nothing is written behind the terminator, unless
 *                a longer text was replaced during the call, and never anything at or behind buffer[cch].
 * @param cch     Size of the buffer in characters. SHARED_MEM_TEXT_CCH is enough for every text.
 *
 * The result is in GetLastError, which is always set:
 *   ERROR_SUCCESS              The buffer has the text; an empty one if none was ever written.
 *   ERROR_MORE_DATA            The text does not fit. The buffer has as much of its start as does,
 *                              never half a surrogate pair.
 *   ERROR_INVALID_PARAMETER    `buffer` is NULL or `cch` is 0. Nothing is written.
 *   ERROR_TIMEOUT              For 5 seconds, no whole text could be had: a thread that is suspended in
 *                              a write, or a program that breaks the protocol. The buffer has an empty
 *                              text.
 */
SHAREDMEM_API void __cdecl GetSharedMem(_Out_writes_z_(cch) LPWSTR buffer, _In_ DWORD cch);

/**
 * Version of the DLL that is really loaded: 0x00MMmmpp, with major version, minor version and patch.
 * Does not change the last error.
 */
SHAREDMEM_API DWORD __cdecl SharedMemVersion(void);

#ifdef __cplusplus
}
#endif

#endif
