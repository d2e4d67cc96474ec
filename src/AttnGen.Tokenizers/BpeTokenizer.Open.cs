using System.Text;

namespace AttnGen.Tokenizers;

// Words without end: which tokens of a word's beginning are the same whatever follows. The merges are done as far as it is read, and beside each is asked
// whether the last symbol that is still certain might have been merged before it with something that is not read. That is a question of its rank alone:
// merges are done in the order of their ranks, so that of the last symbol's merges with what follows only those come into question whose turn it is. Where a
// merge makes a part of one that was learnt earlier (no trainer writes that, but converters do), it comes out of turn, and its turn is all ranks up to the
// last at which that part may be made. A symbol that might have been merged is lost, and the one before it is the last.
internal sealed partial class BpeTokenizer
{
    private const int Never = int.MaxValue;

    private Dictionary<int, Turn[]>? _turns;

    private protected override int Beginning(ref OpenWord word, ref TokenSink sink)
    {
        if (sink.Room == 0 && _unknownToo)
        {
            sink.Refuse();
            return 0;
        }

        // The last character may have the suffix.
        var text = word.Text;
        if (_options.Suffix.Length > 0)
        {
            Rune.DecodeLastFromUtf16(text, out _, out var last);
            text = text[..^last];
        }

        if (word.IsWhole && _options.WholeWords && text.Length <= Vocabulary.Longest)
        {
            return 0; // it may be a token as a whole
        }

        var turns = _turns ??= Turns();
        if (turns.Count == 0 && _merges.Count > 0)
        {
            return 0;
        }

        var most = Most(text);
        var rented = Scratch.Rent<Symbol>(most);
        var cuts = Scratch.Rent<long>(most + 1); // where the text of a symbol begins, and at which byte of a character, if it may be cut there; else −1
        try
        {
            var symbols = new Symbols(rented);
            var unknownFrom = Read(text, word.Spans, word.IsWhole, word.Skipped, ref symbols, cuts);
            var all = rented.AsSpan(0, symbols.Count);
            if (all.IsEmpty && symbols.IsWaiting)
            {
                DropMiddle(ref word);
                return 0;
            }

            cuts[all.Length] = Cut(!symbols.IsWaiting ? text.Length : unknownFrom);
            var known = MergeKnown(all, turns);
            var to = 0;
            for (var at = 0; at <= known; at = at < all.Length ? all[at].Next : Never)
            {
                to = cuts[at] >= 0 ? at : to;
            }

            for (var at = 0; at < to && sink.Add(all[at].Id, all[at].Span.Start, all[at].Span.End);)
            {
                at = all[at].Next;
            }

            if (cuts[to] < 0)
            {
                return 0;
            }

            word.Skipped = (int)(cuts[to] & 3);
            return (int)(cuts[to] >> 2);
        }
        finally
        {
            Scratch.Return(rented);
            Scratch.Return(cuts);
        }
    }

    private protected override void Rest(ref OpenWord word, ref TokenSink sink)
    {
        if (!word.Text.IsEmpty)
        {
            Word(word.Text, word.Spans, 0, ref sink, word.IsWhole, word.Skipped);
        }
    }

    // Its symbols, and where each may be cut off. Returns where the text of the one that waits begins; −1: it cannot be cut there.
    private int Read(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, bool begins, int skipped, ref Symbols symbols, long[] cuts)
    {
        var inOrder = !_options.Bytes && !_options.ByteFallback; // a symbol that waits is then written before what follows it
        var waitsFrom = -1;
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            var span = new TokenSpan(spans[at].Start, spans[at + length - 1].End);
            var (waits, count) = (symbols.IsWaiting, symbols.Count);
            if (_options.Bytes)
            {
                // Each byte is a symbol of its own, as long as none waits.
                var all = rune.EncodeToUtf8(bytes);
                for (var i = at == 0 ? skipped : 0; i < all; i++)
                {
                    (waits, count) = (symbols.IsWaiting, symbols.Count);
                    symbols.Add(_byteIds[bytes[i]], span, _unknown, _options.FuseUnknown);
                    cuts.AsSpan(count, symbols.Count - count).Fill(waits ? -1 : Cut(at) + i);
                }
            }
            else
            {
                Character(rune, span, begins && at == 0, isLast: false, ref symbols);
                for (var i = count; i < symbols.Count; i++)
                {
                    cuts[i] = Cut(!waits ? (i == count ? at : -1)
                        : !inOrder ? -1
                        : i == count ? waitsFrom : at);
                }
            }

            if (symbols.IsWaiting && (!waits || symbols.Count > count))
            {
                waitsFrom = at;
            }

            at += length;
        }

        return inOrder ? waitsFrom : -1;
    }

    private static long Cut(int at) => at < 0 ? -1 : (long)at << 2;

    // Of nothing but unknown characters, which are one token, the first and the last say all.
    private void DropMiddle(ref OpenWord word)
    {
        if (_options.FuseUnknown && !_options.Bytes && !_options.ByteFallback)
        {
            Rune.DecodeFromUtf16(word.Text, out _, out var first);
            Rune.DecodeLastFromUtf16(word.Text, out _, out var last);
            if (first + last < word.Text.Length)
            {
                word.Remove(first, word.Text.Length - last);
            }
        }
    }

    // Merges, and returns the symbol from which on they might be others if more were read.
    private int MergeKnown(Span<Symbol> symbols, Dictionary<int, Turn[]> turns)
    {
        if (symbols.IsEmpty)
        {
            return 0;
        }

        var heap = Scratch.Rent<long>(2 * symbols.Length);
        var made = Scratch.Rent<int>(symbols.Length); // at which rank's turn
        made.AsSpan(0, symbols.Length).Fill(-1);
        var size = 0;
        for (var at = 0; at + 1 < symbols.Length; at++)
        {
            Rank(symbols, at, heap, ref size);
        }

        var (now, last, end) = (-1, symbols.Length - 1, symbols.Length);
        var (turn, before) = NextTurn(turns, symbols[last].Id, now, made: -1, least: 0);
        while (true)
        {
            while (size > 0 && symbols[(int)(heap[0] & 0xFFFFFFFF)].Rank != (int)(heap[0] >> 32))
            {
                Heap.Pop(heap, ref size);
            }

            var next = size > 0 ? (int)(heap[0] >> 32) : Never;
            if (turn != Never && (before ? turn <= Math.Max(now, next) : turn < next && next > now))
            {
                // The last symbol might be merged with what follows.
                var out_ = before;
                now = Math.Max(now, turn);
                end = last;
                last = symbols[last].Previous;
                if (last < 0)
                {
                    break;
                }

                symbols[last].Next = end;
                symbols[last].Rank = NoMerge;
                (turn, before) = NextTurn(turns, symbols[last].Id, now, made[last], out_ ? now : now + 1);
                continue;
            }

            if (next == Never)
            {
                break;
            }

            now = Math.Max(now, next);
            var at = (int)(Heap.Pop(heap, ref size) & 0xFFFFFFFF);
            Join(symbols, at, end, heap, ref size);
            made[at] = now;
            if (symbols[at].Next >= end)
            {
                last = at;
                (turn, before) = NextTurn(turns, symbols[at].Id, now, now, now);
            }
        }

        Scratch.Return(heap);
        Scratch.Return(made);
        return end;
    }

    // The next rank at which a symbol might be merged with what follows it, and whether that may come before the merges of that rank that are known.
    private static (int Rank, bool Before) NextTurn(Dictionary<int, Turn[]> turns, int id, int now, int made, int least)
    {
        var (rank, before) = (Never, false);
        if (!turns.TryGetValue(id, out var all))
        {
            return (rank, before);
        }

        foreach (var turn in all)
        {
            // Made out of turn, or what follows is made out of turn.
            var early = (made == now && turn.Rank < now) || turn.Last >= Math.Max(turn.Rank, now);
            var at = early ? Math.Max(turn.Rank, now) : turn.Rank >= least ? turn.Rank : Never;
            if (at < rank || (at == rank && early))
            {
                (rank, before) = (at, early && at != Never);
            }
        }

        return (rank, before);
    }

    // For each symbol its merges with what follows. Empty: there are merges that make nothing longer, of which nothing can be said.
    private Dictionary<int, Turn[]> Turns()
    {
        var merges = _merges.Select(merge => (Pair: Parts(merge.Key), merge.Value.Rank, merge.Value.Id)).ToArray();
        var lengths = new Dictionary<int, int>();
        foreach (var piece in List.Pieces)
        {
            lengths[piece.Id] = piece.Length;
        }

        // The last rank at which a symbol may be made: its parts are shorter, so these are known before it.
        var lasts = new Dictionary<int, int>();
        foreach (var merge in merges.OrderBy(merge => lengths[merge.Id]))
        {
            if (lengths[merge.Id] <= Math.Max(lengths[merge.Pair.Left], lengths[merge.Pair.Right]))
            {
                return [];
            }

            var last = Math.Max(merge.Rank, Math.Max(Last(merge.Pair.Left), Last(merge.Pair.Right)));
            lasts[merge.Id] = Math.Max(last, Last(merge.Id));
        }

        return merges.GroupBy(merge => merge.Pair.Left).ToDictionary(group => group.Key, group => group.Select(merge => new Turn(merge.Rank, Last(merge.Pair.Right))).ToArray());

        int Last(int id) => lasts.TryGetValue(id, out var last) ? last : -1;
    }

    // Of the rank of a merge, and the last rank at which its right part may be made.
    private readonly record struct Turn(int Rank, int Last);
}
