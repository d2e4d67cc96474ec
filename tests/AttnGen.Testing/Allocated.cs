namespace AttnGen.Testing;

/// <summary>Bytes that a call allocates.</summary>
public static class Allocated
{
    private const int MostTries = 50;

    /// <summary>
    /// The fewest bytes of several calls, 0 as soon as one allocates nothing. One call alone may seem to allocate: when another thread's test starts a collection in
    /// between, what is left of this thread's block of some 8 KB counts as allocated.
    /// </summary>
    /// <param name="call">What is measured. The first call, which may make what is made once, does not count.</param>
    public static long Least(Action call)
    {
        call();
        var least = long.MaxValue;
        for (var i = 0; i < MostTries && least != 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
