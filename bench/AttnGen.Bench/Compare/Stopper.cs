using System.Runtime.CompilerServices;

namespace AttnGen.Bench;

/// <summary>The times of one contender on one shape, kept in nanoseconds, told in microseconds.</summary>
internal sealed class Stopper(string name, Action run)
{
    private readonly List<long> _times = [];

    public string Name => name;

    public int Calls => _times.Count;

    /// <summary>The kernel's accounting now and then gives a call less than it took: with processor time, the fastest twentieth is left out.</summary>
    public double Minimum => _times.Order().ElementAt(Clock.ProcessorTime ? _times.Count / 20 : 0) / 1e3;

    public double Median => _times.Order().ElementAt(_times.Count / 2) / 1e3;

    /// <summary>What one call costs when nobody disturbs it; set by <see cref="Warm"/>.</summary>
    public double Microseconds { get; private set; }

    /// <summary>Runs until the JIT has nothing left to improve: calls, then a pause for its background thread, three times.</summary>
    public void Warm(double milliseconds)
    {
        for (int phase = 0; phase < 3; phase++)
        {
            long start = Clock.Now(), end = start + (long)(milliseconds * 1e6);
            int calls = 0;
            long best = long.MaxValue, before = start, now;
            do
            {
                run();
                calls++;
                now = Clock.Now();
                best = Math.Min(best, now - before);
                before = now;
            }
            while ((calls < 40 || phase == 2) && now < end);

            Microseconds = best / 1e3;
            if (phase < 2) Thread.Sleep(120);
        }
    }

    /// <summary>One turn: calls for about this long, after calls that are not counted and bring the data back into the caches.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Turn(double milliseconds)
    {
        int calls = (int)Math.Clamp(milliseconds * 1e3 / Microseconds, 1, 400);
        int warm = Microseconds > 5e4 ? 0 : Math.Min(3, 1 + calls / 8);
        for (int i = 0; i < warm; i++) run();
        for (int i = 0; i < calls; i++) Time();
    }

    /// <summary>One call, timed.</summary>
    public void Time()
    {
        long start = Clock.Now();
        run();
        _times.Add(Clock.Now() - start);
    }

    public double BytesPerCall()
    {
        const int Calls = 3;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++) run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls;
    }
}
