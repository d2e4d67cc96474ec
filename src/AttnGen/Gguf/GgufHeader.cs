using AttnGen.Generator.Json;

namespace AttnGen.Gguf;

/// <summary>
/// The header of a GGUF file: metadata, and where which tensor is; the data are never read. Everything that the file claims is proved
/// before it is believed: each tensor lies inside the file, where the alignment wants it, and shares no byte with another.
/// </summary>
internal sealed partial class GgufHeader
{
    private readonly Dictionary<string, GgufValue> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];
    private readonly List<GgufTensor> _order = [];

    private GgufHeader(string file) => File = file;

    /// <summary>What messages call the file.</summary>
    public string File { get; }

    /// <summary>The keys of the metadata in the file's order.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>The tensors in the header's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _order;

    /// <summary>A metadata value; null: there is none.</summary>
    public GgufValue? this[string key] => _metadata.TryGetValue(key, out var value) ? value : null;

    /// <summary>A tensor; null: there is none.</summary>
    public GgufTensor? Find(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor : null;

    /// <summary>A metadata value that must be a string; null: there is none.</summary>
    public string? Text(string key) =>
        this[key] is not { } value ? null : value.Kind == GgufKind.String ? value.Text : throw Wrong(key, value, "a string");

    /// <summary>What is wrong with a value.</summary>
    public GgufProblem Wrong(string key, GgufValue value, string expected) =>
        new($"{File} has {value.Show()} as {ForeignText.Quote(key)}, {expected} is expected; fetch the file again, or write it again with the converter of llama.cpp.");

    /// <summary>What the file lacks.</summary>
    public GgufProblem Missing(string what) => new($"{File} has no {what}; fetch the file again, or write it again with the converter of llama.cpp.");

    /// <summary>What the file has that is not supported.</summary>
    public GgufProblem Unsupported(string what, string? tensor = null) => new($"{File}: {what}.", tensor, isUnsupported: true);

    /// <summary>Reads a header.</summary>
    /// <param name="stream">The file, which can seek.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="GgufProblem">Anything is wrong with it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GgufHeader Read(Stream stream, string file)
    {
        var header = new GgufHeader(file);
        stream.Position = 0;
        header.Read(new GgufCursor(stream, file));
        return header;
    }

    /// <summary>The items of an array of strings.</summary>
    /// <param name="stream">The file of the header.</param>
    /// <param name="key">Its key, which the file has.</param>
    public List<string> Strings(Stream stream, string key)
    {
        var value = Array(key, GgufKind.String);
        var cursor = new GgufCursor(stream, File);
        cursor.Go(value.Position);
        var items = new List<string>();
        for (long i = 0; i < value.Count; i++)
            items.Add(cursor.Text($"an item of {ForeignText.Quote(key)}", LongestText));
        return items;
    }

    /// <summary>The items of an array of numbers.</summary>
    public List<double> Numbers(Stream stream, string key)
    {
        var value = this[key] is { Kind: GgufKind.Array } array && array.ItemKind is not (GgufKind.String or GgufKind.Array)
            ? array : throw (this[key] is { } other ? Wrong(key, other, "an array of numbers") : Missing(key));
        var cursor = new GgufCursor(stream, File);
        cursor.Go(value.Position);
        var items = new List<double>();
        for (long i = 0; i < value.Count; i++)
            items.Add(Scalar(cursor, key, value.ItemKind).Number);
        return items;
    }

    private GgufValue Array(string key, GgufKind items) =>
        this[key] is not { } value ? throw Missing(key)
            : value.Kind == GgufKind.Array && value.ItemKind == items ? value : throw Wrong(key, value, $"an array of {GgufValue.NameOf(items)}");
}
