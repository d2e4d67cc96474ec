using System.Runtime.InteropServices;

namespace AttnGen.Generation;

/// <summary>Which tokens a text has, and how often each was written after the prompt.</summary>
internal sealed class WrittenTokens
{
    private readonly Dictionary<int, int> _counts;

    /// <summary>With those of the prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="room">Tokens that may follow.</param>
    public WrittenTokens(ReadOnlySpan<int> prompt, int room)
    {
        _counts = new(prompt.Length + room);
        foreach (var id in prompt)
        {
            _counts.TryAdd(id, 0);
        }
    }

    /// <summary>Counts a token that was written.</summary>
    public void Add(int id) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, id, out _)++;

    /// <summary>Lowers the logits of what was there before, in the order of transformers' processors, and then by OpenAI's definition.</summary>
    public void Penalize(Span<float> logits, in SamplingSettings settings)
    {
        var (repetition, frequency, presence) = (settings.RepetitionPenalty, settings.FrequencyPenalty, settings.PresencePenalty);
        foreach (var (id, count) in _counts)
        {
            ref var logit = ref logits[id];
            if (repetition != 1)
            {
                logit = logit < 0 ? logit * repetition : logit / repetition;
            }

            if (count > 0)
            {
                logit = logit - (count * frequency) - presence;
            }
        }
    }
}
