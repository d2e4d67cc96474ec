using System.Text.Json;
using AttnGen.Tokenizers;

namespace AttnGen.Generation;

/// <summary>What a folder says of writing: generation_config.json, and of config.json and tokenizer_config.json the tokens that end a text.</summary>
internal sealed class FolderGeneration
{
    public const string File = "generation_config.json";

    /// <summary>Of a model without a folder: nothing.</summary>
    public static FolderGeneration None { get; } = new();

    private FolderGeneration()
    {
    }

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> StopIds { get; private init; } = [];

    /// <summary>do_sample.</summary>
    public bool? Draws { get; private init; }

    /// <summary>temperature.</summary>
    public float? Temperature { get; private init; }

    /// <summary>top_k.</summary>
    public int? TopK { get; private init; }

    /// <summary>top_p.</summary>
    public float? TopP { get; private init; }

    /// <summary>min_p.</summary>
    public float? MinP { get; private init; }

    /// <summary>repetition_penalty.</summary>
    public float? RepetitionPenalty { get; private init; }

    /// <summary>max_new_tokens.</summary>
    public int? MaxNewTokens { get; private init; }

    /// <summary>Reads a folder's files.</summary>
    /// <param name="files">The files.</param>
    /// <param name="tokenizer">The folder's tokenizer.</param>
    /// <param name="follow">Whether the file's settings count; false: only the tokens that end a text are read.</param>
    /// <exception cref="InvalidDataException">A value is none that the key can have.</exception>
    /// <exception cref="NotSupportedException">The file asks for what is not followed.</exception>
    public static FolderGeneration Read(ModelFiles files, TextTokenizer tokenizer, bool follow)
    {
        var file = files.ReadJson(File);
        var stops = new SortedSet<int>();
        // As transformers: generation_config.json wins, config.json stands in for it.
        if (!AddIds(files, File, file, stops))
        {
            var config = files.ReadJson("config.json");
            if (!AddIds(files, "config.json", config, stops) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("text_config", out var text) && text.ValueKind == JsonValueKind.Object)
            {
                AddIds(files, "config.json", text, stops);
            }
        }

        if (Token(files.ReadJson("tokenizer_config.json"), "eos_token") is { } end && tokenizer.FindId(end) is { } endId)
        {
            stops.Add(endId);
        }

        if (!follow || file.ValueKind != JsonValueKind.Object)
        {
            return new FolderGeneration { StopIds = [.. stops] };
        }

        var reader = new GenerationKeys(files, file);
        reader.RefuseOthers();
        return new FolderGeneration
        {
            StopIds = [.. stops],
            Draws = reader.Flag("do_sample"),
            Temperature = reader.Number("temperature", 0, float.MaxValue),
            TopK = reader.Whole("top_k", 0),
            TopP = reader.Number("top_p", 0, 1),
            MinP = reader.Number("min_p", 0, 1),
            RepetitionPenalty = reader.Number("repetition_penalty", float.Epsilon, float.MaxValue),
            MaxNewTokens = reader.Whole("max_new_tokens", 1),
        };
    }

    private static bool AddIds(ModelFiles files, string name, JsonElement file, SortedSet<int> ids)
    {
        if (file.ValueKind != JsonValueKind.Object || !file.TryGetProperty("eos_token_id", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            ids.Add(Id(value));
            return true;
        }

        foreach (var item in value.EnumerateArray())
        {
            ids.Add(Id(item));
        }

        return true;

        int Id(JsonElement item) =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0 ? id : throw files.Malformed(name, $"eos_token_id has {item.GetRawText()}, which is no token id");
    }

    private static string? Token(JsonElement file, string name) =>
        file.ValueKind != JsonValueKind.Object || !file.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()
        : null;
}
