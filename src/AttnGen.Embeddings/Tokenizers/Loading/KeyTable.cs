using System.Collections.Frozen;
using System.Text.Json;
using AttnGen.Generator.Json;
using AttnGen.Sentences;

namespace AttnGen.Embeddings;

/// <summary>The keys of one object of a folder's file.</summary>
internal sealed class KeyTable
{
    /// <summary>Stands for any name: of objects whose names are the file's own.</summary>
    public const string Any = "*";

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> s_kinds = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["any"] = _ => true,
        ["null"] = element => element.ValueKind == JsonValueKind.Null,
        ["string"] = element => element.ValueKind == JsonValueKind.String,
        ["true or false"] = element => element.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ["number"] = element => element.ValueKind == JsonValueKind.Number,
        ["integer"] = element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _),
        ["object"] = element => element.ValueKind == JsonValueKind.Object,
        ["list"] = element => element.ValueKind == JsonValueKind.Array,
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, (FolderKey Key, Func<JsonElement, bool>[] Kinds)> _rows;

    public KeyTable(params IEnumerable<FolderKey> keys)
    {
        Keys = [.. keys];
        _rows = Keys.ToFrozenDictionary(key => key.Name, key => (key, ReadKinds(key.Kinds)), StringComparer.Ordinal);
    }

    /// <summary>The rows, in the order of the document.</summary>
    public IReadOnlyList<FolderKey> Keys { get; }

    /// <summary>Whether there is a row.</summary>
    public bool Knows(string name) => _rows.ContainsKey(name) || _rows.ContainsKey(Any);

    /// <summary>Refuses members of a kind that no library reads.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="file">The file.</param>
    /// <param name="where">The object in the file, with a dot at its end; empty: the file itself.</param>
    /// <param name="element">The object.</param>
    /// <param name="unknown">What is done with the name of a member without a row; null: it is refused.</param>
    public void Check(ModelFiles files, string file, string where, JsonElement element, Action<string>? unknown = null)
    {
        foreach (var member in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
        {
            Check(files, file, where, member.Name, member.Value, unknown);
        }
    }

    /// <summary>The same of one member.</summary>
    public void Check(ModelFiles files, string file, string where, string name, JsonElement value, Action<string>? unknown = null)
    {
        if (!_rows.TryGetValue(name, out var row) && !_rows.TryGetValue(Any, out row))
        {
            if (unknown is null)
            {
                throw files.Unsupported(file, $"the member {where}{ForeignText.Short(name)}, which tokenizers does not write", string.Join(", ", Keys.Select(key => key.Name)));
            }

            unknown(name);
        }
        else if (row.Key.Use != KeyUse.NoEffect && !Array.Exists(row.Kinds, kind => kind(value)))
        {
            throw files.Malformed(file, $"{where}{ForeignText.Short(name)} is {value.Describe()}, but must be {WithArticles(row.Key.Kinds)}");
        }
    }

    /// <summary>A row's name is what a reader may ask for.</summary>
    /// <exception cref="InvalidOperationException">There is no row: a fault of the reader.</exception>
    public string Require(string name) => Knows(name) ? name : throw new InvalidOperationException($"'{name}' is read, but has no row in the tables of keys");

    private static Func<JsonElement, bool>[] ReadKinds(string kinds) =>
        kinds == "true or false" ? [s_kinds[kinds]]
            : kinds == "true or false or null" ? [s_kinds["true or false"], s_kinds["null"]]
            : [.. kinds.Split(" or ").Select(kind => s_kinds[kind.Split(" of ")[0]])];

    private static string WithArticles(string kinds) =>
        string.Join(" or ", kinds.Split(" or ").Select(kind => kind switch { "integer" or "object" => "an " + kind, "string" or "number" or "list" => "a " + kind, _ => kind }));
}
