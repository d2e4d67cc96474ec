using System.Text.Json;

namespace AttnGen.Tool;

/// <summary>The JSON file beside a golden file: how far the reference's own float32 is from float64.</summary>
internal sealed class GoldenNotes
{
    private const string Key = "max_abs_f32_minus_f64";

    private readonly Dictionary<string, double> _errors = new(StringComparer.Ordinal);

    /// <summary>The file, or null if there is none.</summary>
    public string? Path { get; private init; }

    /// <summary>The largest over all outputs; null: not stated.</summary>
    private double? Overall { get; init; }

    /// <summary>Longest text in tokens that the reference read; null: not stated.</summary>
    public int? MaxTokens { get; private init; }

    /// <summary>Texts by the case that holds their ids; the ids may stand beside the text.</summary>
    public List<(string Case, string Text, long[]? Ids)> Texts { get; } = [];

    /// <summary>The reference's own float32 error of an array, or of all outputs; 0: not stated.</summary>
    public double ReferenceError(string name) => _errors.TryGetValue(name, out var own) ? own : Overall ?? 0;

    /// <summary>Whether anything is stated of an array.</summary>
    public bool Knows(string name) => _errors.ContainsKey(name) || Overall is not null;

    /// <summary>The golden file that a file of notes stands beside, or null.</summary>
    public static string? Of(string notes) =>
        new[] { System.IO.Path.ChangeExtension(notes, ".safetensors"), System.IO.Path.Combine(System.IO.Path.GetDirectoryName(notes) ?? "", "golden.safetensors") }
            .FirstOrDefault(golden => File.Exists(golden) && PathBeside(golden) == System.IO.Path.GetFullPath(notes));

    /// <summary>Reads NAME.json, or golden.json or index.json, beside NAME.safetensors.</summary>
    /// <exception cref="ToolException">It is there and malformed.</exception>
    public static GoldenNotes Beside(string golden)
    {
        if (PathBeside(golden) is not { } path)
            return new GoldenNotes();
        try
        {
            ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes); // some editors put a mark before the text
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object && System.IO.Path.GetFileName(path) == "index.json")
                return new GoldenNotes(); // of something else
            if (root.ValueKind != JsonValueKind.Object)
                throw new ToolException($"{path} is no JSON object; make it again with tools/make_golden.py, or remove it.");
            var notes = new GoldenNotes
            {
                Path = path,
                Overall = Error(root, path, Key),
                MaxTokens = root.TryGetProperty("max_seq_length", out var most) && most.ValueKind == JsonValueKind.Number && most.TryGetInt32(out var number) && number > 0 ? number : null,
            };
            if (root.TryGetProperty("texts", out var texts))
                notes.ReadTexts(texts);
            if (root.TryGetProperty("arrays", out var arrays) && arrays.ValueKind == JsonValueKind.Object)
            {
                foreach (var array in arrays.EnumerateObject())
                {
                    if (Error(array.Value, path, $"{Key} of {Show.Name(array.Name)}") is { } error)
                        notes._errors[array.Name] = error;
                }
            }

            return notes;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new ToolException($"{path} cannot be read: {e.Message.TrimEnd('.')}; make it again with tools/make_golden.py, or remove it.");
        }
    }

    private static string? PathBeside(string golden)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(golden))!;
        return new[] { System.IO.Path.GetFileNameWithoutExtension(golden) + ".json", "golden.json", "index.json" }
            .Select(file => System.IO.Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    // Either {"CASE": "text"}, or [{"key": "CASE", "text": "text", "ids": [1, 2]}].
    private void ReadTexts(JsonElement texts)
    {
        if (texts.ValueKind == JsonValueKind.Object)
        {
            foreach (var text in texts.EnumerateObject().Where(text => text.Value.ValueKind == JsonValueKind.String))
                Texts.Add((text.Name, text.Value.GetString()!, null));
            return;
        }

        foreach (var text in texts.ValueKind == JsonValueKind.Array ? texts.EnumerateArray() : default)
        {
            if (text.ValueKind == JsonValueKind.Object
                && text.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String
                && text.TryGetProperty("text", out var content) && content.ValueKind == JsonValueKind.String)
            {
                var ids = text.TryGetProperty("ids", out var list) && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _))
                    ? list.EnumerateArray().Select(id => id.GetInt64()).ToArray()
                    : null;
                Texts.Add((key.GetString()!, content.GetString()!, ids));
            }
        }
    }

    private static double? Error(JsonElement element, string path, string what)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(Key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number >= 0)
            return number;
        var text = value.GetRawText();
        throw new ToolException($"{path}: {what} is {ToolConsole.OneLine(text.Length > 40 ? text[..40] + "…" : text)}, a number from 0 on is expected; make the file again with tools/make_golden.py, or remove it.");
    }
}
