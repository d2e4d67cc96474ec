using System.Buffers;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>How a Unigram model's text is split before the best pieces are looked for.</summary>
/// <param name="SplitWhiteSpace">At white space, which goes.</param>
/// <param name="Prefix">Whether ▁ is put before: always, only at the beginning of the text, never.</param>
/// <param name="SplitMarks">Before each ▁.</param>
internal sealed record UnigramOptions(bool SplitWhiteSpace, UnigramPrefix Prefix, bool SplitMarks);

/// <summary>Where ▁ is put before a part.</summary>
internal enum UnigramPrefix
{
    Always,
    First,
    Never,
}

/// <summary>SentencePiece's Unigram model: the pieces whose probabilities multiply to the most. XLM-R, ALBERT.</summary>
internal sealed class UnigramTokenizer : TextTokenizer
{
    private const char Mark = '\u2581';
    private const double UnknownPenalty = 10;

    private readonly PieceList _list;
    private readonly PieceTable _vocabulary;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly NormalizerStep[] _steps;
    private readonly UnigramOptions _options;
    private readonly AddedTokens _normalized;

    public UnigramTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, double[] scores, int unknown, NormalizerStep[] steps, UnigramOptions options)
        : base(settings)
    {
        _list = list;
        _vocabulary = vocabulary;
        _scores = scores;
        _unknownScore = scores.Min() - UnknownPenalty;
        _unknown = unknown;
        _steps = steps;
        _options = options;
        _normalized = new AddedTokens(settings.AddedTokens.Where(token => token.Normalized).Select(Normalize));
    }

    public override string Kind => "Unigram";

    public override int? FindId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var id = _vocabulary.Find(token);
        return id < 0 ? null : id;
    }

    public override string? FindToken(int id) => _list.Find(id);

    private protected override void EncodePlain(ReadOnlySpan<char> text, bool atStart, ref TokenSink sink)
    {
        var normalized = new NormalizedText(text.Length + 16);
        try
        {
            NormalizerStep.Apply(_steps, text, ref normalized);
            var done = 0;
            while (!sink.Overflowed && !_normalized.IsEmpty && _normalized.TryFind(normalized.Text, done, out var match))
            {
                Part(ref normalized, done, match.Start, atStart, ref sink);
                if (!sink.Overflowed)
                {
                    sink.Add(match.Id, normalized.Start(match.Start), normalized.EndBefore(match.End));
                }

                done = match.End;
            }

            if (!sink.Overflowed)
            {
                Part(ref normalized, done, normalized.Length, atStart, ref sink);
            }
        }
        finally
        {
            normalized.Dispose();
        }
    }

    private void Part(ref NormalizedText normalized, int from, int to, bool atStart, ref TokenSink sink)
    {
        var marked = new NormalizedText(to - from + 16);
        try
        {
            for (var at = from; at < to && !sink.Overflowed;)
            {
                var start = at;
                if (_options.SplitWhiteSpace)
                {
                    while (start < to && Characters.IsWhiteSpace(normalized.Text[start]))
                    {
                        start++;
                    }
                }

                var end = start;
                while (end < to && !(_options.SplitWhiteSpace && Characters.IsWhiteSpace(normalized.Text[end])))
                {
                    end++;
                }

                at = end;
                if (start == end)
                {
                    continue;
                }

                marked.Clear();
                var first = normalized.Text[start];
                if (first is not (' ' or Mark) && (_options.Prefix == UnigramPrefix.Always
                    || (_options.Prefix == UnigramPrefix.First && atStart && normalized.Start(start) == 0)))
                {
                    marked.Add(Mark, normalized.Start(start), normalized.Start(start));
                }

                for (var i = start; i < end; i++)
                {
                    var character = normalized.Text[i];
                    marked.Add(character == ' ' ? Mark : character, normalized.Spans[i].Start, normalized.Spans[i].End);
                }

                Words(ref marked, ref sink);
            }
        }
        finally
        {
            marked.Dispose();
        }
    }

    private void Words(ref NormalizedText marked, ref TokenSink sink)
    {
        for (var at = 0; at < marked.Length && !sink.Overflowed;)
        {
            var next = _options.SplitMarks ? marked.Text[(at + 1)..].IndexOf(Mark) : -1;
            var end = next < 0 ? marked.Length : at + 1 + next;
            Word(marked.Text[at..end], marked.Spans[at..end], ref sink);
            at = end;
        }
    }

    private void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        var rented = ArrayPool<Node>.Shared.Rent(word.Length + 1);
        var best = rented.AsSpan(0, word.Length + 1);
        best.Fill(new Node { Start = -1 });
        for (var start = 0; start < word.Length;)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out var one);
            var here = best[start].Score;
            var single = false;
            var matches = _vocabulary.Prefixes(word[start..]);
            while (matches.MoveNext(out var id, out var length))
            {
                single |= length == one;
                Offer(ref best[start + length], here + _scores[id], start, id);
            }

            if (!single)
            {
                Offer(ref best[start + one], here + _unknownScore, start, _unknown);
            }

            start += one;
        }

        // Backwards along the best path, which is turned round in place: Length says where each piece ends.
        for (var end = word.Length; end > 0;)
        {
            var start = best[end].Start;
            best[start].Following = end;
            end = start;
        }

        for (var start = 0; start < word.Length;)
        {
            var end = best[start].Following;
            var id = best[end].Id;

            // Neighbouring unknown characters are one token.
            while (id == _unknown && end < word.Length && best[best[end].Following].Id == _unknown)
            {
                end = best[end].Following;
            }

            if (!sink.Add(id, spans[start].Start, spans[end - 1].End))
            {
                break;
            }

            start = end;
        }

        ArrayPool<Node>.Shared.Return(rented);

        static void Offer(ref Node node, double score, int start, int id)
        {
            if (node.Start < 0 || score > node.Score)
            {
                node.Score = score;
                node.Start = start;
                node.Id = id;
            }
        }
    }

    private AddedToken Normalize(AddedToken token)
    {
        var normalized = new NormalizedText(token.Content.Length + 16);
        NormalizerStep.Apply(_steps, token.Content, ref normalized);
        var content = normalized.Text.ToString();
        normalized.Dispose();
        return token with { Content = content };
    }

    private struct Node
    {
        public double Score;
        public int Start;
        public int Id;
        public int Following;
    }
}
