using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>Pieces that are not the vocabulary itself.</summary>
/// <param name="Table">The pieces; ids are positions.</param>
/// <param name="Ids">The vocabulary's id of each.</param>
internal sealed record UnigramPieces(PieceTable Table, int[] Ids);

/// <summary>SentencePiece's Unigram model: the pieces whose probabilities multiply to the most. XLM-R, ALBERT.</summary>
internal sealed class UnigramTokenizer : PipelineTokenizer
{
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly int[] _byteIds;
    private readonly bool _allBytes;
    private readonly PieceTable _pieces;
    private readonly int[]? _ids; // null: a piece's position is its id

    /// <param name="settings">What all tokenizers have.</param>
    /// <param name="list">The vocabulary; ids are positions, unless there are pieces.</param>
    /// <param name="vocabulary">The vocabulary as a table.</param>
    /// <param name="scores">Log probabilities.</param>
    /// <param name="unknown">The unknown token.</param>
    /// <param name="pipeline">What the text goes through.</param>
    /// <param name="byteFallback">An unknown text is the tokens of its bytes, such as &lt;0x0A&gt;.</param>
    /// <param name="pieces">What words are made of, where that is not the vocabulary: scores and the unknown token are those of the pieces.</param>
    public UnigramTokenizer(
        TokenizerSettings settings, PieceList list, PieceTable vocabulary, double[] scores, int unknown, TextPipeline pipeline, bool byteFallback = false,
        UnigramPieces? pieces = null)
        : base(settings, list, vocabulary, pipeline)
    {
        (_pieces, _ids) = pieces is null ? (vocabulary, null) : (pieces.Table, pieces.Ids);
        _scores = scores;
        _unknownScore = scores.Min() - UnknownPenalty;
        _unknown = unknown;
        _byteIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(one => vocabulary.Find(FormattableString.Invariant($"<0x{one:X2}>")))] : [];
        _allBytes = byteFallback && Array.TrueForAll(_byteIds, static id => id >= 0);
    }

    public override string Kind => "Unigram";

    private int Id(int piece) => _ids is null ? piece : _ids[piece];

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        var none = default(OpenWord);
        Read(word, spans, goesOn: false, ref none, ref sink);
    }

    private protected override int Beginning(ref OpenWord word, ref TokenSink sink) => Read(word.Text, word.Spans, goesOn: true, ref word, ref sink);

    private protected override void Rest(ref OpenWord word, ref TokenSink sink)
    {
        if (!word.Text.IsEmpty)
        {
            Read(word.Text, word.Spans, goesOn: false, ref word, ref sink);
        }
        else if (word.IsUnknown)
        {
            sink.Add(Id(_unknown), word.Unknown.Start, word.Unknown.End);
        }
    }

    // Returns how far the tokens are certain.
    private int Read(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, bool goesOn, ref OpenWord open, ref TokenSink sink)
    {
        if (sink.Room == 0)
        {
            sink.Refuse();
            return 0;
        }

        var rented = Scratch.Rent<Node>(word.Length + 1);
        var best = rented.AsSpan(0, word.Length + 1);
        best.Fill(new Node { Start = -1 });
        best[0].Score = open.Score;
        for (var start = 0; start < word.Length;)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out var one);
            var here = best[start].Score;
            var single = false;
            var matches = _pieces.Prefixes(word[start..]);
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

        var to = goesOn ? Certain(best) : word.Length;

        // Backwards along the best path, which is turned round in place: Following says where each piece ends.
        for (var end = to; end > 0;)
        {
            var start = best[end].Start;
            best[start].Following = end;
            end = start;
        }

        var score = best[to].Score;
        for (var start = 0; start < to;)
        {
            var end = best[start].Following;
            var id = best[end].Id;

            // Neighbouring unknown characters are one token.
            while (id == _unknown && end < to && best[best[end].Following].Id == _unknown)
            {
                end = best[end].Following;
            }

            if (open.IsUnknown)
            {
                var begun = open.Unknown;
                open.IsUnknown = false;
                if (id == _unknown)
                {
                    // The same token goes on.
                    var span = new TokenSpan(begun.Start, spans[end - 1].End);
                    if (goesOn && end == to)
                    {
                        (open.IsUnknown, open.Unknown) = (true, span);
                    }
                    else if (!sink.Add(Id(_unknown), span.Start, span.End))
                    {
                        break;
                    }

                    start = end;
                    continue;
                }

                if (!sink.Add(Id(_unknown), begun.Start, begun.End))
                {
                    break;
                }
            }

            // Bytes are the same whatever follows, but those of all of them stand for all of them, and if one has no token none has.
            if (id == _unknown && goesOn && end == to && !(_allBytes && !sink.KeepsSpans))
            {
                if (_byteIds.Length == 0)
                {
                    (open.IsUnknown, open.Unknown) = (true, new TokenSpan(spans[start].Start, spans[end - 1].End));
                }
                else
                {
                    (to, score) = (start, best[start].Score);
                }

                break;
            }

            if (id == _unknown && _byteIds.Length > 0 && TryBytes(word[start..end], new TokenSpan(spans[start].Start, spans[end - 1].End), ref sink))
            {
                if (sink.Overflowed)
                {
                    break;
                }
            }
            else if (!sink.Add(Id(id), spans[start].Start, spans[end - 1].End))
            {
                break;
            }

            start = end;
        }

        Scratch.Return(rented);
        open.Score = score;
        return to;

        // The last place that all paths go through that may go on beyond the end: the best ones to the places from which a piece may reach it.
        int Certain(ReadOnlySpan<Node> best)
        {
            var length = best.Length - 1;
            var live = Scratch.Rent<bool>(best.Length);
            live.AsSpan(0, best.Length).Clear();
            var reach = Math.Max(length - Math.Max(_pieces.Longest, 2), 0);
            var count = 0;
            var at = length;
            for (; at > 0; at--)
            {
                if (at > reach ? best[at].Start < 0 : !live[at])
                {
                    continue;
                }

                if (at <= reach && count == 1)
                {
                    break;
                }

                count -= live[at] ? 1 : 0;
                ref var before = ref live[best[at].Start];
                count += before ? 0 : 1;
                before = true;
            }

            Scratch.Return(live);
            return at;
        }

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
