namespace AttnGen.Generation.Schemas;

/// <summary>What a rule may be made of, as it is written down: edges of bytes, of nothing, and of whole other rules.</summary>
internal sealed class Nfa
{
    private readonly List<List<(byte Low, byte High, int To)>> _bytes = [];
    private readonly List<List<int>> _empty = [];
    private readonly List<List<(int Rule, int To)>> _calls = [];

    public Nfa() => (Start, Final) = (Add(), Add());

    public int Start { get; }

    public int Final { get; }

    public int Count => _bytes.Count;

    public int Add()
    {
        _bytes.Add([]);
        _empty.Add([]);
        _calls.Add([]);
        return _bytes.Count - 1;
    }

    public IReadOnlyList<(byte Low, byte High, int To)> Bytes(int state) => _bytes[state];

    public IReadOnlyList<int> Empty(int state) => _empty[state];

    public IReadOnlyList<(int Rule, int To)> Calls(int state) => _calls[state];

    public void Byte(int from, byte low, byte high, int to) => _bytes[from].Add((low, high, to));

    public void Byte(int from, char one, int to) => Byte(from, (byte)one, (byte)one, to);

    public void Skip(int from, int to) => _empty[from].Add(to);

    public void Call(int from, int rule, int to) => _calls[from].Add((rule, to));

    /// <summary>A new state behind a byte.</summary>
    public int Then(int from, char one)
    {
        var to = Add();
        Byte(from, one, to);
        return to;
    }

    /// <summary>A new state behind a range of bytes.</summary>
    public int Then(int from, byte low, byte high)
    {
        var to = Add();
        Byte(from, low, high, to);
        return to;
    }

    /// <summary>A new state behind a text.</summary>
    public int Then(int from, ReadOnlySpan<byte> text)
    {
        foreach (var one in text)
        {
            from = Then(from, one, one);
        }

        return from;
    }

    /// <summary>A text between two states.</summary>
    public void Text(int from, ReadOnlySpan<byte> text, int to) => Skip(Then(from, text), to);
}
