"""sharedmem.dll from Python for Windows. The DLL lies beside this file."""
import ctypes
import os
from ctypes import POINTER, byref, c_size_t, c_uint64, c_void_p
from ctypes.wintypes import BOOL, DWORD, HANDLE, LPCWSTR, LPVOID, LPWSTR

HSHAREDMEM = c_void_p
SHARED_MEM_TEXT = HSHAREDMEM(-1)
SHARED_MEM_TEXT_CCH = 2048
SHARED_MEM_READ_ONLY = 0x1
SHARED_MEM_UNSYNCHRONISED = 0x2
SHARED_MEM_CREATE_NEW = 0x4
SHARED_MEM_RECOVERED = 0x8
ERROR_NO_MORE_ITEMS = 259


class SHARED_MEM_OPTIONS(ctypes.Structure):
    _fields_ = [('cbSize', DWORD), ('flags', DWORD), ('capacity', c_uint64), ('depth', DWORD),
                ('file', LPCWSTR), ('address', LPVOID), ('security', LPVOID)]


class SHARED_MEM_INFO(ctypes.Structure):
    _fields_ = [('cbSize', DWORD), ('flags', DWORD), ('capacity', c_uint64), ('size', c_uint64),
                ('version', c_uint64), ('writer', DWORD), ('waiters', DWORD),
                ('durable', c_uint64), ('address', LPVOID), ('depth', DWORD)]


def check(result, function, arguments):
    """Raises OSError with the system's message if a call failed."""
    if not result and ctypes.get_last_error() != 0:
        raise ctypes.WinError(ctypes.get_last_error())
    return result


dll = ctypes.CDLL(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sharedmem.dll'),
                  use_last_error=True)
for name, result, *arguments in [
        ('SetSharedMem', None, LPCWSTR),
        ('GetSharedMem', None, LPWSTR, DWORD),
        ('OpenSharedMem', HSHAREDMEM, LPCWSTR, c_size_t, DWORD, LPVOID),
        ('OpenSharedMemEx', HSHAREDMEM, LPCWSTR, POINTER(SHARED_MEM_OPTIONS)),
        ('CloseSharedMem', BOOL, HSHAREDMEM),
        ('ReadSharedMem', BOOL, HSHAREDMEM, LPVOID, POINTER(c_size_t), POINTER(c_uint64)),
        ('ReadNextSharedMem', BOOL, HSHAREDMEM, LPVOID, POINTER(c_size_t), POINTER(c_uint64),
         POINTER(c_uint64)),
        ('WriteSharedMem', BOOL, HSHAREDMEM, LPVOID, c_size_t, POINTER(c_uint64)),
        ('ReplaceSharedMem', BOOL, HSHAREDMEM, LPVOID, c_size_t, POINTER(c_uint64)),
        ('BorrowSharedMem', BOOL, HSHAREDMEM, POINTER(LPVOID), POINTER(c_size_t),
         POINTER(c_uint64)),
        ('ValidateSharedMem', BOOL, HSHAREDMEM, c_uint64),
        ('ReserveSharedMem', BOOL, HSHAREDMEM, POINTER(c_uint64), POINTER(LPVOID),
         POINTER(c_size_t)),
        ('PublishSharedMem', BOOL, HSHAREDMEM, c_size_t, POINTER(c_uint64)),
        ('DiscardSharedMem', BOOL, HSHAREDMEM),
        ('FlushSharedMem', BOOL, HSHAREDMEM, c_uint64, POINTER(c_uint64)),
        ('WaitSharedMem', BOOL, HSHAREDMEM, c_uint64, DWORD),
        ('OpenSharedMemEvent', HANDLE, HSHAREDMEM),
        ('ArmSharedMemEvent', BOOL, HSHAREDMEM, HANDLE, c_uint64),
        ('CloseSharedMemEvent', BOOL, HSHAREDMEM, HANDLE),
        ('QuerySharedMem', BOOL, HSHAREDMEM, POINTER(SHARED_MEM_INFO)),
        ('SharedMemVersion', DWORD)]:
    function = getattr(dll, name)
    function.restype, function.argtypes, function.errcheck = result, arguments, check


def get_text():
    buffer = ctypes.create_unicode_buffer(SHARED_MEM_TEXT_CCH)
    dll.GetSharedMem(buffer, len(buffer))
    return buffer.value


def history(region, capacity):
    """Each value that the region keeps, with its version: the last only, unless it has a depth."""
    buffer, version = ctypes.create_string_buffer(capacity), c_uint64()
    while True:
        size = c_size_t(capacity)
        try:
            dll.ReadNextSharedMem(region, buffer, byref(size), byref(version), None)
        except OSError as error:
            if error.winerror != ERROR_NO_MORE_ITEMS:
                raise
            return
        yield version.value, buffer.raw[:size.value]


region = dll.OpenSharedMem('hello', 256, 0, None)
data, version = b'any bytes', c_uint64()
dll.WriteSharedMem(region, data, len(data), byref(version))
for number, value in history(region, 256):
    print(f'version {number} of the region: {value.decode()}')
dll.CloseSharedMem(region)

dll.SetSharedMem('hello from Python')
info = SHARED_MEM_INFO(cbSize=ctypes.sizeof(SHARED_MEM_INFO))
dll.QuerySharedMem(SHARED_MEM_TEXT, byref(info))  # before the text: no change is missed
print('the text:', get_text())
dll.WaitSharedMem(SHARED_MEM_TEXT, info.version, 60000)
print('the text:', get_text())
