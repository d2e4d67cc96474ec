namespace AttnGen.Generation;

/// <summary>Logarithms of probabilities, of the model's logits as they are.</summary>
internal static class LogProbabilityReader
{
    /// <summary>The likeliest tokens, of equally likely ones the first, and what is taken off a logit to make it a logarithm.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="most">How many.</param>
    /// <param name="weights">[V], scratch.</param>
    public static ((int Id, float LogProbability)[] Top, double Base) Read(ReadOnlySpan<float> logits, int most, Span<float> weights)
    {
        var max = LogitMath.Max(logits, out _);
        LogitMath.Exponentials(logits, max, weights);
        var all = max + Math.Log(LogitMath.Sum(weights[..logits.Length]));
        var top = new (int Id, float LogProbability)[most];
        var count = 0;
        for (var i = 0; i < logits.Length && most > 0; i++)
        {
            if (count == most && !(logits[i] > top[^1].LogProbability))
            {
                continue;
            }

            var at = count == most ? most - 1 : count++;
            for (; at > 0 && logits[i] > top[at - 1].LogProbability; at--)
            {
                top[at] = top[at - 1];
            }

            top[at] = (i, logits[i]);
        }

        for (var i = 0; i < most; i++)
        {
            top[i].LogProbability = (float)(top[i].LogProbability - all);
        }

        return (top, all);
    }
}
