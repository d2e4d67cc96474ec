namespace AttnGen.Tokenizers;

// Characters that NFC leaves alone, whatever stands around them.
internal static partial class Nfc
{
    private const int PageSize = 256;

    private static readonly ulong[]?[] s_pages = new ulong[(char.MaxValue + 1) / PageSize][];

    // Whether a text is of such characters alone. Of pairs of surrogates those of emoji are looked at and no others.
    private static bool AreStable(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if (char.IsSurrogate(character))
            {
                if (character is not (>= '\uD83C' and <= '\uD83E') || ++at == text.Length || !char.IsLowSurrogate(text[at]))
                {
                    return false;
                }
            }
            else if (((s_pages[character / PageSize] ??= Page(character / PageSize))[character % PageSize / 64] >> (character % 64) & 1) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static ulong[] Page(int number)
    {
        var bits = new ulong[PageSize / 64];
        var text = new char[1];
        var normalized = new NormalizedText(MostCompatible);
        try
        {
            for (var i = 0; i < PageSize; i++)
            {
                var character = (char)(number * PageSize + i);
                if (char.IsSurrogate(character) || !StartsAnew(character, parts: default))
                {
                    continue;
                }

                normalized.Clear();
                text[0] = character;
                Normalize(text, ref normalized);
                if (normalized.Text is [var only] && only == character)
                {
                    bits[i / 64] |= 1UL << (i % 64);
                }
            }
        }
        finally
        {
            normalized.Dispose();
        }

        return bits;
    }
}
