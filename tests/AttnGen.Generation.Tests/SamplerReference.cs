namespace AttnGen.Generation.Tests;

/// <summary>The processors of transformers in double precision, written from their definitions: whole rows, sorted, with nothing clever.</summary>
internal static class SamplerReference
{
    /// <summary>The probability of each token.</summary>
    public static double[] Probabilities(float[] logits, IReadOnlyList<int> prompt, IReadOnlyList<int> written, SamplingSettings settings)
    {
        var scores = logits.Select(logit => (double)logit).ToArray();
        foreach (var id in prompt.Concat(written).Distinct())
        {
            scores[id] = scores[id] < 0 ? scores[id] * settings.RepetitionPenalty : scores[id] / settings.RepetitionPenalty;
        }

        foreach (var group in written.GroupBy(id => id))
        {
            scores[group.Key] -= group.Count() * (double)settings.FrequencyPenalty + settings.PresencePenalty;
        }

        if (!settings.Draws)
        {
            var best = Array.IndexOf(scores, scores.Max());
            return [.. scores.Select((_, i) => i == best ? 1.0 : 0)];
        }

        scores = [.. scores.Select(score => score / settings.Temperature)];
        if (settings.TopK > 0)
        {
            // scores < torch.topk(scores, k)[0][..., -1, None]
            var kth = scores.OrderDescending().ElementAt(Math.Min(settings.TopK, scores.Length) - 1);
            scores = [.. scores.Select(score => score < kth ? double.NegativeInfinity : score)];
        }

        if (settings.TopP < 1)
        {
            // sort ascending (stable), softmax, cumsum, remove where cumulative <= 1 - top_p, keep the last
            var order = Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ToArray();
            var probabilities = Softmax(scores);
            double sum = 0;
            for (var at = 0; at < order.Length - 1; at++)
            {
                sum += probabilities[order[at]];
                if (sum <= 1 - (double)settings.TopP)
                {
                    scores[order[at]] = double.NegativeInfinity;
                }
            }
        }

        if (settings.MinP > 0)
        {
            var probabilities = Softmax(scores);
            var least = settings.MinP * probabilities.Max();
            scores = [.. scores.Select((score, i) => probabilities[i] < least ? double.NegativeInfinity : score)];
        }

        return Softmax(scores);
    }

    private static double[] Softmax(double[] scores)
    {
        var max = scores.Max();
        var weights = scores.Select(score => Math.Exp(score - max)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
