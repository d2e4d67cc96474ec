namespace AttnGen.Tokenizers;

/// <summary>The text of each id: of the added tokens first, then of the vocabulary.</summary>
internal sealed class TokenTable
{
    private const int Sparse = 1 << 16; // ids of a table may be this many times as many as tokens, and some more

    private readonly PieceList _list;
    private readonly string[] _added;
    private readonly int[]? _places; // the piece's number plus one; of an added token the negative of that
    private readonly Dictionary<int, int>? _sparse;
    private readonly HashSet<int> _special = [];

    public TokenTable(PieceList list, IReadOnlyList<AddedToken> added)
    {
        _list = list;
        _added = [.. added.Select(static token => token.Content)];
        var last = -1;
        foreach (var piece in list.Pieces)
        {
            last = Math.Max(last, piece.Id);
        }

        foreach (var token in added)
        {
            last = Math.Max(last, token.Id);
        }

        Last = last;
        if (last < 4L * (list.Count + added.Count) + Sparse)
        {
            _places = new int[last + 1];
        }
        else
        {
            _sparse = [];
        }

        // What is special goes by the text.
        var special = added.Where(static token => token.Special).Select(static token => token.Content).ToHashSet(StringComparer.Ordinal);
        var isSpecial = special.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < list.Count; i++)
        {
            Put(list.Pieces[i].Id, i + 1);
            if (special.Count > 0 && isSpecial.Contains(list[i]))
            {
                _special.Add(list.Pieces[i].Id);
            }
        }

        for (var i = 0; i < added.Count; i++)
        {
            Put(added[i].Id, -(i + 1));
            if (special.Contains(added[i].Content))
            {
                _special.Add(added[i].Id);
            }
            else
            {
                _special.Remove(added[i].Id);
            }
        }
    }

    /// <summary>The largest id; −1: there are no tokens.</summary>
    public int Last { get; }

    /// <summary>Whether a token is special.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>An id's text.</summary>
    public bool TryFind(int id, out ReadOnlySpan<char> text)
    {
        var place = _places is null ? _sparse!.GetValueOrDefault(id) : (uint)id < (uint)_places.Length ? _places[id] : 0;
        text = place > 0 ? _list[place - 1] : place < 0 ? _added[-place - 1] : default;
        return place != 0;
    }

    private void Put(int id, int place)
    {
        if (_places is not null)
        {
            _places[id] = place;
        }
        else
        {
            _sparse![id] = place;
        }
    }
}
