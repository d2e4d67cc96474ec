using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>The tokenizer of BERT and its kin: words and punctuation, then the longest pieces of the vocabulary from the left.</summary>
internal sealed class WordPieceTokenizer : PipelineTokenizer
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private readonly BertNormalizer? _bert;
    private readonly PieceTable _continuations;
    private readonly int _longestWord;

    /// <param name="settings">What all tokenizers have.</param>
    /// <param name="list">The vocabulary.</param>
    /// <param name="vocabulary">The vocabulary as a table.</param>
    /// <param name="bert">BERT's normaliser and, unless there is a pipeline, its pre-tokenizer.</param>
    /// <param name="pipeline">What the text goes through instead.</param>
    /// <param name="prefix">What pieces inside a word begin with.</param>
    /// <param name="longestWord">Code points of the longest word that is looked up.</param>
    public WordPieceTokenizer(
        TokenizerSettings settings, PieceList list, PieceTable vocabulary, BertNormalizer? bert, TextPipeline? pipeline = null, string prefix = "##", int longestWord = 100)
        : base(settings, list, vocabulary, pipeline ?? new TextPipeline([new NormalizerStep.Bert(bert!)], []))
    {
        _bert = pipeline is null ? bert : null;
        _longestWord = longestWord;
        _continuations = prefix.Length == 0 ? vocabulary : new PieceTable(list, prefix);
    }

    public override string Kind => "WordPiece";

    private protected override void Normalize(ReadOnlySpan<char> text, ref NormalizedText to)
    {
        if (_bert is null)
        {
            base.Normalize(text, ref to);
        }
        else
        {
            _bert.Normalize(text, ref to);
        }
    }

    private protected override SplitPlace SplitsNormalized(ref int before, ref int after) =>
        _bert is null ? base.SplitsNormalized(ref before, ref after)
            : BertNormalizer.IsBoundary(before) || BertNormalizer.IsBoundary(after) ? SplitPlace.Boundary
            : SplitPlace.Whole;

    private protected override void EncodePlain(ref PlainText plain, ref TokenSink sink)
    {
        if (_bert is null || HasNormalizedTokens)
        {
            base.EncodePlain(ref plain, ref sink);
            return;
        }

        // Positions are those of the whole text.
        sink.Shift = 0;
        var at = plain.Start;
        plain.Extend((int)Math.Min(at + 2L * ChunkSize(sink.Room), int.MaxValue));
        var length = Math.Min(plain.End - at, 2 * ChunkSize(sink.Room));
        if (length <= 0 && plain.IsWhole)
        {
            return;
        }

        var buffer = new NormalizedText(length + (length >> 3) + 16);
        try
        {
            while (!sink.Overflowed)
            {
                var size = ChunkSize(sink.Room);
                plain.Extend((int)Math.Min(at + 2L * size, int.MaxValue));
                if (!plain.IsWhole || plain.End - at > 2 * size || sink.Room == 0)
                {
                    at = SkipSpace(ref plain, at);
                    if (sink.Room == 0 && at < plain.End && _bert.Unit(plain.Text, at, out _) is BertUnit.Word or BertUnit.Single)
                    {
                        sink.Refuse();
                        return;
                    }
                }

                if (at >= plain.End && plain.IsWhole)
                {
                    return;
                }

                var to = plain.IsWhole && plain.End - at <= 2 * size ? plain.End : WordsEnd(plain.Text, at, Math.Min(at + size, plain.End));
                if (to == at)
                {
                    to = LongWord(ref plain, at, ref buffer, ref sink);
                    if (to == at)
                    {
                        // What ends a word, with a long one behind it.
                        to = at + (char.IsHighSurrogate(plain.Text[at]) && at + 1 < plain.End && char.IsLowSurrogate(plain.Text[at + 1]) ? 2 : 1);
                        Words(plain.Text[at..to], at, ref buffer, ref sink);
                    }
                }
                else
                {
                    Words(plain.Text[at..to], at, ref buffer, ref sink);
                }

                at = to;
            }
        }
        finally
        {
            buffer.Dispose();
        }
    }

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink) => TryWord(word, spans, ref sink);

    // A word that is too long is unknown as a whole: only where it begins and ends is kept.
    private protected override int Beginning(ref OpenWord word, ref TokenSink sink)
    {
        if (word.IsUnknown || CodePoints(word.Text) > _longestWord)
        {
            word.IsUnknown = true;
            word.Remove(1, word.Text.Length - 1);
        }

        return 0;
    }

    private protected override void Rest(ref OpenWord word, ref TokenSink sink)
    {
        if (word.IsUnknown)
        {
            sink.Add(UnknownTokenId, word.Spans[0].Start, word.Spans[^1].End);
        }
        else
        {
            TryWord(word.Text, word.Spans, ref sink);
        }
    }

    private protected override void Part(ref NormalizedText normalized, int from, int to, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        if (_bert is null)
        {
            base.Part(ref normalized, from, to, place, ref open, ref sink);
        }
        else
        {
            BertWords(ref normalized, from, to, ref sink);
        }
    }

    private void BertWords(ref NormalizedText normalized, int from, int to, ref TokenSink sink)
    {
        var text = normalized.Text[..to];
        var spans = normalized.Spans;
        var start = from;
        for (var at = from; at < to;)
        {
            int codePoint = text[at];
            var length = 1;
            if (codePoint >= 0x80)
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out length);
                codePoint = rune.Value;
            }

            var kind = Characters.Class(codePoint);
            var splits = kind == CharacterClass.Space || (kind == CharacterClass.Removed && Characters.IsWhiteSpace(codePoint));
            if (splits || kind == CharacterClass.Punctuation)
            {
                if ((start < at && !TryWord(text[start..at], spans[start..at], ref sink))
                    || (!splits && !TryWord(text.Slice(at, length), spans.Slice(at, length), ref sink)))
                {
                    return;
                }

                start = at + length;
            }

            at += length;
        }

        if (start < to)
        {
            TryWord(text[start..to], spans[start..to], ref sink);
        }
    }

    private void Words(ReadOnlySpan<char> text, int shift, ref NormalizedText buffer, ref TokenSink sink)
    {
        buffer.Clear();
        var marks = default(BertNormalizer.MarkRun);
        _bert!.Normalize(text, shift, ref marks, ref buffer);
        marks.End(ref buffer);
        BertWords(ref buffer, 0, buffer.Length, ref sink);
    }

    // The last place in a part at which a word ends because of what stands there; the beginning if there is none.
    private int WordsEnd(ReadOnlySpan<char> text, int from, int to)
    {
        if (to - from < 2)
        {
            return from;
        }

        var space = text[(from + 1)..to].LastIndexOfAny(' ', '\n');
        if (space >= 0)
        {
            return from + 1 + space;
        }

        for (var at = to - 1; at > from; at--)
        {
            if (at > from + 1 && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]))
            {
                at--;
            }

            if (_bert!.Unit(text, at, out _) is BertUnit.Space or BertUnit.Single)
            {
                return at;
            }
        }

        return from;
    }

    // Past what makes no token between two words.
    private int SkipSpace(ref PlainText plain, int at)
    {
        while (true)
        {
            var known = plain.Text[..Math.Max(at, plain.End)];
            at = _bert!.Skip(known, at, (1 << (int)BertUnit.Space) | (1 << (int)BertUnit.Nothing));
            if (at < known.Length || plain.IsWhole)
            {
                return at;
            }

            plain.Extend((int)Math.Min(2L * at - plain.Start + 16, int.MaxValue));
        }
    }

    // Reads one word, however long: of one that has too many characters only where it begins and ends is kept.
    // Returns where it ends, or where it was to begin if there is none.
    private int LongWord(ref PlainText plain, int at, ref NormalizedText buffer, ref TokenSink sink)
    {
        buffer.Clear();
        var marks = default(BertNormalizer.MarkRun);
        var ends = default(WordEnds);
        var isLong = false;
        for (var extent = 64L; ;)
        {
            if (at >= plain.End)
            {
                if (plain.IsWhole)
                {
                    break;
                }

                extent *= 2;
                plain.Extend((int)Math.Min(at + extent, int.MaxValue));
                continue;
            }

            var known = plain.Text[..plain.End];
            var unit = _bert!.Unit(known, at, out _);
            if (unit is BertUnit.Space or BertUnit.Single)
            {
                break;
            }

            if (unit == BertUnit.Nothing)
            {
                at = _bert.Skip(known, at, 1 << (int)BertUnit.Nothing);
                continue;
            }

            if (unit == BertUnit.Word && isLong)
            {
                var run = known[at..].IndexOfAnyExcept(s_plain);
                at = _bert.Skip(known, run < 0 ? known.Length : at + run, 1 << (int)BertUnit.Word);
                ends.Starter(at);
                continue;
            }

            Rune.DecodeFromUtf16(known[at..], out var rune, out var length);
            if (unit == BertUnit.Other && _bert.EndsWord(rune.Value))
            {
                break;
            }

            if (isLong)
            {
                ends.Add(_bert, rune.Value, at, at + length);
            }
            else
            {
                _bert.Normalize(known.Slice(at, length), at, ref marks, ref buffer);
                if (buffer.Length > 2L * _longestWord)
                {
                    isLong = true;
                    ends = new WordEnds(buffer, marks.Start(buffer.Length));
                }
            }

            at += length;
        }

        if (isLong)
        {
            sink.Add(UnknownTokenId, ends.Start, ends.End);
        }
        else
        {
            marks.End(ref buffer);
            BertWords(ref buffer, 0, buffer.Length, ref sink);
        }

        return at;
    }

    [SkipLocalsInit]
    private bool TryWord(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        const int MostOnStack = 128;
        var id = -1;
        var length = 0;
        if (word.Length <= _longestWord || CodePoints(word) <= _longestWord)
        {
            id = Vocabulary.FindLongest(word, out length);
        }

        if (id < 0 || length == word.Length)
        {
            return sink.Add(id < 0 ? UnknownTokenId : id, spans[0].Start, spans[^1].End);
        }

        // The word is unknown as a whole if any part of it is: nothing is given out before the end is reached.
        Span<(int Id, int Length)> pieces = word.Length <= MostOnStack ? stackalloc (int, int)[MostOnStack] : new (int, int)[word.Length];
        var count = 0;
        for (var at = 0; ; at += length, id = _continuations.FindLongest(word[at..], out length))
        {
            if (id < 0)
            {
                return sink.Add(UnknownTokenId, spans[0].Start, spans[^1].End);
            }

            pieces[count++] = (id, length);
            if (at + length == word.Length)
            {
                break;
            }
        }

        var from = 0;
        foreach (var piece in pieces[..count])
        {
            if (!sink.Add(piece.Id, spans[from].Start, spans[from + piece.Length - 1].End))
            {
                return false;
            }

            from += piece.Length;
        }

        return true;
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var character in text)
        {
            count += char.IsLowSurrogate(character) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Where a word begins and ends whose characters are not kept: its first and its last one once its marks are in canonical order.</summary>
    private struct WordEnds
    {
        private bool _begun; // nothing can come before what is first now
        private int _least;
        private int _most;

        /// <param name="buffer">What the word has so far.</param>
        /// <param name="marks">Where its last marks begin, which are not in order yet.</param>
        public WordEnds(in NormalizedText buffer, int marks)
        {
            _begun = marks > 0;
            (Start, End) = (buffer.Start(0), buffer.EndBefore(Math.Max(marks, 1)));
            _least = int.MaxValue;
            for (var at = marks; at < buffer.Length;)
            {
                Rune.DecodeFromUtf16(buffer.Text[at..], out var rune, out var length);
                Mark(Characters.CombiningClass(rune.Value), buffer.Start(at), buffer.EndBefore(at + length));
                at += length;
            }
        }

        public int Start { get; private set; }

        public int End { get; private set; }

        /// <summary>Characters that are no marks, up to a place.</summary>
        public void Starter(int end)
        {
            (_begun, _most, End) = (true, 0, end);
        }

        /// <summary>A code point of the text.</summary>
        public void Add(BertNormalizer bert, int codePoint, int start, int end)
        {
            if (bert.Clean && Characters.Class(codePoint) == CharacterClass.Removed)
            {
                return;
            }

            Span<char> hangul = stackalloc char[4];
            var parts = bert.StripAccents ? Characters.Decompose(codePoint, hangul) : default;
            if (parts.IsEmpty)
            {
                AddPart(bert, codePoint, start, end);
                return;
            }

            foreach (var part in parts.EnumerateRunes())
            {
                AddPart(bert, part.Value, start, end);
            }
        }

        private void AddPart(BertNormalizer bert, int codePoint, int start, int end)
        {
            var combining = bert.StripAccents ? Characters.CombiningClass(codePoint) : 0;
            var stays = !bert.StripAccents || Characters.Class(codePoint) != CharacterClass.Mark;
            if (combining == 0)
            {
                (_begun, _most) = (true, 0);
                End = stays ? end : End;
            }
            else if (stays)
            {
                Mark(combining, start, end);
            }
        }

        private void Mark(int combining, int start, int end)
        {
            if (!_begun && combining < _least)
            {
                (_least, Start) = (combining, start);
            }

            if (combining >= _most)
            {
                (_most, End) = (combining, end);
            }
        }
    }
}
