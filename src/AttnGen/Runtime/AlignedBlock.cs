using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttnGen.Runtime;

/// <summary>One 64-byte aligned block of float32 outside the garbage collector's heap: a model's packed weights, or a session's arena.</summary>
/// <remarks>
/// <para>For generated code. It is a <see cref="SafeHandle"/>, so that a call in flight keeps the memory alive while another thread disposes:
/// ask <see cref="IsClosed"/>, take a reference with <see cref="SafeHandle.DangerousAddRef(ref bool)"/>, work through <see cref="At"/>, and give it back
/// with <see cref="SafeHandle.DangerousRelease"/>. (Taking a reference alone would not do: as long as another call holds one, a disposed handle
/// gives more, and where calls overlap, the last one would never end.) The memory is freed when the last reference is gone; <c>Dispose</c> may be called any number of times.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class AlignedBlock : SafeHandle
{
    /// <summary>Every block starts at a multiple of this many bytes: a cache line, and a whole Vector512.</summary>
    public const int Alignment = 64;

    // Not the largest address, but one that leaves room for the alignment and for the byte count as a long.
    private const long MaxLength = long.MaxValue / sizeof(float) / 2;

    private readonly AlignedBlockAllocator _allocator;
    private readonly nint _cookie;
    private volatile bool _disposed;

    private AlignedBlock(AlignedBlockAllocator allocator, nint address, nint cookie, long length)
        : base(0, ownsHandle: true)
    {
        _allocator = allocator;
        _cookie = cookie;
        Length = length;
        SetHandle(address);
    }

    /// <summary>The allocator of blocks that this thread makes; null: the process's heap. Tests put guard pages around blocks with it.</summary>
    [ThreadStatic]
    internal static AlignedBlockAllocator? ThreadAllocator;

    /// <summary>How many floats there are.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Whether the block was disposed, be it that calls under way still use it.</summary>
    public new bool IsClosed => _disposed || base.IsClosed;

    /// <summary>Allocates a block of zeros.</summary>
    /// <param name="floats">How many; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="floats"/> is negative or larger than any memory.</exception>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    public static AlignedBlock Allocate(long floats)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(floats);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(floats, MaxLength);
        var allocator = ThreadAllocator ?? AlignedBlockAllocator.Heap;
        var address = allocator.Allocate(floats * sizeof(float), out var cookie);
        var block = new AlignedBlock(allocator, address, cookie, floats);
        if (floats > 0)
        {
            GC.AddMemoryPressure(floats * sizeof(float));
        }

        return block;
    }

    /// <summary>A reference to one float, from which generated code walks with <see cref="Unsafe.Add{T}(ref T, int)"/>.</summary>
    /// <param name="offset">Which, from 0 to <see cref="Length"/>; at <see cref="Length"/> itself there is nothing to read.</param>
    /// <returns>The reference. It does not keep the block alive.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative or beyond <see cref="Length"/>.</exception>
    /// <exception cref="ObjectDisposedException">The block was disposed and nobody holds a reference to it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float At(long offset)
    {
        if ((ulong)offset > (ulong)Length || base.IsClosed)
        {
            ThrowAt(offset);
        }

        return ref Unsafe.AsRef<float>((float*)handle + offset);
    }

    /// <summary>Part of the block as a span, under the rules of <see cref="At"/>.</summary>
    internal Span<float> Slice(long offset, int length)
    {
        ref var first = ref At(offset);
        if (length < 0 || length > Length - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"From {offset} on the block has {Length - offset} floats.");
        }

        return MemoryMarshal.CreateSpan(ref first, length);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _allocator.Free(handle, _cookie);
        if (Length > 0)
        {
            GC.RemoveMemoryPressure(Length * sizeof(float));
        }

        return true;
    }

    [DoesNotReturn]
    private void ThrowAt(long offset)
    {
        ObjectDisposedException.ThrowIf(base.IsClosed, this);
        throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The block has {Length} floats.");
    }
}

/// <summary>Where blocks get their memory from.</summary>
internal abstract partial class AlignedBlockAllocator
{
    /// <summary>The process's heap.</summary>
    public static readonly AlignedBlockAllocator Heap = new NativeHeap();

    /// <summary>Gives zeroed memory at a multiple of <see cref="AlignedBlock.Alignment"/>, never address 0.</summary>
    /// <param name="bytes">How much, from 0.</param>
    /// <param name="cookie">Whatever <see cref="Free"/> wants back.</param>
    public abstract nint Allocate(long bytes, out nint cookie);

    /// <summary>Takes memory back; called once, on any thread, also on the finalizer's.</summary>
    public abstract void Free(nint address, nint cookie);

    private sealed unsafe partial class NativeHeap : AlignedBlockAllocator
    {
        private const nint HugePage = 2 << 20;
        private const int AdviseHugePages = 14; // MADV_HUGEPAGE

        private static volatile bool s_noAdvice = !OperatingSystem.IsLinux();

        // calloc rather than an aligned allocation that is cleared: fresh pages from the system are zero already and stay untouched.
        public override nint Allocate(long bytes, out nint cookie)
        {
            cookie = (nint)NativeMemory.AllocZeroed((nuint)bytes + AlignedBlock.Alignment);
            var address = (cookie + AlignedBlock.Alignment - 1) & -AlignedBlock.Alignment;
            AdviseLargePages(address, bytes);
            return address;
        }

        // Weights are streamed: in pages of 4 KB, a model of 90 MB takes 22,000 page faults to load and as many address translations a call.
        // Advice only; where there is no such function, or the system is set to ignore it, nothing changes.
        private static void AdviseLargePages(nint address, long bytes)
        {
            var first = (address + HugePage - 1) & -HugePage;
            var end = (address + (nint)bytes) & -HugePage;
            if (s_noAdvice || end - first < 2 * HugePage)
            {
                return;
            }

            try
            {
                _ = Advise(first, (nuint)(end - first), AdviseHugePages);
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                s_noAdvice = true;
            }
        }

        [LibraryImport("libc", EntryPoint = "madvise")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial int Advise(nint address, nuint length, int advice);

        public override void Free(nint address, nint cookie) => NativeMemory.Free((void*)cookie);
    }
}
