using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace AttnGen.Tests.Behaviour;

/// <summary>Runs something on a thread that takes subnormal numbers for 0, as native code may leave one. .NET has no call for it, so eight bytes of machine code set the control register.</summary>
internal static unsafe partial class FlushedThread
{
    private const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22;
    private const uint FlushToZero = 1 << 15, DenormalsAreZero = 1 << 6;

    public static bool Supported => OperatingSystem.IsLinux() && X86Base.IsSupported && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>What <paramref name="work"/> returns there.</summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = WithMode(work);
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        return error is null ? result : throw new InvalidOperationException("On the thread that flushes: " + error, error);
    }

    private static T WithMode<T>(Func<T> work)
    {
        var page = (nuint)Environment.SystemPageSize;
        nint code = Map(0, page, ReadWrite, PrivateAnonymous, -1, 0);
        if (code is 0 or -1)
            throw new InvalidOperationException($"mmap failed: error {Marshal.GetLastPInvokeError()}");
        try
        {
            // ldmxcsr [rdi]; ret, and 16 bytes on stmxcsr [rdi]; ret
            ReadOnlySpan<byte> load = [0x0F, 0xAE, 0x17, 0xC3], store = [0x0F, 0xAE, 0x1F, 0xC3];
            load.CopyTo(new Span<byte>((void*)code, 4));
            store.CopyTo(new Span<byte>((void*)(code + 16), 4));
            if (MProtect(code, page, ReadExecute) != 0)
                throw new InvalidOperationException($"mprotect failed: error {Marshal.GetLastPInvokeError()}");
            var set = (delegate* unmanaged<uint*, void>)code;
            var get = (delegate* unmanaged<uint*, void>)(code + 16);
            uint before, flushed;
            get(&before);
            flushed = before | FlushToZero | DenormalsAreZero;
            set(&flushed);
            try
            {
                return work();
            }
            finally
            {
                set(&before);
            }
        }
        finally
        {
            _ = Unmap(code, page);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int MProtect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
