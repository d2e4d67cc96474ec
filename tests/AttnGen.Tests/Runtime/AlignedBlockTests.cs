using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

public class AlignedBlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(1000)]
    [InlineData(3_000_000)]
    public unsafe void IsAlignedAndZero(long floats)
    {
        using var block = AlignedBlock.Allocate(floats);
        Assert.Equal(floats, block.Length);
        Assert.Equal(0, (nint)Unsafe.AsPointer(ref block.At(0)) % AlignedBlock.Alignment);
        Assert.True(block.Slice(0, (int)floats).IndexOfAnyExcept(0f) < 0);
        block.Slice(0, (int)floats).Fill(1);
    }

    [Fact]
    public void AtIsChecked()
    {
        using var block = AlignedBlock.Allocate(10);
        block.At(9) = 5;
        Assert.Equal(5, Unsafe.Add(ref block.At(0), 9));
        Assert.True(Unsafe.AreSame(ref Unsafe.Add(ref block.At(9), 1), ref block.At(10)));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.At(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.At(long.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Slice(9, 2); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Slice(0, -1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => AlignedBlock.Allocate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => AlignedBlock.Allocate(long.MaxValue));
        Assert.Throws<OutOfMemoryException>(() => AlignedBlock.Allocate(1L << 56));
    }

    [Fact]
    public void IsClosedWhileACallUnderWayStillUsesIt()
    {
        // Where calls overlap, one always holds a reference: without this, a disposed model would go on for as long as it is called.
        var block = AlignedBlock.Allocate(10);
        var held = false;
        block.DangerousAddRef(ref held);
        Assert.False(block.IsClosed);
        block.Dispose();
        Assert.True(block.IsClosed);
        block.At(9) = 5;
        Assert.Equal(5, block.At(9));
        block.DangerousRelease();
        Assert.True(block.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => block.At(9));
    }

    [Fact]
    public void AfterDispose()
    {
        var block = AlignedBlock.Allocate(10);
        block.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => block.At(0));
        var added = false;
        Assert.Throws<ObjectDisposedException>(() => block.DangerousAddRef(ref added));
        Assert.False(added);
    }

    [Fact]
    public void AReferenceKeepsItAlive()
    {
        var freed = new Counting();
        AlignedBlock.ThreadAllocator = freed;
        try
        {
            var block = AlignedBlock.Allocate(10);
            var added = false;
            block.DangerousAddRef(ref added);
            block.Dispose();
            Assert.Equal(0, freed.Frees);
            block.At(3) = 1;
            block.DangerousRelease();
            Assert.Equal(1, freed.Frees);
            block.Dispose();
            Assert.Equal(1, freed.Frees);
        }
        finally
        {
            AlignedBlock.ThreadAllocator = null;
        }
    }

    private sealed unsafe class Counting : AlignedBlockAllocator
    {
        public int Frees { get; private set; }

        public override nint Allocate(long bytes, out nint cookie) =>
            cookie = (nint)NativeMemory.AlignedAlloc((nuint)bytes, AlignedBlock.Alignment);

        public override void Free(nint address, nint cookie)
        {
            Frees++;
            NativeMemory.AlignedFree((void*)cookie);
        }
    }
}
