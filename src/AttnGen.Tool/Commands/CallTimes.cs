using System.Diagnostics;

namespace AttnGen.Tool;

/// <summary>Times of many calls of one kind.</summary>
internal sealed record CallTimes(double MedianMilliseconds, double FastestMilliseconds, long AllocatedBytes, int Calls)
{
    private const int MostCalls = 100_000;

    /// <summary>The runtime compiles a method anew after 30 calls and some time.</summary>
    private const int WarmupCalls = 40;

    private static readonly TimeSpan s_warmup = TimeSpan.FromMilliseconds(400);

    /// <summary>Calls until it is warm, then measures for a while: at least three calls.</summary>
    /// <param name="call">What is measured.</param>
    /// <param name="time">How long.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="prepare">What goes before each call and is not measured.</param>
    public static CallTimes Take(Action call, TimeSpan time, CancellationToken cancellation, Action? prepare = null)
    {
        var start = Stopwatch.GetTimestamp();
        for (var calls = 0; calls < WarmupCalls || Stopwatch.GetElapsedTime(start) < s_warmup; calls++)
        {
            cancellation.ThrowIfCancellationRequested();
            prepare?.Invoke();
            call();
            if (calls >= 3 && Stopwatch.GetElapsedTime(start) > 4 * time + s_warmup)
                break; // a large model
        }

        var times = new List<double>(MostCalls);
        start = Stopwatch.GetTimestamp();
        var allocated = new List<long>(MostCalls);
        while (times.Count < MostCalls && (times.Count < 3 || Stopwatch.GetElapsedTime(start) < time))
        {
            cancellation.ThrowIfCancellationRequested();
            prepare?.Invoke();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var begin = Stopwatch.GetTimestamp();
            call();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        times.Sort();
        allocated.Sort(); // the median: when another thread collects, what this one had left to allocate from is counted to a call
        return new(times[times.Count / 2], times[0], allocated[allocated.Count / 2], times.Count);
    }
}
