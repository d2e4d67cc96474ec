using System.Diagnostics;

namespace Tour;

/// <summary>
/// Times contenders against each other: after a warm-up they take turns in short rounds, so that a busy moment of the
/// machine hits all of them, and the median round counts.
/// </summary>
internal static class Race
{
    private const int Rounds = 21;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(3);

    /// <summary>Median time of one run, in the contenders' order.</summary>
    public static TimeSpan[] Run(IReadOnlyList<Action> contenders)
    {
        var calls = new int[contenders.Count];
        for (var c = 0; c < contenders.Count; c++)
        {
            // Twice: the just-in-time compiler swaps in its optimised code between the first and the second.
            WarmUp(contenders[c]);
            Thread.Sleep(120);
            calls[c] = Math.Max(1, (int)(s_round / WarmUp(contenders[c])));
        }
        var times = contenders.Select(_ => new TimeSpan[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var c = 0; c < contenders.Count; c++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < calls[c]; i++)
                    contenders[c]();
                times[c][round] = Stopwatch.GetElapsedTime(start) / calls[c];
            }
        }
        return [.. times.Select(t => t.Order().ElementAt(Rounds / 2))];
    }

    private static TimeSpan WarmUp(Action contender)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        for (; count < 40 || Stopwatch.GetElapsedTime(start) < s_warmUp; count++)
            contender();
        return Stopwatch.GetElapsedTime(start) / count;
    }
}
