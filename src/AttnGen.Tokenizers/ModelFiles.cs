using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ForeignText = AttnGen.Generator.Json.ForeignText;

namespace AttnGen.Tokenizers;

/// <summary>A model's small files: in a folder, in the metadata of a GGUF file, or wherever a function finds them.</summary>
internal sealed class ModelFiles
{
    private readonly Func<string, Stream?> _open;

    public ModelFiles(string folder)
        : this(GgufTokenizerFiles.Of(folder) ?? (file => File.Exists(Path.Combine(folder, file)) ? File.OpenRead(Path.Combine(folder, file)) : null), folder)
    {
    }

    public ModelFiles(Func<string, Stream?> open, string name)
    {
        _open = open;
        Name = name;
    }

    /// <summary>What messages call the source.</summary>
    public string Name { get; }

    /// <summary>A file's bytes, or null if there is none.</summary>
    public byte[]? Read(string file)
    {
        using var stream = _open(file);
        if (stream is null)
        {
            return null;
        }

        if (stream.CanSeek)
        {
            var bytes = new byte[stream.Length - stream.Position];
            stream.ReadExactly(bytes);
            return bytes;
        }

        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>A file's text, or null if there is none.</summary>
    public string? Text(string file) =>
        Read(file) is not { } bytes ? null : Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Malformed(file, "it is not UTF-8");

    /// <summary>A JSON file's object; an undefined element if there is no such file.</summary>
    public JsonElement ReadJson(string file)
    {
        var bytes = Read(file);
        if (bytes is null)
        {
            return default;
        }

        if (!Utf8.IsValid(bytes))
        {
            throw Malformed(file, "it is not UTF-8");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Malformed(file, "it is not a JSON object");
            }

            Decode(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Malformed(file, exception.Message, exception);
        }
    }

    // An escape such as \ud800 alone is JSON and no text; it would be found only where the text is asked for.
    private static void Decode(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    Decode(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Decode(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }

    /// <summary>What is thrown when a file cannot be read.</summary>
    public InvalidDataException Malformed(string file, string why, Exception? inner = null) =>
        new(ForeignText.OneLine($"{file} of '{Name}' cannot be read: {why.TrimEnd('.')}."), inner);

    /// <summary>What is thrown when a file asks for what would be read differently.</summary>
    public NotSupportedException Unsupported(string file, string found, string accepted) =>
        new(ForeignText.OneLine($"{file} of '{Name}' has {found}; accepted: {accepted}."));
}
