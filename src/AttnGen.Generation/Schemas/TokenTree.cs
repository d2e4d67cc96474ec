namespace AttnGen.Generation.Schemas;

/// <summary>A vocabulary as a tree of bytes: a node is what some tokens begin with. Nodes are in preorder, so that a subtree is a range.</summary>
internal sealed class TokenTree
{
    private readonly byte[] _label;
    private readonly int[] _end;
    private readonly int[] _parent;
    private readonly int[] _firstToken;
    private readonly int[] _tokens;
    private readonly int[] _node;

    private TokenTree(List<byte> label, int[] end, List<int> parent, List<int> firstToken, int[] tokens, int vocabularySize, int maxBytes)
    {
        (_label, _end, _parent, _firstToken, _tokens) = ([.. label], end, [.. parent], [.. firstToken, tokens.Length], tokens);
        _node = new int[vocabularySize];
        for (var node = 0; node < label.Count; node++)
        {
            foreach (var id in Tokens(node))
            {
                _node[id] = node;
            }
        }

        (VocabularySize, MaxBytes) = (vocabularySize, maxBytes);
    }

    /// <summary>The largest id and one.</summary>
    public int VocabularySize { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int MaxBytes { get; }

    /// <summary>Nodes, the root (0) included.</summary>
    public int Count => _label.Length;

    /// <summary>The last byte of what the node stands for.</summary>
    public byte Label(int node) => _label[node];

    /// <summary>The first node behind the node's subtree: its next sibling, if that has the same parent.</summary>
    public int End(int node) => _end[node];

    /// <summary>The node without its last byte.</summary>
    public int Parent(int node) => _parent[node];

    /// <summary>The tokens that are exactly these bytes.</summary>
    public ReadOnlySpan<int> Tokens(int node) => _tokens.AsSpan(_firstToken[node].._firstToken[node + 1]);

    /// <summary>The bytes of a token; none: it stands for no text.</summary>
    public ReadOnlySpan<byte> Bytes(int id, Span<byte> buffer)
    {
        var length = 0;
        for (var node = (uint)id < (uint)_node.Length ? _node[id] : 0; node > 0; node = _parent[node])
        {
            buffer[^++length] = _label[node];
        }

        return buffer[(buffer.Length - length)..];
    }

    /// <summary>Makes the tree.</summary>
    /// <param name="tokens">The bytes of each token; null or empty: a token that stands for no text (special tokens).</param>
    public static TokenTree Create(IReadOnlyList<byte[]?> tokens)
    {
        var ids = Enumerable.Range(0, tokens.Count).Where(id => tokens[id] is { Length: > 0 }).ToArray();
        Array.Sort(ids, (a, b) => tokens[a].AsSpan().SequenceCompareTo(tokens[b]) is var order && order != 0 ? order : a - b);
        var maxBytes = ids.Length == 0 ? 0 : ids.Max(id => tokens[id]!.Length);
        List<byte> label = [0];
        List<int> parent = [-1], firstToken = [0];
        var path = new int[maxBytes + 1];
        byte[] last = [];
        for (var i = 0; i < ids.Length; i++)
        {
            var token = tokens[ids[i]]!;
            var common = token.AsSpan().CommonPrefixLength(last);
            for (var depth = common; depth < token.Length; depth++)
            {
                path[depth + 1] = label.Count;
                label.Add(token[depth]);
                parent.Add(path[depth]);
                firstToken.Add(i);
            }

            last = token;
        }

        var end = new int[label.Count];
        for (var node = label.Count - 1; node >= 0; node--)
        {
            end[node] = Math.Max(end[node], node + 1);
            if (node > 0)
            {
                end[parent[node]] = Math.Max(end[parent[node]], end[node]);
            }
        }

        return new TokenTree(label, end, parent, firstToken, ids, tokens.Count, maxBytes);
    }
}
