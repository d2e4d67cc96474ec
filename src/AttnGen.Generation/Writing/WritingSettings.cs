using System.Security.Cryptography;

namespace AttnGen.Generation;

/// <summary>What options and folder come to for one text.</summary>
internal sealed class WritingSettings
{
    /// <summary>Tokens that go through a pass at a time without more scratch.</summary>
    private const int MostGuesses = 31;

    private const int TransformersTopK = 50;

    public required SamplingSettings Sampling { get; init; }

    public required int? MaxOutputTokens { get; init; }

    public required long Seed { get; init; }

    public required int[] StopIds { get; init; }

    public required string[] StopSequences { get; init; }

    public required GenerationOptions Options { get; init; }

    /// <summary>Puts options over what the folder says.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static WritingSettings Resolve(GenerationOptions? options, FolderGeneration folder, int vocabulary)
    {
        options ??= s_none;
        Check(options, vocabulary);
        var draws = options.Sample ?? (options.Temperature is { } temperature ? temperature > 0 : options.TopK is not null || options.TopP is not null || options.MinP is not null || (folder.Draws ?? false));
        var divisor = options.Temperature ?? folder.Temperature ?? 1;
        return new WritingSettings
        {
            Options = options,
            MaxOutputTokens = options.MaxOutputTokens ?? folder.MaxNewTokens,
            Seed = options.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))),
            StopIds = options.IgnoreStopTokens ? [] : [.. folder.StopIds.Where(id => id < vocabulary), .. options.StopTokenIds ?? []],
            StopSequences = [.. options.StopSequences ?? []],
            Sampling = new SamplingSettings
            {
                Draws = draws && divisor > 0,
                Temperature = divisor > 0 ? divisor : 1,
                TopK = options.TopK ?? folder.TopK ?? TransformersTopK,
                TopP = options.TopP ?? folder.TopP ?? 1,
                MinP = options.MinP ?? folder.MinP ?? 0,
                RepetitionPenalty = options.RepetitionPenalty ?? folder.RepetitionPenalty ?? 1,
                FrequencyPenalty = options.FrequencyPenalty ?? 0,
                PresencePenalty = options.PresencePenalty ?? 0,
            },
        };
    }

    private static readonly GenerationOptions s_none = new();

    private static void Check(GenerationOptions options, int vocabulary)
    {
        Range(options.MaxOutputTokens is null or >= 1, nameof(options.MaxOutputTokens), options.MaxOutputTokens, "at least 1");
        Range(options.Temperature is null or (>= 0 and < float.PositiveInfinity), nameof(options.Temperature), options.Temperature, "a number from 0 on");
        Range(options.TopK is null or >= 0, nameof(options.TopK), options.TopK, "at least 0 (0: from all tokens)");
        Range(options.TopP is null or (>= 0 and <= 1), nameof(options.TopP), options.TopP, "from 0 to 1");
        Range(options.MinP is null or (>= 0 and <= 1), nameof(options.MinP), options.MinP, "from 0 to 1");
        Range(options.RepetitionPenalty is null or (> 0 and < float.PositiveInfinity), nameof(options.RepetitionPenalty), options.RepetitionPenalty, "a number above 0 (1: none)");
        Range(options.FrequencyPenalty is not { } frequency || float.IsFinite(frequency), nameof(options.FrequencyPenalty), options.FrequencyPenalty, "a number (0: none)");
        Range(options.PresencePenalty is not { } presence || float.IsFinite(presence), nameof(options.PresencePenalty), options.PresencePenalty, "a number (0: none)");
        Range(options.LogProbabilities is null || (options.LogProbabilities >= 0 && options.LogProbabilities <= vocabulary), nameof(options.LogProbabilities), options.LogProbabilities, $"from 0 to {vocabulary}, the vocabulary's size");
        Range(options.SpeculateTokens is >= 0 and <= MostGuesses, nameof(options.SpeculateTokens), options.SpeculateTokens, $"from 0 to {MostGuesses}");
        foreach (var id in options.StopTokenIds ?? [])
        {
            Range(id >= 0 && id < vocabulary, nameof(options.StopTokenIds), id, $"ids from 0 to {vocabulary - 1}");
        }

        foreach (var text in options.StopSequences ?? [])
        {
            if (string.IsNullOrEmpty(text))
            {
                throw new ArgumentException("StopSequences has an empty text, which would end every answer before it begins; leave it out.", nameof(options));
            }
        }

        if (options.Sample == true && options.Temperature == 0)
        {
            throw new ArgumentException("Sample is true and Temperature 0, which takes the likeliest token; give a temperature above 0, or leave Sample out.", nameof(options));
        }

        void Range(bool holds, string name, object? value, string range)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(nameof(options), value, FormattableString.Invariant($"{name} is {value}, but must be {range}."));
            }
        }
    }
}
