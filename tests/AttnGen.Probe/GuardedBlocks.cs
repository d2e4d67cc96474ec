using System.Collections.Concurrent;
using AttnGen.Runtime;

namespace AttnGen.Probe;

/// <summary>Puts a model's blocks between pages that may not be touched.</summary>
internal sealed class GuardedBlocks(bool atEnd) : AlignedBlockAllocator
{
    private readonly ConcurrentDictionary<nint, GuardedMemory> _blocks = [];

    public int Count { get; private set; }

    public override nint Allocate(long bytes, out nint cookie)
    {
        var memory = new GuardedMemory(bytes, atEnd, AlignedBlock.Alignment);
        cookie = ++Count;
        _blocks[cookie] = memory;
        return memory.Address;
    }

    public override void Free(nint address, nint cookie)
    {
        if (_blocks.TryRemove(cookie, out var memory))
            memory.Dispose();
    }
}
