namespace AttnGen.Generation.Schemas;

/// <summary>Finds the tokens that may come next: a walk through the vocabulary's tree with all threads at once, which leaves to <see cref="Scan"/> what does not depend on the stack.</summary>
internal sealed class TokenWalk(CompiledGrammar grammar, Stacks stacks)
{
    // Below so many nodes a walk costs less than keeping its result.
    private const int SmallTree = 24;

    private readonly Automaton _automaton = grammar.Automaton;
    private readonly TokenTree _tree = grammar.Tree;
    private readonly byte[] _path = new byte[grammar.Tree.MaxBytes];
    private readonly ulong[] _mask = new ulong[(grammar.Tree.VocabularySize + 63) / 64];
    private int _budget;

    /// <summary>The tokens found, a bit each.</summary>
    public Span<ulong> Mask => _mask;

    /// <summary>Finds the tokens.</summary>
    /// <param name="budget">Bytes that the rest of the text may take after the token, if it is to end in time.</param>
    /// <returns>Whether there is any.</returns>
    public bool Find(int budget)
    {
        _budget = budget;
        _mask.AsSpan().Clear();
        Below(0, 0, stacks.Top.Threads);
        return _mask.AsSpan().ContainsAnyExcept(0UL);
    }

    private void Below(int node, int from, int to)
    {
        var start = stacks.Top;
        if (_tree.End(node) - node > SmallTree)
        {
            var first = stacks.Top.Threads;
            for (var i = from; i < to; i++)
            {
                if (_automaton.IsScanner[stacks[i].State] && BelowInRule(node, i))
                {
                    continue;
                }

                stacks.Push(i);
            }

            (from, to) = (first, stacks.Top.Threads);
        }

        if (from < to)
        {
            var before = stacks.Top;
            for (var child = node + 1; child < _tree.End(node); child = _tree.End(child))
            {
                if (stacks.Step(from, to, _tree.Label(child)))
                {
                    Found(child, before.Threads);
                }

                stacks.Back(before);
            }
        }

        stacks.Back(start);
    }

    // The threads from first on are those behind a node.
    private void Found(int node, int first)
    {
        var last = stacks.Top.Threads;
        if (!_tree.Tokens(node).IsEmpty && Fits(first, last))
        {
            Scan.Add(_tree.Tokens(node), _mask);
        }

        if (last > first && _tree.End(node) > node + 1)
        {
            Below(node, first, last);
        }
    }

    private bool Fits(int first, int last)
    {
        if (stacks.Ended)
        {
            return true;
        }

        for (var i = first; i < last; i++)
        {
            if (stacks.BytesOf(i) <= _budget)
            {
                return true;
            }
        }

        return false;
    }

    // A thread whose rule calls no other. Whether it is dealt with.
    private bool BelowInRule(int node, int thread)
    {
        var rule = _automaton[stacks.RuleOf(thread)];
        var (rest, count) = (stacks.RestOf(thread), stacks[thread].Count);
        var missing = Math.Max(0, rule.Min - count);
        var inside = rule.MaxBytes + missing + rest <= _budget;
        if (!inside && rule.MinInside + Math.Max(0, missing - _tree.MaxBytes) + rest <= _budget)
        {
            return false;
        }

        var scan = grammar.ScanOf(stacks[thread].State, node, rule.Max - count);
        if (inside)
        {
            scan.AddInside(_mask);
        }

        if (missing > 0 || rule.IsKey || rest > _budget)
        {
            foreach (var exit in scan.Exits)
            {
                if (exit.Count >= missing)
                {
                    Leave(thread, node, exit, true);
                }
            }

            return true;
        }

        scan.AddClosing(_mask);
        var start = stacks.Top;
        var left = false;
        foreach (var exit in scan.Exits)
        {
            if (exit.HasMore)
            {
                left = left || stacks.Leave(thread, []);
                Below(exit.Node, start.Threads, stacks.Top.Threads);
            }
        }

        stacks.Back(start);
        return true;
    }

    private void Leave(int thread, int node, in Scan.Exit exit, bool tokens)
    {
        var length = 0;
        for (var at = exit.Node; at != node; at = _tree.Parent(at))
        {
            _path[^++length] = _tree.Label(at);
        }

        var start = stacks.Top;
        if (stacks.Leave(thread, _path.AsSpan(_path.Length - length)))
        {
            if (tokens && exit.Ends && Fits(start.Threads, stacks.Top.Threads))
            {
                Scan.Add(_tree.Tokens(exit.Node), _mask);
            }

            if (exit.HasMore && stacks.Top.Threads > start.Threads)
            {
                Below(exit.Node, start.Threads, stacks.Top.Threads);
            }
        }

        stacks.Back(start);
    }
}
