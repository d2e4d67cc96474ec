using System.Text;

namespace AttnGen.Tokenizers;

// A word to its symbols, and their merges.
internal sealed partial class BpeTokenizer
{
    private void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, int start, ref TokenSink sink, bool isWhole = true, int skipped = 0)
    {
        if (isWhole && _options is { WholeWords: true, Bytes: false } && Vocabulary.Find(word) is var known and >= 0)
        {
            sink.Add(known, spans[0].Start, spans[^1].End);
            return;
        }

        if (sink.Room == 0 && _unknownToo)
        {
            sink.Refuse();
            return;
        }

        var most = Most(word);
        var rented = Scratch.Rent<Symbol>(most);
        var whole = isWhole && _options is { WholeWords: true, Bytes: true };
        var characters = whole ? Scratch.Rent<char>(most) : [];
        var symbols = new Symbols(rented);
        var count = 0; // bytes
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out var rune, out var length);
            var span = spans.IsEmpty ? new TokenSpan(start + at, start + at + length) : new TokenSpan(spans[at].Start, spans[at + length - 1].End);
            if (_options.Bytes)
            {
                var from = at == 0 ? skipped : 0;
                foreach (var one in bytes[from..rune.EncodeToUtf8(bytes)])
                {
                    if (whole)
                    {
                        characters[count++] = ByteCharacter(one);
                    }

                    symbols.Add(_byteIds[one], span, _unknown, _options.FuseUnknown);
                }
            }
            else
            {
                Character(rune, span, isWhole && at == 0, at + length == word.Length, ref symbols);
            }

            at += length;
        }

        symbols.Flush();
        if (whole && Vocabulary.Find(characters.AsSpan(0, count)) is var id and >= 0)
        {
            sink.Add(id, spans.IsEmpty ? start : spans[0].Start, spans.IsEmpty ? start + word.Length : spans[^1].End);
        }
        else
        {
            var all = rented.AsSpan(0, symbols.Count);
            Merge(all);
            for (var at = 0; at < all.Length && sink.Add(all[at].Id, all[at].Span.Start, all[at].Span.End);)
            {
                at = all[at].Next;
            }
        }

        Scratch.Return(rented);
        if (whole)
        {
            Scratch.Return(characters);
        }
    }

    // A character has at most 4 bytes; of a long word they are counted. Where it is written as bytes, so are prefix and suffix.
    private int Most(ReadOnlySpan<char> word) => !_options.Bytes && !_options.ByteFallback ? word.Length
        : (word.Length > LongWord ? Encoding.UTF8.GetByteCount(word) : 4 * word.Length) + 3 * (_options.Prefix.Length + _options.Suffix.Length) * word.Length;

    private void Character(Rune rune, TokenSpan span, bool isFirst, bool isLast, ref Symbols symbols)
    {
        const int Most = MostAffixes + 2;
        var prefix = isFirst ? "" : _options.Prefix;
        var suffix = isLast ? _options.Suffix : "";
        Span<char> text = stackalloc char[Most];
        prefix.CopyTo(text);
        var length = prefix.Length + rune.EncodeToUtf16(text[prefix.Length..]);
        suffix.CopyTo(text[length..]);
        length += suffix.Length;
        var id = Vocabulary.Find(text[..length]);
        if (id < 0 && _options.ByteFallback)
        {
            Span<byte> bytes = stackalloc byte[3 * Most];
            bytes = bytes[..Encoding.UTF8.GetBytes(text[..length], bytes)];
            var all = true;
            foreach (var one in bytes)
            {
                all &= _byteIds[one] >= 0;
            }

            if (all)
            {
                // As in the reference an unknown character before it is written after it.
                foreach (var one in bytes)
                {
                    symbols.AddKnown(_byteIds[one], span);
                }

                return;
            }
        }

        symbols.Add(id, span, _unknown, _options.FuseUnknown);
    }

    // Always the pair that was learnt first, of equal ones the leftmost. The heap has (rank, position); an entry whose rank is no longer
    // that of its position is stale. There are as many pairs as places between symbols, and a merge puts two in for the one that it takes out.
    private void Merge(Span<Symbol> symbols)
    {
        var heap = Scratch.Rent<long>(2 * symbols.Length);
        var size = 0;
        for (var at = 0; at + 1 < symbols.Length; at++)
        {
            Rank(symbols, at, heap, ref size);
        }

        while (size > 0)
        {
            var top = Heap.Pop(heap, ref size);
            var at = (int)(top & 0xFFFFFFFF);
            if (symbols[at].Rank == (int)(top >> 32))
            {
                Join(symbols, at, symbols.Length, heap, ref size);
            }
        }

        Scratch.Return(heap);
    }

    /// <summary>Merges a symbol with the next; the pairs on both sides become new ones.</summary>
    private void Join(Span<Symbol> symbols, int at, int end, long[] heap, ref int size)
    {
        ref var left = ref symbols[at];
        ref var right = ref symbols[left.Next];
        left.Id = _merges[Key(left.Id, right.Id)].Id;
        left.Span = new TokenSpan(left.Span.Start, right.Span.End);
        left.Next = right.Next;
        left.Rank = NoMerge;
        right.Rank = NoMerge;
        if (left.Next < end)
        {
            symbols[left.Next].Previous = at;
            Rank(symbols, at, heap, ref size);
        }

        if (left.Previous >= 0)
        {
            symbols[left.Previous].Rank = NoMerge;
            Rank(symbols, left.Previous, heap, ref size);
        }
    }

    private void Rank(Span<Symbol> symbols, int at, long[] heap, ref int size)
    {
        ref var symbol = ref symbols[at];
        if (_merges.TryGetValue(Key(symbol.Id, symbols[symbol.Next].Id), out var merge))
        {
            symbol.Rank = merge.Rank;
            Heap.Push(heap, ref size, ((long)merge.Rank << 32) | (uint)at);
        }
    }

    private Dictionary<long, (int Rank, int Id)> ReadMerges(PieceList merges)
    {
        var all = new Dictionary<long, (int, int)>(merges.Count / 2);
        for (var i = 0; i + 1 < merges.Count; i += 2)
        {
            var left = merges.Pieces[i];
            ReadOnlySpan<char> both = _options.Prefix.Length == 0
                ? merges.Text.AsSpan(left.Start, left.Length + merges.Pieces[i + 1].Length)
                : string.Concat(merges[i], merges[i + 1][Math.Min(_options.Prefix.Length, merges[i + 1].Length)..]);
            var (first, second, merged) = (Vocabulary.Find(merges[i]), Vocabulary.Find(merges[i + 1]), Vocabulary.Find(both));
            if (first < 0 || second < 0 || merged < 0)
            {
                throw new FormatException(
                    $"merge {i / 2} ('{merges[i]}' and '{merges[i + 1]}') has a part, or makes a token, that the vocabulary does not have; both parts and both together must be in it");
            }

            all[Key(first, second)] = (i / 2, merged);
        }

        return all;
    }

    // Multiplied by an odd number, which loses nothing: a dictionary takes a long's halves by exclusive or, and most pairs of small ids would meet.
    private static long Key(int left, int right) => unchecked((long)(((((ulong)(uint)left) << 32) | (uint)right) * 0x9E3779B97F4A7C15));

    // The pair of a key: the number's inverse undoes it.
    private static (int Left, int Right) Parts(long key)
    {
        var pair = unchecked((ulong)key * 0xF1DE83E19937733D);
        return ((int)(pair >> 32), (int)pair);
    }

    // GPT-2's way to write bytes as visible characters.
    internal static char ByteCharacter(int value) => (char)(value switch
    {
        <= 0x20 => 0x100 + value,
        >= 0x7F and <= 0xA0 => 0x100 + 0x21 + value - 0x7F,
        0xAD => 0x143,
        _ => value,
    });

    private struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
        public int Rank;
        public TokenSpan Span;
    }

    /// <summary>The symbols of a word. What the vocabulary does not have waits until it is known what follows.</summary>
    private ref struct Symbols(Symbol[] to)
    {
        private int _waiting = -1;
        private TokenSpan _span;

        public int Count { get; private set; }

        public readonly bool IsWaiting => _waiting >= 0;

        public void Add(int id, TokenSpan span, int unknown, bool fuse)
        {
            if (id >= 0)
            {
                Flush();
                AddKnown(id, span);
            }
            else if (unknown >= 0)
            {
                if (_waiting >= 0 && fuse)
                {
                    _span = new TokenSpan(_span.Start, span.End);
                    return;
                }

                Flush();
                (_waiting, _span) = (unknown, span);
            }
        }

        public void AddKnown(int id, TokenSpan span)
        {
            to[Count] = new Symbol { Id = id, Previous = Count - 1, Next = Count + 1, Rank = NoMerge, Span = span };
            Count++;
        }

        public void Flush()
        {
            if (_waiting >= 0)
            {
                AddKnown(_waiting, _span);
                _waiting = -1;
            }
        }
    }
}
