namespace AttnGen.Generation.Schemas;

internal sealed partial class Stacks
{
    // Nodes above which those that nobody needs any more are given back.
    private const int MostNodes = 512;

    private Node[] _otherNodes = new Node[256];
    private Edge[] _otherEdges = new Edge[256];
    private Key[] _otherKeys = new Key[64];
    private int[] _newNode = [];
    private int[] _newKey = [];

    /// <summary>Makes the top range of threads the only one.</summary>
    public void Keep(int from)
    {
        var count = _top.Threads - from;
        Array.Copy(_threads, from, _threads, 0, count);
        _top.Threads = count;
        if (_top.Nodes > MostNodes)
        {
            Collect();
        }
    }

    // The object of a name, with that name; −1: it has it.
    private int WithKey(int node, int start)
    {
        var name = _text.AsSpan(start.._top.Text);
        foreach (var other in automaton[_nodes[node].Rule].Names)
        {
            if (name.SequenceEqual(other))
            {
                return -1;
            }
        }

        for (var key = _nodes[node].Key; key >= 0; key = _keys[key].Next)
        {
            if (name.SequenceEqual(_text.AsSpan(_keys[key].Start, _keys[key].Length)))
            {
                return -1;
            }
        }

        Grow(ref _keys, _top.Keys);
        _keys[_top.Keys] = new Key { Start = start, Length = name.Length, Next = _nodes[node].Key };
        return AddNode(_nodes[node] with { Key = _top.Keys++, IsCopy = true });
    }

    private int AddNode(Node node)
    {
        Grow(ref _nodes, _top.Nodes);
        _nodes[_top.Nodes] = node;
        return _top.Nodes++;
    }

    private int AddEdge(Edge edge)
    {
        Grow(ref _edges, _top.Edges);
        _edges[_top.Edges] = edge;
        return _top.Edges++;
    }

    private void AddText(byte one)
    {
        Grow(ref _text, _top.Text);
        _text[_top.Text++] = one;
    }

    private static void Grow<T>(ref T[] pile, int count)
    {
        if (count == pile.Length)
        {
            Array.Resize(ref pile, 2 * count);
        }
    }

    // Copies what the threads still need to the other piles, the root first.
    private void Collect()
    {
        Fit(ref _newNode, _top.Nodes).Fill(-1);
        Fit(ref _newKey, _top.Keys).Fill(-1);
        var (nodes, edges, keys) = (0, 0, 0);
        NodeFor(Root);
        for (var i = 0; i < _top.Threads; i++)
        {
            _threads[i].Node = NodeFor(_threads[i].Node);
        }

        for (var i = 0; i < nodes; i++)
        {
            var last = -1;
            for (var edge = _otherNodes[i].Edge; edge >= 0; edge = _edges[edge].Next)
            {
                Grow(ref _otherEdges, edges);
                _otherEdges[edges] = new Edge { Return = _edges[edge].Return, Node = NodeFor(_edges[edge].Node), Next = last };
                last = edges++;
            }

            _otherNodes[i].Edge = last;
            if (!automaton[_otherNodes[i].Rule].IsKey)
            {
                _otherNodes[i].Key = KeyFor(_otherNodes[i].Key);
            }
        }

        (_nodes, _otherNodes) = (_otherNodes, _nodes);
        (_edges, _otherEdges) = (_otherEdges, _edges);
        (_keys, _otherKeys) = (_otherKeys, _keys);
        (_top.Nodes, _top.Edges, _top.Keys) = (nodes, edges, keys);

        int NodeFor(int node)
        {
            if (_newNode[node] < 0)
            {
                Grow(ref _otherNodes, nodes);
                _otherNodes[nodes] = _nodes[node];
                _newNode[node] = nodes++;
            }

            return _newNode[node];
        }

        // The names of one object are one list, of which two nodes may hold a part each.
        int KeyFor(int key)
        {
            var (first, before) = (-1, -1);
            for (; key >= 0; key = _keys[key].Next)
            {
                var known = _newKey[key] >= 0;
                if (!known)
                {
                    Grow(ref _otherKeys, keys);
                    _otherKeys[keys] = _keys[key] with { Next = -1 };
                    _newKey[key] = keys++;
                }

                first = first < 0 ? _newKey[key] : first;
                if (before >= 0)
                {
                    _otherKeys[before].Next = _newKey[key];
                }

                before = _newKey[key];
                if (known)
                {
                    break;
                }
            }

            return first;
        }
    }

    private static Span<int> Fit(ref int[] array, int count)
    {
        if (array.Length < count)
        {
            array = new int[Math.Max(count, 2 * array.Length)];
        }

        return array.AsSpan(0, count);
    }
}
