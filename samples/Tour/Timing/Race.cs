using System.Diagnostics;

namespace Tour;

/// <summary>
/// Times contenders against each other: after a warm-up they take turns in short rounds, so that a busy moment of the
/// machine hits all of them, and each one's fastest round counts.
/// </summary>
internal static class Race
{
    public const int Rounds = 20;
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Runs everything until it gets no faster. .NET first compiles a method quickly and replaces it by optimised code
    /// after about thirty calls and a quiet tenth of a second: how long that takes depends on how busy the machine is.
    /// </summary>
    public static void WarmUp(IReadOnlyList<Action> contenders)
    {
        const int calls = 40, fewestPasses = 4, mostPasses = 15;
        var longest = TimeSpan.FromMilliseconds(60);
        var best = contenders.Select(_ => TimeSpan.MaxValue).ToArray();
        var lastGain = 0;
        for (var pass = 0; pass < mostPasses && (pass < fewestPasses || pass <= lastGain + 2); pass++)
        {
            Thread.Sleep(100);
            for (var c = 0; c < contenders.Count; c++)
            {
                var time = Repeat(contenders[c], (count, spent) => count < calls && spent < longest);
                if (time < best[c] * 0.7)
                    lastGain = pass;
                best[c] = time < best[c] ? time : best[c];
            }
        }
    }

    /// <summary>The time of one run in the fastest round, in the contenders' order.</summary>
    public static TimeSpan[] Run(IReadOnlyList<Action> contenders)
    {
        var calls = contenders.Select(c => Math.Max(1, (int)(s_round / Repeat(c, (_, spent) => spent < s_round)))).ToArray();
        var fastest = contenders.Select(_ => TimeSpan.MaxValue).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var c = 0; c < contenders.Count; c++)
            {
                var wanted = calls[c];
                var time = Repeat(contenders[c], (count, _) => count < wanted);
                fastest[c] = time < fastest[c] ? time : fastest[c];
            }
        }
        return fastest;
    }

    /// <summary>Calls while <paramref name="more"/> (calls so far, time so far) says so, once at least; the mean time of a call.</summary>
    private static TimeSpan Repeat(Action contender, Func<int, TimeSpan, bool> more)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        do
        {
            contender();
            count++;
        }
        while (more(count, Stopwatch.GetElapsedTime(start)));
        return Stopwatch.GetElapsedTime(start) / count;
    }
}
