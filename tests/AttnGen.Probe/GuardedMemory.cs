using System.Runtime.InteropServices;

namespace AttnGen.Probe;

/// <summary>Memory between two pages that may not be touched. The elements stand right at the first guard page or right before the last.</summary>
public sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int None = 0, ReadOnly = 1, ReadWrite = 3, Private = 2, Anonymous = 0x20;
    private const byte Canary = 0xA7;

    private readonly nint _all;
    private readonly nuint _allBytes;
    private readonly nint _inner;
    private readonly nuint _innerBytes;
    private readonly nint _start;
    private readonly nuint _bytes;

    /// <param name="bytes">How many.</param>
    /// <param name="atEnd">Before the last guard page rather than after the first.</param>
    /// <param name="alignment">The first byte stands at a multiple of it; the slack holds a pattern that <see cref="Dispose"/> checks.</param>
    public GuardedMemory(long bytes, bool atEnd, int alignment = 4)
    {
        var page = (nuint)Environment.SystemPageSize;
        _bytes = (nuint)bytes;
        _innerBytes = (nuint)Math.Max(1, (long)((_bytes + page - 1) / page)) * page;
        _allBytes = _innerBytes + 2 * page;
        _all = Map(0, _allBytes, None, Private | Anonymous, -1, 0);
        if (_all == -1)
            throw new InvalidOperationException($"mmap of {_allBytes} bytes failed: error {Marshal.GetLastPInvokeError()}");
        _inner = _all + (nint)page;
        Protect(ReadWrite);
        new Span<byte>((void*)_inner, (int)_innerBytes).Fill(Canary);
        _start = atEnd ? (nint)(((nuint)_inner + _innerBytes - _bytes) / (nuint)alignment * (nuint)alignment) : _inner;
        new Span<byte>((void*)_start, (int)_bytes).Clear();
    }

    public static bool Supported => OperatingSystem.IsLinux();

    public nint Address => _start;

    public Span<T> Span<T>()
        where T : unmanaged => new((void*)_start, (int)(_bytes / (nuint)sizeof(T)));

    /// <summary>From now on a write ends the process, too.</summary>
    public GuardedMemory Freeze()
    {
        Protect(ReadOnly);
        return this;
    }

    public void Dispose()
    {
        var before = new ReadOnlySpan<byte>((void*)_inner, (int)(_start - _inner));
        var after = new ReadOnlySpan<byte>((void*)(_start + (nint)_bytes), (int)(_inner + (nint)_innerBytes - _start - (nint)_bytes));
        var intact = !before.ContainsAnyExcept(Canary) && !after.ContainsAnyExcept(Canary);
        _ = Unmap(_all, _allBytes);
        if (!intact)
            throw new InvalidOperationException("Somebody wrote beside the memory that it was given.");
    }

    private void Protect(int protection)
    {
        if (MProtect(_inner, _innerBytes, protection) != 0)
            throw new InvalidOperationException($"mprotect failed: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int MProtect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
