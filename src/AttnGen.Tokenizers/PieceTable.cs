using System.Numerics;
using System.Runtime.CompilerServices;

namespace AttnGen.Tokenizers;

/// <summary>Finds vocabulary entries, and of all entries that begin a text the longest. Nothing is allocated by a look-up.</summary>
internal sealed class PieceTable
{
    private const uint Seed = 0x811C9DC5;
    private const uint Prime = 0x01000193;

    private readonly char[] _text;
    private readonly Piece[] _entries;
    private readonly uint[] _hashes;
    private readonly int[] _slots;
    private readonly int _shift;

    /// <param name="list">The vocabulary; of two equal texts the later one counts.</param>
    /// <param name="prefix">Only entries that begin with this, without it.</param>
    public PieceTable(PieceList list, string prefix = "")
    {
        _text = list.Text;
        var all = list.Pieces;
        var count = 0;
        foreach (var piece in all)
        {
            count += Belongs(piece) ? 1 : 0;
        }

        _entries = new Piece[count];
        _hashes = new uint[count];
        var bits = BitOperations.Log2((uint)Math.Max(count, 8)) + 2;
        _slots = new int[1 << bits];
        _shift = 32 - bits;
        foreach (var piece in all)
        {
            if (Belongs(piece))
            {
                Insert(new Piece(piece.Start + prefix.Length, piece.Length - prefix.Length, piece.Id));
            }
        }

        bool Belongs(Piece piece) => piece.Length > prefix.Length && _text.AsSpan(piece.Start, prefix.Length).SequenceEqual(prefix);
    }

    public int Count { get; private set; }

    /// <summary>The longest text of an entry.</summary>
    public int Longest { get; private set; }

    /// <summary>The id of exactly this text; −1: none.</summary>
    public int Find(ReadOnlySpan<char> text)
    {
        var hash = Seed;
        foreach (var character in text)
        {
            hash = (hash ^ character) * Prime;
        }

        return Probe(hash, text, out _);
    }

    /// <summary>The longest entry that text begins with.</summary>
    /// <returns>Its id, or −1.</returns>
    [SkipLocalsInit]
    public int FindLongest(ReadOnlySpan<char> text, out int length)
    {
        const int Most = 256;
        var limit = Math.Min(text.Length, Math.Min(Longest, Most));
        Span<uint> hashes = stackalloc uint[Most];
        var hash = Seed;
        for (var i = 0; i < limit; i++)
        {
            hash = (hash ^ text[i]) * Prime;
            hashes[i] = hash;
        }

        for (length = limit; length > 0; length--)
        {
            var id = Probe(hashes[length - 1], text[..length], out _);
            if (id >= 0)
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>All entries that a text begins with, the shortest first.</summary>
    public PrefixEnumerator Prefixes(ReadOnlySpan<char> text) => new(this, text);

    private int Probe(uint hash, ReadOnlySpan<char> text, out int slot)
    {
        var slots = _slots;
        for (slot = (int)((hash * 0x9E3779B1) >> _shift); ; slot = (slot + 1) & (slots.Length - 1))
        {
            var entry = slots[slot] - 1;
            if (entry < 0)
            {
                return -1;
            }

            if (_hashes[entry] == hash && text.SequenceEqual(_text.AsSpan(_entries[entry].Start, _entries[entry].Length)))
            {
                return _entries[entry].Id;
            }
        }
    }

    private void Insert(Piece piece)
    {
        var text = _text.AsSpan(piece.Start, piece.Length);
        var hash = Seed;
        foreach (var character in text)
        {
            hash = (hash ^ character) * Prime;
        }

        if (Probe(hash, text, out var slot) >= 0)
        {
            _entries[_slots[slot] - 1] = piece;
            return;
        }

        _entries[Count] = piece;
        _hashes[Count] = hash;
        _slots[slot] = ++Count;
        Longest = Math.Max(Longest, piece.Length);
    }

    /// <summary>Goes through the entries that a text begins with.</summary>
    public ref struct PrefixEnumerator
    {
        private readonly PieceTable _table;
        private readonly ReadOnlySpan<char> _text;
        private uint _hash;
        private int _length;

        internal PrefixEnumerator(PieceTable table, ReadOnlySpan<char> text)
        {
            _table = table;
            _text = text[..Math.Min(text.Length, table.Longest)];
            _hash = Seed;
        }

        public bool MoveNext(out int id, out int length)
        {
            while (_length < _text.Length)
            {
                _hash = (_hash ^ _text[_length++]) * Prime;
                id = _table.Probe(_hash, _text[.._length], out _);
                if (id >= 0)
                {
                    length = _length;
                    return true;
                }
            }

            (id, length) = (-1, 0);
            return false;
        }
    }
}
