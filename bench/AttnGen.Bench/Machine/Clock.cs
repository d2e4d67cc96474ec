using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AttnGen.Bench;

/// <summary>
/// Wall time; or, on a machine that others keep busy, the processor time of the measuring thread, which leaves out the time
/// when others had the core (what they did to the caches stays in). Every contender runs on the measuring thread alone.
/// </summary>
internal static partial class Clock
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Linux only; asking for the time then is a system call of some 0.2 µs, not 0.02.</summary>
    public static bool ProcessorTime { get; set; }

    /// <summary>Nanoseconds since whenever.</summary>
    public static long Now()
    {
        if (!ProcessorTime) return (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
        _ = GetTime(ThreadProcessorTime, out TimeSpec time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }
}
