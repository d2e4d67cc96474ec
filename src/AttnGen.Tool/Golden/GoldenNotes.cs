using System.Text.Json;

namespace AttnGen.Tool;

/// <summary>What the JSON file beside a golden file says of an array.</summary>
internal sealed record GoldenDescription(double? Error, string? Type, long[]? Shape);

/// <summary>A text of the JSON file: the case that holds its ids, and the ids that stand beside it, if any do.</summary>
internal sealed record GoldenText(string Case, string Text, long[]? Ids);

/// <summary>The JSON file beside a golden file: how far the reference's own float32 is from float64. What it says is read or refused; what nobody reads is named.</summary>
internal sealed class GoldenNotes
{
    private const string Key = "max_abs_f32_minus_f64";

    private static readonly string[] s_members = [Key, "arrays", "texts", "max_seq_length"];

    private static readonly string[] s_membersOfArrays = [Key, "dtype", "shape"];

    private static readonly string[] s_membersOfTexts = ["key", "text", "ids"];

    private readonly Dictionary<string, GoldenDescription> _arrays = new(StringComparer.Ordinal);

    /// <summary>The file, or null if there is none.</summary>
    public string? Path { get; private init; }

    /// <summary>Whether it is the notes of this very golden file (NAME.json of NAME.safetensors), and not of a folder of them.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>The largest over all outputs; null: not stated.</summary>
    private double? Overall { get; set; }

    /// <summary>Longest text in tokens that the reference read; null: not stated.</summary>
    public int? MaxTokens { get; private set; }

    /// <summary>Texts by the case that holds their ids; null: the file has no texts.</summary>
    public List<GoldenText>? Texts { get; private set; }

    /// <summary>What is said of arrays, by name.</summary>
    public IReadOnlyDictionary<string, GoldenDescription> Arrays => _arrays;

    /// <summary>Members that are for people: not read.</summary>
    public List<string> Unread { get; } = [];

    /// <summary>The reference's own float32 error of an array, or of all outputs; 0: not stated.</summary>
    public double ReferenceError(string name) => Stated(name) ?? 0;

    /// <summary>The error that is stated of an array itself; 0: none is.</summary>
    public double OwnError(string name) => _arrays.TryGetValue(name, out var own) ? own.Error ?? 0 : 0;

    /// <summary>Whether a float32 error of an array is stated.</summary>
    public bool Knows(string name) => Stated(name) is not null;

    /// <summary>Whether any float32 error is stated.</summary>
    public bool HasErrors => Overall is not null || _arrays.Values.Any(array => array.Error is not null);

    private double? Stated(string name) => (_arrays.TryGetValue(name, out var own) ? own.Error : null) ?? Overall;

    /// <summary>The golden file that a file of notes stands beside, or null.</summary>
    public static string? Of(string notes) =>
        new[] { System.IO.Path.ChangeExtension(notes, ".safetensors"), System.IO.Path.Combine(System.IO.Path.GetDirectoryName(notes) ?? "", "golden.safetensors") }
            .FirstOrDefault(golden => File.Exists(golden) && PathBeside(golden) == System.IO.Path.GetFullPath(notes));

    /// <summary>Reads NAME.json, or golden.json or index.json, beside NAME.safetensors.</summary>
    /// <exception cref="ToolException">It is there and malformed, or says something that cannot be followed.</exception>
    public static GoldenNotes Beside(string golden)
    {
        if (PathBeside(golden) is not { } path)
            return new GoldenNotes();
        try
        {
            ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(
                bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, // some editors put a mark before the text
                new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            var notes = new GoldenNotes
            {
                Path = path,
                IsOwn = System.IO.Path.GetFileNameWithoutExtension(path).Equals(System.IO.Path.GetFileNameWithoutExtension(golden), StringComparison.Ordinal),
            };
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && System.IO.Path.GetFileName(path) == "index.json")
                notes.Unread.Add("a list, of something else"); // the golden file's own would be an object
            else
                notes.Read(root);
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

    private void Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Malformed($"it is {Kind(root)}, an object is expected");
        if (!root.EnumerateObject().Any())
            throw Malformed("it holds nothing");
        Members(root, s_members, "it");
        Unread.AddRange(root.EnumerateObject().Select(member => member.Name).Where(name => !s_members.Contains(name, StringComparer.Ordinal)));
        Overall = Error(root, Key);
        if (root.TryGetProperty("max_seq_length", out var most))
        {
            MaxTokens = most.ValueKind == JsonValueKind.Number && most.TryGetInt32(out var number) && number > 0
                ? number
                : throw Malformed($"max_seq_length is {Raw(most)}, a whole number from 1 on is expected");
        }

        if (root.TryGetProperty("texts", out var texts))
            Texts = ReadTexts(texts);
        if (root.TryGetProperty("arrays", out var arrays))
            ReadArrays(arrays);
    }

    private void ReadArrays(JsonElement arrays)
    {
        if (arrays.ValueKind != JsonValueKind.Object)
            throw Malformed($"arrays is {Kind(arrays)}, an object by the names of the arrays is expected");
        foreach (var array in arrays.EnumerateObject())
        {
            var name = Show.Name(array.Name);
            if (array.Value.ValueKind != JsonValueKind.Object)
                throw Malformed($"{name} of arrays is {Kind(array.Value)}, an object is expected");
            Members(array.Value, s_membersOfArrays, $"{name} of arrays");
            string? type = null;
            if (array.Value.TryGetProperty("dtype", out var dtype))
                type = dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : throw Malformed($"dtype of {name} is {Raw(dtype)}, a name such as \"F64\" is expected");
            long[]? shape = null;
            if (array.Value.TryGetProperty("shape", out var sizes))
                shape = Integers(sizes) ?? throw Malformed($"shape of {name} is {Raw(sizes)}, a list of whole numbers is expected");
            _arrays[array.Name] = new GoldenDescription(Error(array.Value, $"{Key} of {name}"), type, shape);
        }
    }

    // Either {"CASE": "text"}, or [{"key": "CASE", "text": "text", "ids": [1, 2]}].
    private List<GoldenText> ReadTexts(JsonElement texts)
    {
        if (texts.ValueKind == JsonValueKind.Object)
        {
            return [.. texts.EnumerateObject().Select(text => new GoldenText(
                text.Name, text.Value.ValueKind == JsonValueKind.String ? text.Value.GetString()! : throw Malformed($"the text of {Show.Name(text.Name)} is {Raw(text.Value)}, a text is expected"), null))];
        }

        if (texts.ValueKind != JsonValueKind.Array)
            throw Malformed($"texts is {Kind(texts)}; {{\"CASE\": \"text\"}} or [{{\"key\": \"CASE\", \"text\": \"text\"}}] is expected");
        var read = new List<GoldenText>();
        foreach (var text in texts.EnumerateArray())
        {
            var what = $"entry {read.Count} of texts";
            if (text.ValueKind != JsonValueKind.Object)
                throw Malformed($"{what} is {Kind(text)}, an object with key and text is expected");
            Members(text, s_membersOfTexts, what);
            var ids = text.TryGetProperty("ids", out var list)
                ? Integers(list) ?? throw Malformed($"ids of {what} is {Raw(list)}, a list of token ids is expected")
                : null;
            var entry = new GoldenText(Text(text, "key", what), Text(text, "text", what), ids);
            if (read.Exists(other => other.Case == entry.Case))
                throw Malformed($"texts names the case {Show.Name(entry.Case)} twice");
            read.Add(entry);
        }

        return read;
    }

    private string Text(JsonElement of, string member, string what) =>
        !of.TryGetProperty(member, out var value) ? throw Malformed($"{what} has no {member}")
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Malformed($"{member} of {what} is {Raw(value)}, a text is expected");

    // A slip in a name would leave unread what somebody wrote to be read.
    private void Members(JsonElement of, string[] known, string what)
    {
        foreach (var member in of.EnumerateObject().Where(member => !known.Contains(member.Name, StringComparer.Ordinal)))
        {
            if (Array.Find(known, name => Slip.Distance(member.Name, name) <= (name.Length < 8 ? 1 : 2)) is { } meant)
                throw Malformed($"{what} has the member {Show.Name(member.Name)}, which nobody reads; did you mean {meant}?");
        }
    }

    private static long[]? Integers(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _))
            ? [.. list.EnumerateArray().Select(value => value.GetInt64())]
            : null;

    private double? Error(JsonElement element, string what)
    {
        if (!element.TryGetProperty(Key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number >= 0
            ? number
            : throw Malformed($"{what} is {Raw(value)}, a number from 0 on is expected");
    }

    private ToolException Malformed(string sentence)
    {
        var end = sentence.EndsWith('?') ? "" : ";";
        return new ToolException($"{Path}: {sentence}{end} {(end.Length > 0 ? "make" : "Make")} the file again with tools/make_golden.py, or remove it; docs/golden-format.md has its members.");
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => element.GetArrayLength() == 0 ? "an empty list" : "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Raw(JsonElement value)
    {
        var text = value.GetRawText();
        return ToolConsole.OneLine(text.Length > 40 ? text[..40] + "…" : text);
    }
}
