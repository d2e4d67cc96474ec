namespace AttnGen.Generation;

/// <summary>Chooses tokens: penalties, temperature, top-k, top-p, min-p, the draw, each as transformers' processors define it and in their order.</summary>
/// <remarks>One thread at a time. Nothing is allocated after the first draw.</remarks>
internal sealed class TokenSampler(int vocabulary)
{
    private readonly CandidateSet _candidates = new(vocabulary);

    /// <summary>The next token.</summary>
    /// <param name="logits">[V]; they are changed.</param>
    /// <param name="written">What was there before; null: it does not matter.</param>
    /// <param name="random">Gives one number for each token that is drawn.</param>
    /// <param name="settings">How.</param>
    /// <exception cref="InvalidOperationException">A logit is not a number, or no token may come.</exception>
    public int Next(Span<float> logits, WrittenTokens? written, ref RandomSource random, in SamplingSettings settings)
    {
        written?.Penalize(logits, settings);
        var max = LogitMath.Max(logits, out var isNumber);
        if (!isNumber || float.IsInfinity(max))
        {
            throw new InvalidOperationException(
                isNumber && max < 0
                    ? "No token may come next: all logits are negative infinity. A constraint forbids every token, and does not let the text end."
                    : $"The model's logits are not finite ({(isNumber ? max : float.NaN)}); are the weights those of this model?");
        }

        if (!settings.Draws)
        {
            return LogitMath.IndexOf(logits, max);
        }

        if (settings.Temperature != 1)
        {
            LogitMath.Divide(logits, settings.Temperature);
            max = LogitMath.Max(logits, out _);
            if (float.IsInfinity(max))
            {
                throw new InvalidOperationException($"A temperature of {settings.Temperature} makes logits infinite; give a larger one, or 0 for the likeliest token.");
            }
        }

        _candidates.Take(logits, settings.TopK);
        _candidates.Weigh(max);
        if (settings.TopP < 1)
        {
            _candidates.KeepShare(settings.TopP);
        }

        if (settings.MinP > 0)
        {
            _candidates.KeepLikely(settings.MinP);
        }

        return _candidates.Draw(random.NextDouble());
    }
}
