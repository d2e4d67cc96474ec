namespace AttnGen.Decode;

/// <summary>
/// Whether a decoder computes what AttnGen computes: the same greedy ids, and logits within a tolerance, of single steps, of a prompt at once and of
/// several sequences in a pass. It is asked before any time is measured.
/// </summary>
/// <param name="Name">Who.</param>
/// <param name="Difference">The largest difference of a logit, as a part of the largest logit of its step.</param>
/// <param name="Tolerance">How large it may be.</param>
/// <param name="FirstOther">The first greedy step whose id is another; −1: none is.</param>
/// <param name="Steps">How many there are.</param>
internal sealed record Agreement(string Name, float Difference, float Tolerance, int FirstOther, int Steps)
{
    private const int Prompt = 8, Greedy = 24;

    /// <summary>Ids may differ where the cache is of 16 bits: two logits can be nearer to each other than its error.</summary>
    public bool Holds => Difference <= Tolerance && (FirstOther < 0 || Tolerance >= Decoders.HalfTolerance);

    /// <summary>Compares everybody with the first.</summary>
    public static List<Agreement> Of(List<Decoder> decoders, int[] text, int together)
    {
        int longest = Math.Min(128, text.Length / 2);
        float[][] steps = Choose(decoders[0], text, null, out int[] ids);
        float[] prompt = Whole(decoders[0], text.AsSpan(0, longest));
        float[][] several = Together(decoders[0], text, together) ?? [];
        return decoders.Skip(1).Select(decoder =>
        {
            float[][] other = Choose(decoder, text, ids, out int[] otherIds);
            float difference = Math.Max(Apart(steps, other), Apart([prompt], [Whole(decoder, text.AsSpan(0, longest))]));
            if (Together(decoder, text, together) is { } otherSeveral) difference = Math.Max(difference, Apart(several, otherSeveral));
            return new Agreement(decoder.Name, difference, decoder.Tolerance, Array.FindIndex(ids.Zip(otherIds).ToArray(), pair => pair.First != pair.Second), ids.Length);
        }).ToList();
    }

    /// <summary>Greedy steps; those of others are fed what AttnGen chose, so that one near tie does not hide the rest.</summary>
    private static float[][] Choose(Decoder decoder, int[] text, int[]? fed, out int[] chosen)
    {
        decoder.Back(0);
        var logits = new float[Greedy][];
        chosen = new int[Greedy];
        logits[0] = decoder.Append(text.AsSpan(0, Prompt)).ToArray();
        for (int i = 0; ; i++)
        {
            chosen[i] = Array.IndexOf(logits[i], logits[i].Max());
            if (i == Greedy - 1) break;
            logits[i + 1] = decoder.Append([fed is null ? chosen[i] : fed[i]]).ToArray();
        }

        decoder.Back(0);
        return logits;
    }

    private static float[] Whole(Decoder decoder, ReadOnlySpan<int> text)
    {
        decoder.Back(0);
        float[] logits = decoder.Append(text).ToArray();
        decoder.Back(0);
        return logits;
    }

    private static float[][]? Together(Decoder decoder, int[] text, int count)
    {
        using DecoderBatch? batch = decoder.Together(count, text.AsSpan(0, 16));
        if (batch is null) return null;
        batch.Append(text.AsSpan(20, count));
        return [.. Enumerable.Range(0, count).Select(i => batch.Logits(i).ToArray())];
    }

    private static float Apart(float[][] a, float[][] b) => a.Zip(b).Max(pair => pair.First.Zip(pair.Second).Max(logit => MathF.Abs(logit.First - logit.Second)) / pair.First.Max(MathF.Abs));
}
