// sharedmem.dll from C#, and from PowerShell: see hello.ps1. The DLL lies beside the program.
//
//     hello [MILLISECONDS]    how long to wait for another text; default: a minute
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

[StructLayout(LayoutKind.Sequential)]
public struct SHARED_MEM_OPTIONS
{
    public uint cbSize, flags;
    public ulong capacity;
    public uint depth;
    public IntPtr file, address, security;
}

[StructLayout(LayoutKind.Sequential)]
public struct SHARED_MEM_INFO
{
    public uint cbSize, flags;
    public ulong capacity, size, version;
    public uint writer, waiters;
    public ulong durable;
    public IntPtr address;
    public uint depth;
}

public static class Native
{
    public static readonly IntPtr SHARED_MEM_TEXT = new IntPtr(-1);
    public const int SHARED_MEM_TEXT_CCH = 2048;
    public const uint SHARED_MEM_READ_ONLY = 0x1, SHARED_MEM_UNSYNCHRONISED = 0x2;
    public const uint SHARED_MEM_CREATE_NEW = 0x4, SHARED_MEM_RECOVERED = 0x8;

    private const string Dll = "sharedmem.dll";
    private const CallingConvention Cdecl = CallingConvention.Cdecl;

    [DllImport(Dll, CallingConvention = Cdecl, CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern void SetSharedMem(string text);
    [DllImport(Dll, CallingConvention = Cdecl, CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern void GetSharedMem(StringBuilder buffer, uint cch);
    [DllImport(Dll, CallingConvention = Cdecl, CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern IntPtr OpenSharedMem(string name, UIntPtr capacity, uint flags,
                                              IntPtr security);
    [DllImport(Dll, CallingConvention = Cdecl, CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern IntPtr OpenSharedMemEx(string name, ref SHARED_MEM_OPTIONS options);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool CloseSharedMem(IntPtr region);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ReadSharedMem(IntPtr region, byte[] buffer, ref UIntPtr size,
                                            out ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ReadNextSharedMem(IntPtr region, byte[] buffer, ref UIntPtr size,
                                                ref ulong version, out ulong missed);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool WriteSharedMem(IntPtr region, byte[] data, UIntPtr size,
                                             out ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ReplaceSharedMem(IntPtr region, byte[] data, UIntPtr size,
                                               ref ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool BorrowSharedMem(IntPtr region, out IntPtr data, out UIntPtr size,
                                              out ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ValidateSharedMem(IntPtr region, ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ReserveSharedMem(IntPtr region, IntPtr expected, out IntPtr data,
                                               out UIntPtr room);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool PublishSharedMem(IntPtr region, UIntPtr size, out ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool DiscardSharedMem(IntPtr region);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool FlushSharedMem(IntPtr region, ulong version, out ulong durable);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool WaitSharedMem(IntPtr region, ulong version, uint milliseconds);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern IntPtr OpenSharedMemEvent(IntPtr region);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool ArmSharedMemEvent(IntPtr region, IntPtr handle, ulong version);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool CloseSharedMemEvent(IntPtr region, IntPtr handle);
    [DllImport(Dll, CallingConvention = Cdecl, SetLastError = true)]
    public static extern bool QuerySharedMem(IntPtr region, ref SHARED_MEM_INFO info);
    [DllImport(Dll, CallingConvention = Cdecl)]
    public static extern uint SharedMemVersion();
}

// A region, or the text, whose methods throw the system's message when they fail.
public sealed class SharedRegion : IDisposable
{
    public static readonly SharedRegion OfText = new SharedRegion(Native.SHARED_MEM_TEXT);
    private readonly IntPtr handle;

    public SharedRegion(string name, uint capacity)
        : this(Native.OpenSharedMem(name, new UIntPtr(capacity), 0, IntPtr.Zero)) { }

    private SharedRegion(IntPtr opened)
    {
        Check(opened != IntPtr.Zero);
        handle = opened;
    }

    public void Dispose() { Native.CloseSharedMem(handle); }

    public byte[] Read(out ulong version)
    {
        byte[] buffer = new byte[Query().capacity];
        UIntPtr size = new UIntPtr((uint)buffer.Length);
        Check(Native.ReadSharedMem(handle, buffer, ref size, out version));
        Array.Resize(ref buffer, (int)size.ToUInt32());
        return buffer;
    }

    public ulong Write(byte[] data)
    {
        ulong version;
        Check(Native.WriteSharedMem(handle, data, new UIntPtr((uint)data.Length), out version));
        return version;
    }

    public void Wait(ulong version, uint milliseconds)
    {
        Check(Native.WaitSharedMem(handle, version, milliseconds));
    }

    public SHARED_MEM_INFO Query()
    {
        SHARED_MEM_INFO info = new SHARED_MEM_INFO();
        info.cbSize = (uint)Marshal.SizeOf(info);
        Check(Native.QuerySharedMem(handle, ref info));
        return info;
    }

    public static string Text
    {
        get
        {
            StringBuilder buffer = new StringBuilder(Native.SHARED_MEM_TEXT_CCH);
            Native.GetSharedMem(buffer, Native.SHARED_MEM_TEXT_CCH);
            Check(Marshal.GetLastWin32Error() == 0);
            return buffer.ToString();
        }
        set
        {
            Native.SetSharedMem(value);
            Check(Marshal.GetLastWin32Error() == 0);
        }
    }

    private static void Check(bool success)
    {
        if (!success)
        {
            int error = Marshal.GetLastWin32Error();
            string message = new Win32Exception(error).Message;
            throw new Win32Exception(error, string.Format("{0} (error {1})", message, error));
        }
    }
}

public static class Hello
{
    public static void Main(string[] arguments)
    {
        uint milliseconds = arguments.Length > 0 ? uint.Parse(arguments[0]) : 60000;
        using (SharedRegion region = new SharedRegion("hello", 256))
        {
            ulong version = region.Write(Encoding.UTF8.GetBytes("any bytes"));
            byte[] data = region.Read(out version);
            Console.WriteLine("version {0} of the region: {1}", version,
                              Encoding.UTF8.GetString(data));
        }
        SharedRegion.Text = "hello from C#";
        ulong seen = SharedRegion.OfText.Query().version; // before the text: no change is missed
        Console.WriteLine("the text: {0}", SharedRegion.Text);
        SharedRegion.OfText.Wait(seen, milliseconds);
        Console.WriteLine("the text: {0}", SharedRegion.Text);
    }
}
