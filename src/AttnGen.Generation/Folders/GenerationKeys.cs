using System.Globalization;
using System.Text.Json;
using AttnGen.Tokenizers;

namespace AttnGen.Generation;

/// <summary>Keys of generation_config.json.</summary>
internal sealed class GenerationKeys(ModelFiles files, JsonElement file)
{
    // What changes the text in transformers and is not followed, with the value at which it does nothing (null: only null does).
    private static readonly Dictionary<string, double?> s_neutral = new()
    {
        ["typical_p"] = 1,
        ["epsilon_cutoff"] = 0,
        ["eta_cutoff"] = 0,
        ["top_h"] = null,
        ["num_beams"] = 1,
        ["num_beam_groups"] = 1,
        ["penalty_alpha"] = 0,
        ["dola_layers"] = null,
        ["diversity_penalty"] = 0,
        ["encoder_repetition_penalty"] = 1,
        ["no_repeat_ngram_size"] = 0,
        ["encoder_no_repeat_ngram_size"] = 0,
        ["min_length"] = 0,
        ["min_new_tokens"] = 0,
        ["bad_words_ids"] = null,
        ["force_words_ids"] = null,
        ["constraints"] = null,
        ["forced_bos_token_id"] = null,
        ["forced_eos_token_id"] = null,
        ["forced_decoder_ids"] = null,
        ["suppress_tokens"] = null,
        ["begin_suppress_tokens"] = null,
        ["sequence_bias"] = null,
        ["exponential_decay_length_penalty"] = null,
        ["guidance_scale"] = 1,
        ["watermarking_config"] = null,
        ["stop_strings"] = null,
        ["token_healing"] = 0,
    };

    /// <summary>The keys that are followed.</summary>
    public static IReadOnlyList<string> Followed { get; } =
        ["do_sample", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "max_new_tokens", "eos_token_id"];

    /// <summary>The keys that are refused unless they say nothing.</summary>
    public static IReadOnlyCollection<string> Refused => s_neutral.Keys;

    /// <summary>Refuses what would give another text in transformers.</summary>
    public void RefuseOthers()
    {
        foreach (var member in file.EnumerateObject())
        {
            if (s_neutral.TryGetValue(member.Name, out var neutral) && !IsNeutral(member.Value, neutral))
            {
                throw files.Unsupported(
                    FolderGeneration.File,
                    $"{member.Name} {member.Value.GetRawText()}, which is not followed",
                    $"{(neutral is { } number ? number.ToString(CultureInfo.InvariantCulture) + ", null" : "null")}, or no such key; or set TextGeneratorOptions.FollowFolder to false, and give the options yourself");
            }
        }
    }

    /// <summary>A true or false; null: the key is not there.</summary>
    public bool? Flag(string key) => !Find(key, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, value, "true or false"),
    };

    /// <summary>A number in a range.</summary>
    public float? Number(string key, float least, float most) =>
        !Find(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most ? (float)number
        : throw Wrong(key, value, $"a number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>A whole number from a least one on.</summary>
    public int? Whole(string key, int least) =>
        !Find(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least ? number
        : throw Wrong(key, value, $"a whole number from {least} on");

    private bool Find(string key, out JsonElement value) => file.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private InvalidDataException Wrong(string key, JsonElement value, string expected) =>
        files.Malformed(FolderGeneration.File, $"{key} is {value.GetRawText()}, but must be {expected}");

    private static bool IsNeutral(JsonElement value, double? neutral) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.False => neutral == 0,
        JsonValueKind.Number => neutral is { } number && value.GetDouble() == number,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
