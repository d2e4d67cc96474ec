namespace AttnGen.Generation.Schemas;

/// <summary>What the tokens below a node of the vocabulary do to a rule without calls, from one of its states: computed once, and the same under every stack.</summary>
internal sealed class Scan
{
    private readonly int[]? _ids;
    private readonly ulong[]? _bits;

    private readonly int _vocabularySize;
    private readonly List<(int Id, int Count)>? _counted;

    private Scan(List<(int Id, int Count)> inside, IEnumerable<int> closing, IEnumerable<Exit> exits, int vocabularySize, bool isCounted)
    {
        _vocabularySize = vocabularySize;
        _counted = isCounted ? inside : null;
        Closing = [.. closing];
        Exits = [.. exits];
        if (inside.Count < vocabularySize / 128)
        {
            _ids = [.. inside.Select(one => one.Id)];
        }
        else
        {
            _bits = new ulong[(vocabularySize + 63) / 64];
            foreach (var (id, _) in inside)
            {
                _bits[id >> 6] |= 1UL << id;
            }
        }
    }

    /// <summary>A node of the vocabulary at which the rule may be over.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Count">Characters that were read on the way.</param>
    /// <param name="Ends">Whether the rule must be over: no byte of its own may follow.</param>
    /// <param name="HasMore">Whether some longer token goes on with what may follow a rule.</param>
    public readonly record struct Exit(int Node, int Count, bool Ends, bool HasMore);

    /// <summary>Tokens that end where the rule must be over.</summary>
    public int[] Closing { get; }

    /// <summary>Where tokens may go on behind the rule.</summary>
    public Exit[] Exits { get; }

    /// <summary>Adds the tokens that end within the rule.</summary>
    public void AddInside(Span<ulong> mask)
    {
        if (_bits is not null)
        {
            for (var i = 0; i < _bits.Length; i++)
            {
                mask[i] |= _bits[i];
            }
        }
        else
        {
            Add(_ids, mask);
        }
    }

    /// <summary>Adds the tokens that end with the rule.</summary>
    public void AddClosing(Span<ulong> mask) => Add(Closing, mask);

    /// <summary>Adds tokens.</summary>
    public static void Add(ReadOnlySpan<int> ids, Span<ulong> mask)
    {
        foreach (var id in ids)
        {
            mask[id >> 6] |= 1UL << id;
        }
    }

    /// <summary>Of a scan that knows no limit, what stays within so many characters.</summary>
    public Scan Within(int limit, TokenTree tree)
    {
        if (_counted is null)
        {
            return this;
        }

        var exits = Exits.Where(exit => exit.Count <= limit).ToList();
        var closing = exits.Where(exit => exit.Ends).SelectMany(exit => tree.Tokens(exit.Node).ToArray());
        return new Scan([.. _counted.Where(one => one.Count <= limit)], closing, exits, _vocabularySize, false);
    }

    /// <summary>Walks the tokens below a node.</summary>
    /// <param name="automaton">The grammar.</param>
    /// <param name="tree">The vocabulary.</param>
    /// <param name="state">Where in the rule.</param>
    /// <param name="node">Where in the vocabulary.</param>
    public static Scan Create(Automaton automaton, TokenTree tree, int state, int node)
    {
        List<(int Id, int Count)> inside = [];
        List<int> closing = [];
        List<Exit> exits = [];
        var most = 0;
        Below(node, state, 0);
        return new Scan(inside, closing, exits, tree.VocabularySize, most > 0);

        void Below(int parent, int at, int count)
        {
            for (var child = parent + 1; child < tree.End(parent); child = tree.End(child))
            {
                var label = tree.Label(child);
                var next = automaton.Next(at, label);
                var read = at == automaton.Boundary && label != (byte)'"' ? count + 1 : count;
                if (next < 0)
                {
                    continue;
                }

                most = Math.Max(most, read);
                var ends = !automaton.HasEdges(next);
                foreach (var id in tree.Tokens(child))
                {
                    if (ends)
                    {
                        closing.Add(id);
                    }
                    else
                    {
                        inside.Add((id, read));
                    }
                }

                if (automaton.IsFinal(next))
                {
                    var more = false;
                    for (var below = child + 1; below < tree.End(child) && !more; below = tree.End(below))
                    {
                        more = automaton.Follows[tree.Label(below)];
                    }

                    if (more || ends)
                    {
                        exits.Add(new Exit(child, read, ends, more));
                    }
                }

                if (!ends)
                {
                    Below(child, next, read);
                }
            }
        }
    }
}
