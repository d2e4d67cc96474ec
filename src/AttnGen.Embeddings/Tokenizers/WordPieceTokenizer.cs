using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>The tokenizer of BERT and its kin: words and punctuation, then the longest pieces of the vocabulary from the left.</summary>
internal sealed class WordPieceTokenizer : TextTokenizer
{
    private readonly BertNormalizer _normalizer;
    private readonly AddedTokens _normalized;
    private readonly PieceTable _starts;
    private readonly PieceTable _continuations;
    private readonly PieceList _list;
    private readonly int _longestWord;

    public WordPieceTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, BertNormalizer normalizer, string prefix = "##", int longestWord = 100)
        : base(settings)
    {
        _list = list;
        _normalizer = normalizer;
        _longestWord = longestWord;
        _starts = vocabulary;
        _continuations = new PieceTable(list, prefix);
        _normalized = new AddedTokens(settings.AddedTokens.Where(token => token.Normalized).Select(Normalize));
    }

    public override string Kind => "WordPiece";

    public override int? FindId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var id = _starts.Find(token);
        return id < 0 ? null : id;
    }

    public override string? FindToken(int id) => _list.Find(id);

    private protected override void EncodePlain(ReadOnlySpan<char> text, bool atStart, ref TokenSink sink)
    {
        var normalized = new NormalizedText(text.Length + (text.Length >> 3) + 16);
        try
        {
            _normalizer.Normalize(text, ref normalized);
            var done = 0;
            while (!sink.Overflowed && !_normalized.IsEmpty && _normalized.TryFind(normalized.Text, done, out var match))
            {
                Words(ref normalized, done, match.Start, ref sink);
                if (!sink.Overflowed)
                {
                    sink.Add(match.Id, normalized.Start(match.Start), normalized.EndBefore(match.End));
                }

                done = match.End;
            }

            if (!sink.Overflowed)
            {
                Words(ref normalized, done, normalized.Length, ref sink);
            }
        }
        finally
        {
            normalized.Dispose();
        }
    }

    private void Words(ref NormalizedText normalized, int from, int to, ref TokenSink sink)
    {
        var text = normalized.Text[..to];
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
                if ((start < at && !Word(ref normalized, start, at, ref sink))
                    || (!splits && !Word(ref normalized, at, at + length, ref sink)))
                {
                    return;
                }

                start = at + length;
            }

            at += length;
        }

        if (start < to)
        {
            Word(ref normalized, start, to, ref sink);
        }
    }

    [SkipLocalsInit]
    private bool Word(ref NormalizedText normalized, int from, int to, ref TokenSink sink)
    {
        const int MostOnStack = 128;
        var word = normalized.Text[from..to];
        var id = -1;
        var length = 0;
        if (word.Length <= _longestWord || CodePoints(word) <= _longestWord)
        {
            id = _starts.FindLongest(word, out length);
        }

        if (id < 0 || length == word.Length)
        {
            return sink.Add(id < 0 ? UnknownTokenId : id, normalized.Start(from), normalized.EndBefore(to));
        }

        // The word is unknown as a whole if any part of it is: nothing is given out before the end is reached.
        Span<(int Id, int Length)> pieces = word.Length <= MostOnStack ? stackalloc (int, int)[MostOnStack] : new (int, int)[word.Length];
        var count = 0;
        for (var at = 0; ; at += length, id = _continuations.FindLongest(word[at..], out length))
        {
            if (id < 0)
            {
                return sink.Add(UnknownTokenId, normalized.Start(from), normalized.EndBefore(to));
            }

            pieces[count++] = (id, length);
            if (at + length == word.Length)
            {
                break;
            }
        }

        foreach (var piece in pieces[..count])
        {
            if (!sink.Add(piece.Id, normalized.Start(from), normalized.EndBefore(from + piece.Length)))
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

    private AddedToken Normalize(AddedToken token)
    {
        var normalized = new NormalizedText(token.Content.Length + 16);
        _normalizer.Normalize(token.Content, ref normalized);
        var content = normalized.Text.ToString();
        normalized.Dispose();
        return token with { Content = content };
    }
}
