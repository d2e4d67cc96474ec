using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>One entry of a vocabulary: where its text stands in <see cref="PieceList.Text"/>, and its id.</summary>
internal readonly record struct Piece(int Start, int Length, int Id);

/// <summary>A vocabulary as it is read: all texts in one array, no string for each.</summary>
internal sealed class PieceList
{
    private char[] _text;
    private Piece[] _pieces;
    private int _used;

    public PieceList(int characters = 1 << 16, int pieces = 1 << 12)
    {
        _text = new char[characters];
        _pieces = new Piece[pieces];
    }

    private Dictionary<int, int>? _byId;

    public char[] Text => _text;

    public int Count { get; private set; }

    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, Count);

    public ReadOnlySpan<char> this[int index] => _text.AsSpan(_pieces[index].Start, _pieces[index].Length);

    /// <summary>Room for one more text of at most so many characters; what is written there is taken by <see cref="Take"/>.</summary>
    public Span<char> Room(int characters)
    {
        if (_used + characters > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_used + characters, _text.Length * 2));
        }

        return _text.AsSpan(_used);
    }

    /// <summary>Takes what was written to <see cref="Room"/>.</summary>
    public void Take(int characters, int id)
    {
        Add(new Piece(_used, characters, id));
        _used += characters;
    }

    /// <summary>Adds a text.</summary>
    public void Add(ReadOnlySpan<char> text, int id)
    {
        text.CopyTo(Room(text.Length));
        Take(text.Length, id);
    }

    /// <summary>A vocab.txt: one token a line, the line's number is the id.</summary>
    public static PieceList FromLines(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var list = new PieceList(utf8.Length, 1 << 15);
        var length = Encoding.UTF8.GetChars(utf8, list._text);
        list._used = length;
        for (int start = 0, id = 0; start < length; id++)
        {
            var line = list._text.AsSpan(start, length - start);
            var end = line.IndexOf('\n');
            var next = start + (end < 0 ? line.Length : end + 1);
            line = line[..(end < 0 ? line.Length : end)];
            if (line.EndsWith("\r"))
            {
                line = line[..^1];
            }

            if (!line.IsEmpty)
            {
                list.Add(new Piece(start, line.Length, id));
            }

            start = next;
        }

        return list;
    }

    /// <summary>The text of an id, or null.</summary>
    public string? Find(int id)
    {
        var byId = _byId;
        if (byId is null)
        {
            byId = new Dictionary<int, int>(Count);
            for (var i = 0; i < Count; i++)
            {
                byId[_pieces[i].Id] = i;
            }

            _byId = byId;
        }

        return byId.TryGetValue(id, out var index) ? this[index].ToString() : null;
    }

    private void Add(Piece piece)
    {
        if (Count == _pieces.Length)
        {
            Array.Resize(ref _pieces, 2 * Count);
        }

        _pieces[Count++] = piece;
    }
}
