using System.Globalization;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>How a BPE model puts a word together.</summary>
/// <param name="Bytes">Words are bytes; else they are characters.</param>
/// <param name="Compose">Canonical composition (NFC) first, where there is no pipeline.</param>
/// <param name="Lower">Lower case before all else, where there is no pipeline.</param>
/// <param name="PrefixSpace">A space before a text that has none, where there is no pipeline.</param>
/// <param name="WholeWords">A word that the vocabulary has is not put together from merges.</param>
/// <param name="FuseUnknown">Neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">An unknown character is the tokens of its bytes, such as &lt;0x0A&gt;.</param>
/// <param name="Prefix">What characters that do not begin a word have before them in the vocabulary.</param>
/// <param name="Suffix">What the last character of a word has after it.</param>
internal sealed record BpeOptions(
    bool Bytes = true, bool Compose = false, bool Lower = false, bool PrefixSpace = false, bool WholeWords = false, bool FuseUnknown = false, bool ByteFallback = false, string Prefix = "", string Suffix = "");

/// <summary>Byte-pair encoding: of GPT-2, RoBERTa and ModernBERT on bytes, of Llama 2, Gemma and CLIP on characters; merged in the order that was learnt.</summary>
internal sealed partial class BpeTokenizer : PipelineTokenizer
{
    /// <summary>Most characters of prefix and suffix together.</summary>
    public const int MostAffixes = 62;

    private const int NoMerge = int.MaxValue;
    private const int LongWord = 1 << 10;

    private readonly BpeOptions _options;
    private readonly bool _plain;
    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly int[] _byteIds;
    private readonly int _unknown;
    private readonly bool _unknownToo; // whatever the word, it has a token
    private HashSet<long>? _merged;

    /// <param name="settings">What all tokenizers have.</param>
    /// <param name="list">The vocabulary.</param>
    /// <param name="vocabulary">The vocabulary as a table.</param>
    /// <param name="merges">Left and right parts of merges.</param>
    /// <param name="options">How words are put together.</param>
    /// <param name="pipeline">What the text goes through; null: GPT-2's expression.</param>
    /// <param name="unknown">The token for what the vocabulary does not have; negative: there is none, and it is left out.</param>
    public BpeTokenizer(
        TokenizerSettings settings, PieceList list, PieceTable vocabulary, PieceList merges, BpeOptions options, TextPipeline? pipeline = null, int unknown = -1)
        : base(settings, list, vocabulary, pipeline ?? new TextPipeline(options.Compose ? [new NormalizerStep.Form(compatibility: false, compose: true)] : [], []).Lowered(options.Lower))
    {
        _options = options;
        _plain = pipeline is null;
        _unknown = unknown;
        _merges = ReadMerges(merges);
        _byteIds = new int[256];
        for (var i = 0; i < _byteIds.Length; i++)
        {
            _byteIds[i] = options.Bytes ? vocabulary.Find([ByteCharacter(i)]) : vocabulary.Find(FormattableString.Invariant($"<0x{i:X2}>"));
        }

        _unknownToo = unknown >= 0 || (options.Bytes && Array.TrueForAll(_byteIds, static id => id >= 0));
    }

    public override string Kind => _options.Bytes ? "byte-level BPE" : "BPE";

    private protected override void EncodeChunk(ReadOnlySpan<char> text, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        // Most texts: nothing to normalise, so the words are looked up where they stand.
        if (_plain && !_options.Lower && !_options.PrefixSpace && !HasNormalizedTokens && (!_options.Compose || Nfc.IsNormalized(text)))
        {
            Words(text, default, place.WordGoesOn, ref open, ref sink);
        }
        else
        {
            base.EncodeChunk(text, place, ref open, ref sink);
        }
    }

    private protected override SplitPlace SplitsNormalized(ref int before, ref int after) =>
        !_plain ? base.SplitsNormalized(ref before, ref after)
            : WordEnds(before, after) is var place && place == SplitPlace.Boundary && _options.PrefixSpace && after != ' ' ? SplitPlace.Whole
            : place;

    // No token that merges make has the two next to each other, and neither is unknown: nothing is merged over the place.
    private protected override bool SplitsWord(int before, int after)
    {
        if (_options is not { WholeWords: false, Prefix: "", Suffix: "" } || (_plain && _options.PrefixSpace && after != ' '))
        {
            return false;
        }

        if (_options.Bytes)
        {
            Span<byte> bytes = stackalloc byte[4];
            var last = bytes[new Rune(before).EncodeToUtf8(bytes) - 1];
            new Rune(after).EncodeToUtf8(bytes);
            var first = bytes[0];
            if (_byteIds[last] < 0 || _byteIds[first] < 0)
            {
                return false;
            }

            (before, after) = (ByteCharacter(last), ByteCharacter(first));
        }
        else if (Vocabulary.Find(new Rune(before).ToString()) < 0 || Vocabulary.Find(new Rune(after).ToString()) < 0)
        {
            return false;
        }

        return !(_merged ??= MergedPairs()).Contains(((long)before << 21) | (uint)after);
    }

    private HashSet<long> MergedPairs()
    {
        var pairs = new HashSet<long>();
        foreach (var (_, id) in _merges.Values)
        {
            var previous = -1;
            foreach (var rune in List.Find(id)!.EnumerateRunes())
            {
                if (previous >= 0)
                {
                    pairs.Add(((long)previous << 21) | (uint)rune.Value);
                }

                previous = rune.Value;
            }
        }

        return pairs;
    }

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink) => Word(word, spans, 0, ref sink);

    private protected override void Part(ref NormalizedText normalized, int from, int to, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        if (!_plain)
        {
            base.Part(ref normalized, from, to, place, ref open, ref sink);
            return;
        }

        if (!_options.PrefixSpace || open.IsOpen || normalized.Text[from] == ' ')
        {
            Words(normalized.Text[from..to], normalized.Spans[from..to], place.WordGoesOn, ref open, ref sink);
            return;
        }

        var spaced = new NormalizedText(to - from + 1);
        try
        {
            spaced.Add(' ', normalized.Start(from), normalized.Start(from));
            spaced.AddRange(normalized.Text[from..to], normalized.Spans[from..to]);
            Words(spaced.Text, spaced.Spans, place.WordGoesOn, ref open, ref sink);
        }
        finally
        {
            spaced.Dispose();
        }
    }

    private void Words(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, bool goesOn, ref OpenWord open, ref TokenSink sink)
    {
        for (var at = 0; at < text.Length && !sink.Overflowed;)
        {
            var end = at + WordLength(text[at..]);
            var word = spans.IsEmpty ? default : spans[at..end];
            if (!open.IsOpen && (end < text.Length || !goesOn))
            {
                Word(text[at..end], word, at, ref sink);
            }
            else
            {
                Part(text[at..end], word, at, end < text.Length || !goesOn, ref open, ref sink);
            }

            at = end;
        }
    }

    // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
    internal static int WordLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && text.Length > 1)
        {
            if (text[1] is 's' or 't' or 'm' or 'd')
            {
                return 2;
            }

            if (text.Length > 2 && text[1..3] is "re" or "ve" or "ll")
            {
                return 3;
            }
        }

        var at = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindAt(text, at, out var length);
        if (kind == WordKind.Space)
        {
            at = 0;
            var last = 0;
            while (at < text.Length && KindAt(text, at, out length) == WordKind.Space)
            {
                last = at;
                at += length;
            }

            // The last space before a word goes with the word, or alone.
            return at == text.Length || last == 0 ? at : last;
        }

        do
        {
            at += length;
        }
        while (at < text.Length && KindAt(text, at, out length) == kind);

        return at;
    }

    /// <summary>Whether a word certainly ends between two code points, or goes over the place, and neither side depends on the other.</summary>
    internal static SplitPlace WordEnds(int before, int after)
    {
        Span<char> text = stackalloc char[4];
        var length = new Rune(before).EncodeToUtf16(text);
        new Rune(after).EncodeToUtf16(text[length..]);
        var kind = KindAt(text, 0, out _);
        var next = KindAt(text, length, out _);
        return (kind, next) switch
        {
            (WordKind.Space, WordKind.Space) => SplitPlace.Spaces,
            (WordKind.Space, _) => SplitPlace.Whole,
            _ when before == '\'' => SplitPlace.Whole,
            _ when kind != next => SplitPlace.Boundary,
            (WordKind.Letter, _) when before is 's' or 't' or 'm' or 'd' or 'r' or 'e' or 'v' or 'l' => SplitPlace.Letters,
            (WordKind.Other, _) when after == '\'' => SplitPlace.Whole,
            _ => SplitPlace.Apart,
        };
    }

    private static WordKind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        var character = text[at];
        length = 1;
        if (character < 0x80)
        {
            return char.IsAsciiLetter(character) ? WordKind.Letter
                : char.IsAsciiDigit(character) ? WordKind.Number
                : character is ' ' or (>= '\t' and <= '\r') ? WordKind.Space : WordKind.Other;
        }

        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return Characters.IsWhiteSpace(rune.Value) ? WordKind.Space : CharUnicodeInfo.GetUnicodeCategory(rune.Value) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => WordKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => WordKind.Number,
            _ => WordKind.Other,
        };
    }

    private void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, int start, ref TokenSink sink, bool isWhole = true)
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
                foreach (var one in bytes[..rune.EncodeToUtf8(bytes)])
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
            ref var left = ref symbols[at];
            if (left.Rank != (int)(top >> 32))
            {
                continue;
            }

            ref var right = ref symbols[left.Next];
            left.Id = _merges[Key(left.Id, right.Id)].Id;
            left.Span = new TokenSpan(left.Span.Start, right.Span.End);
            left.Next = right.Next;
            left.Rank = NoMerge;
            right.Rank = NoMerge;
            if (left.Next < symbols.Length)
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

        Scratch.Return(heap);
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
                throw new FormatException($"merge {i / 2} ('{merges[i]}' and '{merges[i + 1]}') has a part, or makes a token, that the vocabulary does not have; both parts and both together must be in it");
            }

            all[Key(first, second)] = (i / 2, merged);
        }

        return all;
    }

    private protected override void Normalize(ReadOnlySpan<char> text, ref NormalizedText to)
    {
        if (!_plain || _options.Lower)
        {
            base.Normalize(text, ref to);
            return;
        }

        if (_options.Compose && !Nfc.IsNormalized(text))
        {
            Nfc.Normalize(text, ref to);
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            to.Add(text[i], i, i + 1);
        }
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

    private enum WordKind
    {
        Letter,
        Number,
        Space,
        Other,
    }

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
