using System.Runtime.CompilerServices;
using AttnGen.Bench;

namespace AttnGen.Decode;

/// <summary>What is timed of one contender: calls in turns, each with what has to happen before and after it off the clock.</summary>
internal sealed class Entry(string name, Action run, Action? before = null, Action? after = null)
{
    private readonly List<double> _calls = [];

    public string Name => name;

    /// <summary>The median call of each round, in milliseconds.</summary>
    public List<double> Rounds { get; } = [];

    public double Minimum => Rounds.Count == 0 ? double.NaN : Least;

    public double Median => Middle(Rounds);

    public int Calls { get; private set; }

    /// <summary>Managed bytes that a call allocates: the least of several, because the runtime itself may do so in between.</summary>
    public long Bytes { get; private set; } = long.MaxValue;

    private double Least { get; set; } = double.MaxValue;

    /// <summary>Runs until the JIT has nothing left to improve, and returns what a call takes.</summary>
    public double Warm(double milliseconds)
    {
        double fastest = double.MaxValue;
        for (int phase = 0; phase < 3; phase++)
        {
            long end = Clock.Now() + (long)(milliseconds * 1e6 / 3);
            do fastest = Math.Min(fastest, Call());
            while (Clock.Now() < end);
            if (fastest > milliseconds) break; // a call is long enough
            Thread.Sleep(60); // the JIT's thread
        }

        return fastest;
    }

    /// <summary>One turn.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Turn(int calls, bool warm)
    {
        if (warm) Call();
        _calls.Clear();
        for (int i = 0; i < calls; i++) _calls.Add(Call());
        Rounds.Add(Middle(_calls));
        Least = Math.Min(Least, _calls.Min());
        Calls += calls;
    }

    /// <summary>The median over the rounds of this time through the other's of the same round.</summary>
    public double Over(Entry other) => Middle([.. Rounds.Zip(other.Rounds, (mine, its) => mine / its)]);

    private double Call()
    {
        before?.Invoke();
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Clock.Now();
        run();
        long end = Clock.Now();
        Bytes = Math.Min(Bytes, GC.GetAllocatedBytesForCurrentThread() - bytes);
        after?.Invoke();
        return (end - start) / 1e6;
    }

    private static double Middle(List<double> values)
    {
        if (values.Count == 0) return double.NaN;
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>Everybody takes turns.</summary>
internal static class Turns
{
    /// <summary>As many rounds as fit into the seconds, but not too few.</summary>
    public static void Run(List<Entry> entries, double seconds, int least, int most)
    {
        double[] each = [.. entries.Select(entry => entry.Warm(Math.Min(300, seconds * 30)))];
        (int Calls, bool Warm)[] turns = [.. each.Select(time => ((int)Math.Clamp(8 / time, 1, 48), time < 50))];
        double round = entries.Select((_, i) => each[i] * (turns[i].Calls + (turns[i].Warm ? 1 : 0))).Sum() / 1e3;
        int rounds = (int)Math.Clamp(seconds / round, least, most);
        for (int i = 0; i < rounds; i++)
        {
            for (int j = 0; j < entries.Count; j++)
            {
                int which = (i + j) % entries.Count; // nobody always comes after the same one
                entries[which].Turn(turns[which].Calls, turns[which].Warm);
            }
        }
    }
}
