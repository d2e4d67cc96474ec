using System.Collections.Concurrent;

namespace AttnGen.Generation.Schemas;

/// <summary>A grammar and a vocabulary, with what is known of both together. May be used from several threads.</summary>
internal sealed class CompiledGrammar(Automaton automaton, TokenTree tree, int maxDepth)
{
    private readonly ConcurrentDictionary<(int State, int Node, int Limit), Scan> _scans = new();

    public Automaton Automaton => automaton;

    public TokenTree Tree => tree;

    public int MaxDepth => maxDepth;

    /// <summary>The scan of a state and a node, made when it is first asked for.</summary>
    /// <param name="state">A state of a rule without calls.</param>
    /// <param name="node">The node of the vocabulary.</param>
    /// <param name="limit">Characters that may still begin; more than a token has are all the same.</param>
    public Scan ScanOf(int state, int node, int limit)
    {
        limit = Math.Min(limit, tree.MaxBytes);
        if (_scans.TryGetValue((state, node, limit), out var scan))
        {
            return scan;
        }

        scan = limit == tree.MaxBytes ? Scan.Create(automaton, tree, state, node) : ScanOf(state, node, tree.MaxBytes).Within(limit, tree);
        return _scans.GetOrAdd((state, node, limit), scan);
    }
}
