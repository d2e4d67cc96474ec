using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AttnGen.Testing;

/// <summary>The processor time of this thread: what a call costs, however many others want the processor meanwhile. Where the system does not tell it, the time that passes.</summary>
public static partial class ThreadTime
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    /// <summary>Microseconds since some moment.</summary>
    public static double Microseconds()
    {
        if (OperatingSystem.IsLinux() && Read(ThreadClock, out var time) == 0)
            return time.Seconds * 1e6 + time.Nanoseconds / 1e3;
        return Stopwatch.GetTimestamp() * 1e6 / Stopwatch.Frequency;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Read(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
