{ sharedmem.dll from Free Pascal or Delphi. The DLL lies beside the program.

      hello [MILLISECONDS]    how long to wait for another text; default: a minute }
program hello;

{$ifdef FPC}{$mode delphi}{$endif}
{$apptype console}

uses Windows, SysUtils;

type
  HSHAREDMEM = Pointer;

  SHARED_MEM_OPTIONS = record
    cbSize, flags: DWORD;
    capacity: UInt64;
    depth: DWORD;
    &file: PWideChar;
    address: Pointer;
    security: PSecurityAttributes;
  end;

  SHARED_MEM_INFO = record
    cbSize, flags: DWORD;
    capacity, size, version: UInt64;
    writer, waiters: DWORD;
    durable: UInt64;
    address: Pointer;
    depth: DWORD;
  end;

const
  SHARED_MEM_TEXT = HSHAREDMEM(-1);
  SHARED_MEM_TEXT_CCH = 2048;
  SHARED_MEM_READ_ONLY = $1;
  SHARED_MEM_UNSYNCHRONISED = $2;
  SHARED_MEM_CREATE_NEW = $4;
  SHARED_MEM_RECOVERED = $8;
  DLL = 'sharedmem.dll';

procedure SetSharedMem(text: PWideChar); cdecl; external DLL;
procedure GetSharedMem(buffer: PWideChar; cch: DWORD); cdecl; external DLL;
function OpenSharedMem(name: PWideChar; capacity: SIZE_T; flags: DWORD;
  security: PSecurityAttributes): HSHAREDMEM; cdecl; external DLL;
function OpenSharedMemEx(name: PWideChar; const options: SHARED_MEM_OPTIONS): HSHAREDMEM; cdecl;
  external DLL;
function CloseSharedMem(region: HSHAREDMEM): BOOL; cdecl; external DLL;
function ReadSharedMem(region: HSHAREDMEM; buffer: Pointer; var size: SIZE_T;
  out version: UInt64): BOOL; cdecl; external DLL;
function ReadNextSharedMem(region: HSHAREDMEM; buffer: Pointer; var size: SIZE_T;
  var version: UInt64; out missed: UInt64): BOOL; cdecl; external DLL;
function WriteSharedMem(region: HSHAREDMEM; data: Pointer; size: SIZE_T;
  out version: UInt64): BOOL; cdecl; external DLL;
function ReplaceSharedMem(region: HSHAREDMEM; data: Pointer; size: SIZE_T;
  var version: UInt64): BOOL; cdecl; external DLL;
function BorrowSharedMem(region: HSHAREDMEM; out data: Pointer; out size: SIZE_T;
  out version: UInt64): BOOL; cdecl; external DLL;
function ValidateSharedMem(region: HSHAREDMEM; version: UInt64): BOOL; cdecl; external DLL;
function ReserveSharedMem(region: HSHAREDMEM; expected: Pointer; out data: Pointer;
  out room: SIZE_T): BOOL; cdecl; external DLL;
function PublishSharedMem(region: HSHAREDMEM; size: SIZE_T; out version: UInt64): BOOL; cdecl;
  external DLL;
function DiscardSharedMem(region: HSHAREDMEM): BOOL; cdecl; external DLL;
function FlushSharedMem(region: HSHAREDMEM; version: UInt64;
  out durable: UInt64): BOOL; cdecl; external DLL;
function WaitSharedMem(region: HSHAREDMEM; version: UInt64;
  milliseconds: DWORD): BOOL; cdecl; external DLL;
function OpenSharedMemEvent(region: HSHAREDMEM): THandle; cdecl; external DLL;
function ArmSharedMemEvent(region: HSHAREDMEM; event: THandle;
  version: UInt64): BOOL; cdecl; external DLL;
function CloseSharedMemEvent(region: HSHAREDMEM; event: THandle): BOOL; cdecl; external DLL;
function QuerySharedMem(region: HSHAREDMEM; var info: SHARED_MEM_INFO): BOOL; cdecl; external DLL;
function SharedMemVersion: DWORD; cdecl; external DLL;

{ Raises an exception with the system's message unless a call succeeded. }
procedure Check(success: Boolean);
begin
  if not success then
    RaiseLastOSError;
end;

procedure ShowText;
var
  text: array[0..SHARED_MEM_TEXT_CCH - 1] of WideChar;
begin
  GetSharedMem(@text, SHARED_MEM_TEXT_CCH);
  Check(GetLastError = ERROR_SUCCESS);
  Writeln('the text: ', WideString(PWideChar(@text)));
end;

var
  region: HSHAREDMEM;
  data: AnsiString;
  place: Pointer;
  room, size: SIZE_T;
  version: UInt64;
  info: SHARED_MEM_INFO;
begin
  region := OpenSharedMem('hello', 256, 0, nil);
  Check(region <> nil);
  data := 'any bytes'; { written in place: WriteSharedMem does the same in one call }
  Check(ReserveSharedMem(region, nil, place, room));
  Move(Pointer(data)^, place^, Length(data)); { room is 256 at least }
  Check(PublishSharedMem(region, Length(data), version));
  SetLength(data, 256);
  size := Length(data);
  Check(ReadSharedMem(region, Pointer(data), size, version));
  SetLength(data, size);
  Writeln('version ', version, ' of the region: ', data);
  Check(CloseSharedMem(region));

  SetSharedMem('hello from Pascal');
  Check(GetLastError = ERROR_SUCCESS);
  info.cbSize := SizeOf(info);
  Check(QuerySharedMem(SHARED_MEM_TEXT, info)); { before the text: no change is missed }
  ShowText;
  Check(WaitSharedMem(SHARED_MEM_TEXT, info.version, StrToIntDef(ParamStr(1), 60000)));
  ShowText;
end.
