using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>The tokenizer of BERT and its kin: words and punctuation, then the longest pieces of the vocabulary from the left.</summary>
internal sealed class WordPieceTokenizer : PipelineTokenizer
{
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

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink) => TryWord(word, spans, ref sink);

    private protected override void Part(ref NormalizedText normalized, int from, int to, bool atStart, ref TokenSink sink)
    {
        if (_bert is null)
        {
            base.Part(ref normalized, from, to, atStart, ref sink);
            return;
        }

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
}
