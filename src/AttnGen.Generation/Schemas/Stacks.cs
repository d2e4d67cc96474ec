namespace AttnGen.Generation.Schemas;

/// <summary>
/// Where a text is in a grammar: all ways to read it, at once. Calls are nodes of a graph that those ways share, one for each rule and place of the text, so their number is bounded
/// by the grammar and not by the ways. Steps put new threads on top of old ones, so that a walk over many tokens goes back by forgetting.
/// </summary>
internal sealed partial class Stacks(Automaton automaton, int maxDepth)
{
    private const int Root = 0;

    private Thread[] _threads = new Thread[64];
    private Node[] _nodes = new Node[256];
    private Edge[] _edges = new Edge[256];
    private Key[] _keys = new Key[64];
    private byte[] _text = new byte[1024];
    private Marks _top;
    private int _closeThreads;
    private int _closeNodes;

    /// <summary>One way: a state of a call's rule.</summary>
    internal struct Thread
    {
        public int State;
        public int Node;

        /// <summary>Characters of a string.</summary>
        public int Count;
    }

    private struct Node
    {
        public int Rule;
        public int Edge;
        public int Depth;
        public int Rest;

        /// <summary>The last of an object's names, or −1; of a name that is being read the place of its quote.</summary>
        public int Key;

        /// <summary>One of an object that goes on after a name: no call leads here.</summary>
        public bool IsCopy;
    }

    private struct Edge
    {
        public int Return;
        public int Node;
        public int Next;
    }

    private struct Key
    {
        public int Start;
        public int Length;
        public int Next;
    }

    /// <summary>How much of each pile is in use.</summary>
    internal struct Marks
    {
        public int Threads;
        public int Nodes;
        public int Edges;
        public int Keys;
        public int Text;
    }

    /// <summary>Whether the last step came to the end of the text's rule.</summary>
    public bool Ended { get; private set; }

    /// <summary>What is in use.</summary>
    public Marks Top => _top;

    /// <summary>A thread.</summary>
    public ref readonly Thread this[int thread] => ref _threads[thread];

    /// <summary>The rule that a thread is in.</summary>
    public int RuleOf(int thread) => _nodes[_threads[thread].Node].Rule;

    /// <summary>Fewest bytes from the end of a thread's rule to the end of the text.</summary>
    public int RestOf(int thread) => _nodes[_threads[thread].Node].Rest;

    /// <summary>Fewest bytes from a thread to the end of the text.</summary>
    public int BytesOf(int thread)
    {
        ref readonly var one = ref _threads[thread];
        ref readonly var node = ref _nodes[one.Node];
        return automaton.MinBytes[one.State] + Math.Max(0, automaton[node.Rule].Min - one.Count) + node.Rest;
    }

    /// <summary>Before the first byte.</summary>
    public void Begin()
    {
        _top = default;
        (_closeThreads, _closeNodes, Ended) = (0, 0, false);
        AddNode(new Node { Rule = automaton.Root, Edge = -1, Key = -1 });
        Close(automaton[automaton.Root].Start, Root, 0);
    }

    /// <summary>Forgets what came after some marks.</summary>
    public void Back(in Marks marks) => _top = marks;

    /// <summary>Reads a byte in the threads of a range, and puts where they go on top. Whether any way is left.</summary>
    public bool Step(int from, int to, byte one)
    {
        (_closeThreads, _closeNodes, Ended) = (_top.Threads, _top.Nodes, false);
        if (automaton.HasKeys)
        {
            AddText(one);
        }

        for (var i = from; i < to; i++)
        {
            var thread = _threads[i];
            var next = automaton.Next(thread.State, one);
            if (next < 0)
            {
                continue;
            }

            if (thread.State == automaton.Boundary)
            {
                var rule = automaton[_nodes[thread.Node].Rule];
                if (one == (byte)'"' ? thread.Count < rule.Min : thread.Count++ >= rule.Max)
                {
                    continue;
                }
            }

            Close(next, thread.Node, thread.Count);
        }

        return _top.Threads > _closeThreads || Ended;
    }

    /// <summary>The threads of a range that are not to be taken alone, on top.</summary>
    public void Push(int thread)
    {
        Grow(ref _threads, _top.Threads);
        _threads[_top.Threads++] = _threads[thread];
    }

    /// <summary>Ends a thread's rule, whose last bytes are given, and puts where that leads on top. Whether any way is left.</summary>
    public bool Leave(int thread, ReadOnlySpan<byte> bytes)
    {
        (_closeThreads, _closeNodes, Ended) = (_top.Threads, _top.Nodes, false);
        if (automaton.HasKeys)
        {
            foreach (var one in bytes)
            {
                AddText(one);
            }
        }

        Return(_threads[thread].Node);
        return _top.Threads > _closeThreads || Ended;
    }

    // A state and all that needs no byte: calls, returns, and calls and returns behind them.
    private void Close(int state, int node, int count)
    {
        var depth = _nodes[node].Depth;
        if (automaton.Need[state] + depth > maxDepth)
        {
            return;
        }

        if (automaton.HasEdges(state))
        {
            for (var i = _closeThreads; i < _top.Threads; i++)
            {
                if (_threads[i].State == state && _threads[i].Node == node)
                {
                    return;
                }
            }

            Grow(ref _threads, _top.Threads);
            _threads[_top.Threads++] = new Thread { State = state, Node = node, Count = count };
        }

        foreach (var (rule, back) in automaton.Calls(state))
        {
            if (automaton.NeedOf(rule) + depth <= maxDepth && automaton.Need[back] + depth <= maxDepth)
            {
                Call(rule, back, node, depth);
            }
        }

        if (automaton.IsFinal(state))
        {
            Return(node);
        }
    }

    private void Call(int rule, int back, int node, int depth)
    {
        var rest = Math.Min(Automaton.Never, automaton.MinBytes[back] + _nodes[node].Rest);
        for (var i = _closeNodes; i < _top.Nodes; i++)
        {
            if (_nodes[i].Rule == rule && !_nodes[i].IsCopy)
            {
                for (var edge = _nodes[i].Edge; edge >= 0; edge = _edges[edge].Next)
                {
                    if (_edges[edge].Return == back && _edges[edge].Node == node)
                    {
                        return;
                    }
                }

                _nodes[i].Edge = AddEdge(new Edge { Return = back, Node = node, Next = _nodes[i].Edge });
                _nodes[i].Rest = Math.Min(_nodes[i].Rest, rest);
                return;
            }
        }

        var called = automaton[rule];
        var made = AddNode(new Node
        {
            Rule = rule,
            Edge = AddEdge(new Edge { Return = back, Node = node, Next = -1 }),
            Depth = depth + (called.IsContainer ? 1 : 0),
            Rest = rest,
            Key = called.IsKey ? _top.Text : -1,
        });
        Close(called.Start, made, 0);
    }

    private void Return(int node)
    {
        if (node == Root)
        {
            Ended = true;
            return;
        }

        var isKey = automaton[_nodes[node].Rule].IsKey;
        for (var edge = _nodes[node].Edge; edge >= 0; edge = _edges[edge].Next)
        {
            if (!isKey)
            {
                Close(_edges[edge].Return, _edges[edge].Node, 0);
            }
            else if (WithKey(_edges[edge].Node, _nodes[node].Key) is var copy && copy >= 0)
            {
                Close(_edges[edge].Return, copy, 0);
            }
        }
    }
}
