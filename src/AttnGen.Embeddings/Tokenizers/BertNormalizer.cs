using System.Text;

namespace AttnGen.Embeddings;

/// <summary>BERT's normalisation: controls away, ideographs between spaces, accents away, lower case.</summary>
/// <param name="Clean">Remove controls, U+0000 and U+FFFD; white space to spaces.</param>
/// <param name="SpaceIdeographs">Spaces around CJK ideographs.</param>
/// <param name="StripAccents">Decompose and remove nonspacing marks.</param>
/// <param name="Lower">Lower case, character by character.</param>
internal sealed record BertNormalizer(bool Clean, bool SpaceIdeographs, bool StripAccents, bool Lower)
{
    /// <summary>Normalises a text.</summary>
    /// <remarks>An unpaired surrogate is U+FFFD, as it is when the text goes through UTF-8.</remarks>
    public void Normalize(ReadOnlySpan<char> text, ref NormalizedText to)
    {
        Span<char> hangul = stackalloc char[4];
        var run = 0; // where the run of combining marks begins that the next one may be sorted into
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            int codePoint = text[at];
            if (codePoint < 0x80)
            {
                at++;
            }
            else
            {
                Rune.DecodeFromUtf16(text[at..], out var rune, out var consumed);
                codePoint = rune.Value;
                at += consumed;
            }

            var kind = Characters.Class(codePoint);
            if (Clean)
            {
                if (kind == CharacterClass.Removed)
                {
                    continue;
                }

                if (kind == CharacterClass.Space)
                {
                    codePoint = ' ';
                }
            }

            if (codePoint < 0x80)
            {
                to.Add((char)(Lower ? Characters.ToLower(codePoint) : codePoint), start, at);
                run = to.Length;
                continue;
            }

            var spaced = SpaceIdeographs && kind == CharacterClass.Ideograph;
            if (spaced)
            {
                to.Add(' ', start, start);
                run = to.Length;
            }

            var parts = StripAccents ? Characters.Decompose(codePoint, hangul) : default;
            if (parts.IsEmpty)
            {
                AddLower(ref to, codePoint, start, at, ref run);
            }
            else
            {
                foreach (var part in parts.EnumerateRunes())
                {
                    AddLower(ref to, part.Value, start, at, ref run);
                }
            }

            if (spaced)
            {
                to.Add(' ', at, at);
                run = to.Length;
            }
        }
    }

    private void AddLower(ref NormalizedText to, int codePoint, int start, int end, ref int run)
    {
        var combining = StripAccents ? Characters.CombiningClass(codePoint) : 0;
        if (!StripAccents || Characters.Class(codePoint) != CharacterClass.Mark)
        {
            var before = to.Length;
            if (Lower && codePoint == 0x130)
            {
                to.Add('i', start, end);
                to.Add('\u0307', start, end);
            }
            else
            {
                to.AddCodePoint(Lower ? Characters.ToLower(codePoint) : codePoint, start, end);
            }

            if (combining != 0)
            {
                Sort(ref to, before, combining, run);
            }
        }

        if (combining == 0)
        {
            run = to.Length;
        }
    }

    // Canonical order: a mark goes before those of a higher class that stand directly before it.
    private static void Sort(ref NormalizedText to, int at, int combining, int run)
    {
        var place = at;
        while (place > run)
        {
            Rune.DecodeLastFromUtf16(to.Text[run..place], out var previous, out var length);
            if (Characters.CombiningClass(previous.Value) <= combining)
            {
                break;
            }

            place -= length;
        }

        if (place < at)
        {
            to.MoveLast(to.Length - at, place);
        }
    }
}
