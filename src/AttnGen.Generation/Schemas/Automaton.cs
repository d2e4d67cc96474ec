namespace AttnGen.Generation.Schemas;

/// <summary>
/// A grammar of bytes: rules that call each other. A rule's states are numbers among those of all rules; from each, bytes lead on, other rules may be called, or the rule may be over.
/// </summary>
internal sealed class Automaton
{
    /// <summary>More than any text has.</summary>
    public const int Never = int.MaxValue / 4;

    private readonly List<(byte Low, byte High, int To)[]> _edges = [];
    private readonly List<(int Rule, int To)[]> _calls = [];
    private readonly List<bool> _final = [];
    private readonly List<Rule> _rules = [];
    private int[] _edgeStart = [];
    private (byte Low, byte High, int To)[] _edge = [];
    private int[] _callStart = [];
    private (int Rule, int To)[] _call = [];

    /// <summary>A rule: where it begins, and what it is beside its states.</summary>
    public sealed class Rule
    {
        /// <summary>The first state; −1: not defined yet.</summary>
        public int Start { get; set; } = -1;

        /// <summary>An object or an array, which a reader's depth counts.</summary>
        public bool IsContainer { get; init; }

        /// <summary>A free name of an object, which must not be there twice.</summary>
        public bool IsKey { get; init; }

        /// <summary>Fewest characters of a string.</summary>
        public int Min { get; init; }

        /// <summary>Most characters of a string.</summary>
        public int Max { get; init; } = int.MaxValue;

        /// <summary>Names that free names must not be, with their quotes.</summary>
        public byte[][] Names { get; init; } = [];

        /// <summary>No other rule is called: what comes next depends on the bytes of this rule alone.</summary>
        public bool IsScanner { get; set; }

        /// <summary>The most bytes that any of its states is away from its end.</summary>
        public int MaxBytes { get; set; }

        /// <summary>The fewest bytes that any of its states from which bytes lead on is away from its end.</summary>
        public int MinInside { get; set; } = Never;
    }

    /// <summary>The rule of the whole text.</summary>
    public int Root { get; set; }

    /// <summary>The state of strings in which a character begins; characters are counted when it is left.</summary>
    public int Boundary { get; private set; } = -1;

    /// <summary>Whether some object has free names.</summary>
    public bool HasKeys { get; private set; }

    /// <summary>Bytes that may come behind a rule without calls.</summary>
    public bool[] Follows { get; } = new bool[256];

    /// <summary>States of all rules.</summary>
    public int States => _final.Count;

    public int Rules => _rules.Count;

    public Rule this[int rule] => _rules[rule];

    /// <summary>A rule whose states come later, by <see cref="Define"/>.</summary>
    public int Reserve(Rule rule)
    {
        _rules.Add(rule);
        return _rules.Count - 1;
    }

    /// <summary>Gives a rule its states.</summary>
    public void Define(int rule, Dfa dfa)
    {
        var offset = _final.Count;
        for (var state = 0; state < dfa.Final.Count; state++)
        {
            _edges.Add([.. dfa.Edges[state].Select(edge => (edge.Low, edge.High, edge.To + offset))]);
            _calls.Add([.. dfa.Calls[state].Select(call => (call.Rule, call.To + offset))]);
            _final.Add(dfa.Final[state]);
        }

        _rules[rule].Start = offset;
        _rules[rule].IsScanner = dfa.Calls.TrueForAll(static calls => calls.Length == 0);
    }

    /// <summary>The first state of strings, which all rules of strings share; −1: there are none.</summary>
    public int StringStart { get; private set; } = -1;

    /// <summary>Gives strings their states; the first byte is a quote.</summary>
    public void DefineStrings(Dfa dfa)
    {
        var rule = Reserve(new Rule());
        Define(rule, dfa);
        StringStart = _rules[rule].Start;
        Boundary = _edges[StringStart][0].To;
    }

    /// <summary>Containers that must still be opened within each other, above the rule's own, until its end.</summary>
    public int[] Need { get; private set; } = [];

    /// <summary>Fewest bytes until the end of the rule; characters that a string's minimum asks for come on top.</summary>
    public int[] MinBytes { get; private set; } = [];

    /// <summary>Whether a state belongs to a rule without calls.</summary>
    public bool[] IsScanner { get; private set; } = [];

    public bool IsFinal(int state) => _final[state];

    public bool HasEdges(int state) => _edgeStart[state + 1] > _edgeStart[state];

    public ReadOnlySpan<(int Rule, int To)> Calls(int state) => _call.AsSpan(_callStart[state].._callStart[state + 1]);

    /// <summary>The state behind a byte; −1: none.</summary>
    public int Next(int state, byte one)
    {
        for (var i = _edgeStart[state]; i < _edgeStart[state + 1]; i++)
        {
            ref readonly var edge = ref _edge[i];
            if (one <= edge.High)
            {
                return one >= edge.Low ? edge.To : -1;
            }
        }

        return -1;
    }

    /// <summary>Fewest bytes of a rule as a whole.</summary>
    public int MinBytesOf(int rule) => Math.Min(Never, MinBytes[_rules[rule].Start] + _rules[rule].Min + (_rules[rule].IsKey ? 2 : 0));

    /// <summary>Computes what depends on all rules together; nothing is added afterwards.</summary>
    /// <returns>Whether there is any text of the grammar.</returns>
    public bool Freeze()
    {
        Need = new int[_final.Count];
        MinBytes = new int[_final.Count];
        Need.AsSpan().Fill(Never);
        MinBytes.AsSpan().Fill(Never);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var state = _final.Count - 1; state >= 0; state--)
            {
                var (need, bytes) = _final[state] ? (0, 0) : (Never, Never);
                foreach (var (_, _, to) in _edges[state])
                {
                    need = Math.Min(need, Need[to]);
                    bytes = Math.Min(bytes, 1 + MinBytes[to]);
                }

                foreach (var (rule, to) in _calls[state])
                {
                    need = Math.Min(need, Math.Max(Need[to], NeedOf(rule)));
                    bytes = Math.Min(bytes, MinBytesOf(rule) + MinBytes[to]);
                }

                if (need < Need[state] || bytes < MinBytes[state])
                {
                    (Need[state], MinBytes[state], changed) = (Math.Min(need, Need[state]), Math.Min(bytes, MinBytes[state]), true);
                }
            }
        }

        Flatten();
        return Need[_rules[Root].Start] < Never;
    }

    /// <summary>Containers within each other that the rule needs at least, its own included.</summary>
    public int NeedOf(int rule) => Need[_rules[rule].Start] + (_rules[rule].IsContainer ? 1 : 0);

    private void Flatten()
    {
        for (var state = 0; state < _final.Count; state++)
        {
            _edges[state] = [.. _edges[state].Where(edge => Need[edge.To] < Never).OrderBy(edge => edge.Low)];
            _calls[state] = [.. _calls[state].Where(call => Need[call.To] < Never && NeedOf(call.Rule) < Never)];
        }

        (_edgeStart, _edge) = Rows(_edges);
        (_callStart, _call) = Rows(_calls);
        HasKeys = _rules.Exists(static rule => rule.IsKey);
        IsScanner = new bool[_final.Count];
        foreach (var rule in _rules.Where(rule => rule.IsScanner))
        {
            var open = new Stack<int>([rule.Start]);
            var seen = new HashSet<int>(open);
            while (open.TryPop(out var state))
            {
                IsScanner[state] = true;
                rule.MaxBytes = Math.Max(rule.MaxBytes, MinBytes[state]);
                rule.MinInside = _edges[state].Length > 0 ? Math.Min(rule.MinInside, MinBytes[state]) : rule.MinInside;
                foreach (var (_, _, to) in _edges[state])
                {
                    if (seen.Add(to))
                    {
                        open.Push(to);
                    }
                }
            }
        }

        FindFollows();
    }

    private void FindFollows()
    {
        for (var state = 0; state < _final.Count; state++)
        {
            if (IsScanner[state])
            {
                continue;
            }

            foreach (var (low, high, _) in _edges[state])
            {
                Follows.AsSpan(low..(high + 1)).Fill(true);
            }

            if (_calls[state].Any(call => _calls[call.To].Length > 0))
            {
                Follows.AsSpan().Fill(true);
            }
        }
    }

    private static (int[] Start, T[] Rows) Rows<T>(List<T[]> lists)
    {
        var start = new int[lists.Count + 1];
        for (var i = 0; i < lists.Count; i++)
        {
            start[i + 1] = start[i] + lists[i].Length;
        }

        return (start, [.. lists.SelectMany(list => list)]);
    }
}
