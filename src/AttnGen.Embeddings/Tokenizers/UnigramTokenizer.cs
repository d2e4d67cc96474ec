using System.Text;

namespace AttnGen.Embeddings;

/// <summary>SentencePiece's Unigram model: the pieces whose probabilities multiply to the most. XLM-R, ALBERT.</summary>
internal sealed class UnigramTokenizer : PipelineTokenizer
{
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly int[] _byteIds;

    /// <param name="settings">What all tokenizers have.</param>
    /// <param name="list">The vocabulary; ids are positions.</param>
    /// <param name="vocabulary">The vocabulary as a table.</param>
    /// <param name="scores">Log probabilities.</param>
    /// <param name="unknown">The unknown token.</param>
    /// <param name="pipeline">What the text goes through.</param>
    /// <param name="byteFallback">An unknown text is the tokens of its bytes, such as &lt;0x0A&gt;.</param>
    public UnigramTokenizer(TokenizerSettings settings, PieceList list, PieceTable vocabulary, double[] scores, int unknown, TextPipeline pipeline, bool byteFallback = false)
        : base(settings, list, vocabulary, pipeline)
    {
        _scores = scores;
        _unknownScore = scores.Min() - UnknownPenalty;
        _unknown = unknown;
        _byteIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(one => vocabulary.Find(FormattableString.Invariant($"<0x{one:X2}>")))] : [];
    }

    public override string Kind => "Unigram";

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        if (sink.Room == 0)
        {
            sink.Refuse();
            return;
        }

        var rented = Scratch.Rent<Node>(word.Length + 1);
        var best = rented.AsSpan(0, word.Length + 1);
        best.Fill(new Node { Start = -1 });
        for (var start = 0; start < word.Length;)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out var one);
            var here = best[start].Score;
            var single = false;
            var matches = Vocabulary.Prefixes(word[start..]);
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

        // Backwards along the best path, which is turned round in place: Following says where each piece ends.
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

            if (id == _unknown && _byteIds.Length > 0 && TryBytes(word[start..end], new TokenSpan(spans[start].Start, spans[end - 1].End), ref sink))
            {
                if (sink.Overflowed)
                {
                    break;
                }
            }
            else if (!sink.Add(id, spans[start].Start, spans[end - 1].End))
            {
                break;
            }

            start = end;
        }

        Scratch.Return(rented);

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

    private bool TryBytes(ReadOnlySpan<char> text, TokenSpan span, ref TokenSink sink)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var one in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (_byteIds[one] < 0)
                {
                    return false;
                }
            }
        }

        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var one in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (!sink.Add(_byteIds[one], span.Start, span.End))
                {
                    return true;
                }
            }
        }

        return true;
    }

    private struct Node
    {
        public double Score;
        public int Start;
        public int Id;
        public int Following;
    }
}
