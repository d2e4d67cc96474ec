using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>The merges of a SentencePiece model of type BPE, which has pieces with scores instead: as the reference derives them.</summary>
internal static class SentencePieceMerges
{
    /// <summary>Each way to put a piece together from two others; those of the best score first, of one score those with the longer left and then right part.</summary>
    /// <param name="pieces">The pieces; ids are positions.</param>
    /// <param name="vocabulary">The same as a table.</param>
    /// <param name="scores">A score for each piece.</param>
    /// <returns>Left and right parts, one after the other.</returns>
    public static PieceList Read(PieceList pieces, PieceTable vocabulary, IReadOnlyList<float> scores)
    {
        var all = new List<Merge>(2 * pieces.Count);
        var own = new List<Merge>();
        for (var id = 0; id < pieces.Count; id++)
        {
            var text = pieces[id];
            if (vocabulary.Find(text) != id)
            {
                continue; // there once more, further on
            }

            own.Clear();
            var length = text.Length - CountSecondHalves(text);
            for (var (at, left) = (0, 0); ;)
            {
                Rune.DecodeFromUtf16(text[at..], out _, out var one);
                (at, left) = (at + one, left + 1);
                if (at >= text.Length)
                {
                    break;
                }

                if (vocabulary.Find(text[..at]) is >= 0 and var first && vocabulary.Find(text[at..]) is >= 0 and var second)
                {
                    own.Add(new Merge(id, at, first, second, left, length - left));
                }
            }

            own.Sort(static (a, b) => (a.First, a.Second).CompareTo((b.First, b.Second)));
            all.AddRange(own);
        }

        var merges = new PieceList(1 << 16, 2 * all.Count + 1);
        foreach (var merge in all.OrderByDescending(merge => scores[merge.Id]).ThenByDescending(static merge => merge.Left).ThenByDescending(static merge => merge.Right))
        {
            merges.Add(pieces[merge.Id][..merge.At], merges.Count);
            merges.Add(pieces[merge.Id][merge.At..], merges.Count);
        }

        return merges;
    }

    private static int CountSecondHalves(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var character in text)
        {
            count += char.IsLowSurrogate(character) ? 1 : 0;
        }

        return count;
    }

    /// <param name="Id">What is made.</param>
    /// <param name="At">Where the second part begins in it.</param>
    /// <param name="First">Id of the first part.</param>
    /// <param name="Second">Id of the second part.</param>
    /// <param name="Left">Code points of the first part.</param>
    /// <param name="Right">Code points of the second part.</param>
    private readonly record struct Merge(int Id, int At, int First, int Second, int Left, int Right);
}
