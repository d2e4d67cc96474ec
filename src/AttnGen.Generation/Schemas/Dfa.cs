using System.Runtime.InteropServices;

namespace AttnGen.Generation.Schemas;

/// <summary>A rule in which every byte leads to one state at most; state 0 is the first. States that lead nowhere are gone, unless a called rule does.</summary>
internal sealed class Dfa
{
    /// <summary>More would be a schema that nobody waits for.</summary>
    private const int MaxStates = 60_000;

    public List<(byte Low, byte High, int To)[]> Edges { get; } = [];

    public List<(int Rule, int To)[]> Calls { get; } = [];

    public List<bool> Final { get; } = [];

    /// <summary>The subset construction, for which a called rule is a letter like a byte.</summary>
    public static Dfa Of(Nfa nfa, string what)
    {
        var dfa = new Dfa();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var sets = new List<int[]>();
        var seen = new bool[nfa.Count];
        Id([nfa.Start]);
        var cuts = new SortedSet<int>();
        for (var state = 0; state < sets.Count; state++)
        {
            var set = sets[state];
            cuts.Clear();
            foreach (var one in set)
            {
                foreach (var (low, high, _) in nfa.Bytes(one))
                {
                    cuts.Add(low);
                    cuts.Add(high + 1);
                }
            }

            var edges = new List<(byte Low, byte High, int To)>();
            var from = -1;
            foreach (var cut in cuts)
            {
                if (from >= 0)
                {
                    var targets = new List<int>();
                    foreach (var one in set)
                    {
                        targets.AddRange(nfa.Bytes(one).Where(edge => edge.Low <= from && from <= edge.High).Select(edge => edge.To));
                    }

                    if (targets.Count > 0)
                    {
                        var to = Id(targets);
                        if (edges.Count > 0 && edges[^1] is var (low, high, same) && same == to && high + 1 == from)
                        {
                            edges[^1] = (low, (byte)(cut - 1), to);
                        }
                        else
                        {
                            edges.Add(((byte)from, (byte)(cut - 1), to));
                        }
                    }
                }

                from = cut;
            }

            dfa.Edges.Add([.. edges]);
            dfa.Calls.Add([.. set.SelectMany(nfa.Calls).GroupBy(call => call.Rule).Select(group => (group.Key, Id(group.Select(call => call.To))))]);
            dfa.Final.Add(set.Contains(nfa.Final));
        }

        dfa.Trim();
        return dfa;

        int Id(IEnumerable<int> states)
        {
            var closed = Close(nfa, states, seen);
            var key = new string(MemoryMarshal.Cast<int, char>(closed.AsSpan()));
            if (!ids.TryGetValue(key, out var id))
            {
                if (sets.Count == MaxStates)
                {
                    throw new NotSupportedException($"{what} takes more than {MaxStates:N0} states as an automaton. Shorten its pattern or its limits.");
                }

                ids.Add(key, id = sets.Count);
                sets.Add(closed);
            }

            return id;
        }
    }

    /// <summary>What both accept; rules without calls.</summary>
    public static Dfa Both(Dfa a, Dfa b, string what)
    {
        var dfa = new Dfa();
        var ids = new Dictionary<(int, int), int>();
        var pairs = new List<(int A, int B)>();
        Id(0, 0);
        for (var state = 0; state < pairs.Count; state++)
        {
            var edges = new List<(byte, byte, int)>();
            foreach (var (low, high, to) in a.Edges[pairs[state].A])
            {
                foreach (var (otherLow, otherHigh, otherTo) in b.Edges[pairs[state].B])
                {
                    var (first, last) = (Math.Max(low, otherLow), Math.Min(high, otherHigh));
                    if (first <= last)
                    {
                        edges.Add((first, last, Id(to, otherTo)));
                    }
                }
            }

            dfa.Edges.Add([.. edges]);
            dfa.Calls.Add([]);
            dfa.Final.Add(a.Final[pairs[state].A] && b.Final[pairs[state].B]);
        }

        dfa.Trim();
        return dfa;

        int Id(int one, int other)
        {
            if (!ids.TryGetValue((one, other), out var id))
            {
                if (pairs.Count == MaxStates)
                {
                    throw new NotSupportedException($"{what} takes more than {MaxStates:N0} states as an automaton. Shorten its pattern or its limits.");
                }

                ids.Add((one, other), id = pairs.Count);
                pairs.Add((one, other));
            }

            return id;
        }
    }

    private static int[] Close(Nfa nfa, IEnumerable<int> states, bool[] seen)
    {
        var all = new List<int>();
        var open = new Stack<int>(states);
        while (open.TryPop(out var state))
        {
            if (!seen[state])
            {
                seen[state] = true;
                all.Add(state);
                foreach (var next in nfa.Empty(state))
                {
                    open.Push(next);
                }
            }
        }

        foreach (var state in all)
        {
            seen[state] = false;
        }

        // A state that only skips says nothing by itself, and would tell equal sets apart.
        all.RemoveAll(state => state != nfa.Final && nfa.Bytes(state).Count == 0 && nfa.Calls(state).Count == 0);
        all.Sort();
        return [.. all];
    }

    // Edges to states that never come to an end are taken away; the states stay, without edges, and nobody gets there.
    private void Trim()
    {
        var alive = new bool[Final.Count];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var state = alive.Length - 1; state >= 0; state--)
            {
                if (!alive[state] && (Final[state] || Edges[state].Any(edge => alive[edge.To]) || Calls[state].Any(call => alive[call.To])))
                {
                    alive[state] = changed = true;
                }
            }
        }

        for (var state = 0; state < alive.Length; state++)
        {
            Edges[state] = [.. Edges[state].Where(edge => alive[edge.To])];
            Calls[state] = [.. Calls[state].Where(call => alive[call.To])];
        }
    }
}
