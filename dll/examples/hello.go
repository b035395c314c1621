// sharedmem.dll from Go, without cgo. The DLL lies beside the program.
//
//	hello [MILLISECONDS]    how long to wait for another text; default: a minute
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

type HSHAREDMEM = uintptr

const (
	SHARED_MEM_TEXT     = ^HSHAREDMEM(0)
	SHARED_MEM_TEXT_CCH = 2048

	SHARED_MEM_READ_ONLY      = 0x1
	SHARED_MEM_UNSYNCHRONISED = 0x2
	SHARED_MEM_CREATE_NEW     = 0x4
	SHARED_MEM_RECOVERED      = 0x8

	ERROR_NO_MORE_ITEMS = syscall.Errno(259)
)

type SHARED_MEM_OPTIONS struct {
	cbSize, flags uint32
	capacity      uint64
	depth         uint32
	file          *uint16
	address       uintptr
	security      *syscall.SecurityAttributes
}

type SHARED_MEM_INFO struct {
	cbSize, flags           uint32
	capacity, size, version uint64
	writer, waiters         uint32
	durable                 uint64
	address                 uintptr
	depth                   uint32
}

// Each with its arguments and its result; Call returns the last error, too. A goroutine that writes
// in place calls runtime.LockOSThread: what a thread has reserved, it must publish itself.
var (
	dll = syscall.NewLazyDLL("sharedmem.dll")
	// (text *uint16)
	SetSharedMem = dll.NewProc("SetSharedMem")
	// (buffer *uint16, cch uint32)
	GetSharedMem = dll.NewProc("GetSharedMem")
	// (name *uint16, capacity uintptr, flags uint32,
	// security *syscall.SecurityAttributes) HSHAREDMEM
	OpenSharedMem = dll.NewProc("OpenSharedMem")
	// (name *uint16, options *SHARED_MEM_OPTIONS) HSHAREDMEM
	OpenSharedMemEx = dll.NewProc("OpenSharedMemEx")
	// (region HSHAREDMEM) BOOL
	CloseSharedMem = dll.NewProc("CloseSharedMem")
	// (region HSHAREDMEM, buffer *byte, size *uintptr, version *uint64) BOOL
	ReadSharedMem = dll.NewProc("ReadSharedMem")
	// (region HSHAREDMEM, buffer *byte, size *uintptr, version *uint64, missed *uint64) BOOL
	ReadNextSharedMem = dll.NewProc("ReadNextSharedMem")
	// (region HSHAREDMEM, data *byte, size uintptr, version *uint64) BOOL
	WriteSharedMem = dll.NewProc("WriteSharedMem")
	// (region HSHAREDMEM, data *byte, size uintptr, version *uint64) BOOL
	ReplaceSharedMem = dll.NewProc("ReplaceSharedMem")
	// (region HSHAREDMEM, data *unsafe.Pointer, size *uintptr, version *uint64) BOOL
	BorrowSharedMem = dll.NewProc("BorrowSharedMem")
	// (region HSHAREDMEM, version uint64) BOOL
	ValidateSharedMem = dll.NewProc("ValidateSharedMem")
	// (region HSHAREDMEM, expected *uint64, data *unsafe.Pointer, room *uintptr) BOOL
	ReserveSharedMem = dll.NewProc("ReserveSharedMem")
	// (region HSHAREDMEM, size uintptr, version *uint64) BOOL
	PublishSharedMem = dll.NewProc("PublishSharedMem")
	// (region HSHAREDMEM) BOOL
	DiscardSharedMem = dll.NewProc("DiscardSharedMem")
	// (region HSHAREDMEM, version uint64, durable *uint64) BOOL
	FlushSharedMem = dll.NewProc("FlushSharedMem")
	// (region HSHAREDMEM, version uint64, milliseconds uint32) BOOL
	WaitSharedMem = dll.NewProc("WaitSharedMem")
	// (region HSHAREDMEM) syscall.Handle
	OpenSharedMemEvent = dll.NewProc("OpenSharedMemEvent")
	// (region HSHAREDMEM, event syscall.Handle, version uint64) BOOL
	ArmSharedMemEvent = dll.NewProc("ArmSharedMemEvent")
	// (region HSHAREDMEM, event syscall.Handle) BOOL
	CloseSharedMemEvent = dll.NewProc("CloseSharedMemEvent")
	// (region HSHAREDMEM, info *SHARED_MEM_INFO) BOOL
	QuerySharedMem = dll.NewProc("QuerySharedMem")
	// () uint32
	SharedMemVersion = dll.NewProc("SharedMemVersion")
)

// Ends the program with the system's message unless a call succeeded.
func check(success bool, err error) {
	if !success {
		log.Fatalf("%v (error %d)", err, err)
	}
}

// The same for a call that returns a BOOL, which is the lower half of a 64-bit word.
func checkCall(result, _ uintptr, err error) {
	check(uint32(result) != 0, err)
}

func utf16(text string) *uint16 {
	chars, err := syscall.UTF16PtrFromString(text)
	check(err == nil, err)
	return chars
}

func setText(text string) {
	_, _, err := SetSharedMem.Call(uintptr(unsafe.Pointer(utf16(text))))
	check(err == syscall.Errno(0), err)
}

func getText() string {
	buffer := make([]uint16, SHARED_MEM_TEXT_CCH)
	_, _, err := GetSharedMem.Call(uintptr(unsafe.Pointer(&buffer[0])), SHARED_MEM_TEXT_CCH)
	check(err == syscall.Errno(0), err)
	return syscall.UTF16ToString(buffer)
}

// Other goroutines go on meanwhile.
func wait(region HSHAREDMEM, version uint64, milliseconds uint32) {
	arguments := []uintptr{region, uintptr(version)}
	if unsafe.Sizeof(region) == 4 { // in a 32-bit process, a version is two words
		arguments = append(arguments, uintptr(version>>32))
	}
	checkCall(WaitSharedMem.Call(append(arguments, uintptr(milliseconds))...))
}

// Each value that the region keeps: the last only, unless it has a depth.
func showHistory(region HSHAREDMEM, capacity uintptr) {
	buffer, version := make([]byte, capacity), uint64(0)
	for {
		size := capacity
		result, _, err := ReadNextSharedMem.Call(region, uintptr(unsafe.Pointer(&buffer[0])),
			uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&version)), 0)
		if uint32(result) == 0 && err == ERROR_NO_MORE_ITEMS {
			return
		}
		checkCall(result, 0, err)
		fmt.Printf("version %d of the region: %s\n", version, buffer[:size])
	}
}

func main() {
	log.SetFlags(0)
	milliseconds := uint64(60000)
	if len(os.Args) > 1 {
		var err error
		milliseconds, err = strconv.ParseUint(os.Args[1], 10, 32)
		check(err == nil, err)
	}

	region, _, err := OpenSharedMem.Call(uintptr(unsafe.Pointer(utf16("hello"))), 256, 0, 0)
	check(region != 0, err)
	data, version := []byte("any bytes"), uint64(0)
	checkCall(WriteSharedMem.Call(region, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
		uintptr(unsafe.Pointer(&version))))
	showHistory(region, 256)
	checkCall(CloseSharedMem.Call(region))

	setText("hello from Go")
	info := SHARED_MEM_INFO{cbSize: uint32(unsafe.Sizeof(SHARED_MEM_INFO{}))}
	checkCall(QuerySharedMem.Call(SHARED_MEM_TEXT, uintptr(unsafe.Pointer(&info))))
	fmt.Println("the text:", getText()) // after the version: no change is missed
	wait(SHARED_MEM_TEXT, info.version, uint32(milliseconds))
	fmt.Println("the text:", getText())
}
