using System.Text.Json;
using AttnGen.Generator.Json;

namespace AttnGen.Tokenizers;

/// <summary>The keys of one object of a folder's file.</summary>
internal sealed class KeyTable
{
    /// <summary>Stands for any name: of objects whose names are the file's own.</summary>
    public const string Any = "*";

    private readonly Dictionary<string, FolderKey> _rows = new(StringComparer.Ordinal);

    public KeyTable(params FolderKey[] keys)
    {
        Keys = keys;
        foreach (var key in keys)
        {
            _rows.Add(key.Name, key);
        }
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
        else if (row.Use != KeyUse.NoEffect && !IsOf(row.Kinds, value))
        {
            throw files.Malformed(file, $"{where}{ForeignText.Short(name)} is {value.Describe()}, but must be {WithArticles(row.Kinds)}");
        }
    }

    /// <summary>A row's name is what a reader may ask for.</summary>
    /// <exception cref="InvalidOperationException">There is no row: a fault of the reader.</exception>
    public string Require(string name) => Knows(name) ? name : throw new InvalidOperationException($"'{name}' is read, but has no row in the tables of keys");

    private static bool IsOf(string kinds, JsonElement value)
    {
        foreach (var kind in kinds.Split(" or "))
        {
            if (IsOfKind(kind, value))
            {
                return true;
            }
        }

        return false;
    }

    // "true or false" falls into two kinds.
    private static bool IsOfKind(string kind, JsonElement value) => kind switch
    {
        "any" => true,
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "true" => value.ValueKind == JsonValueKind.True,
        "false" => value.ValueKind == JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        "object" => value.ValueKind == JsonValueKind.Object,
        "list" => value.ValueKind == JsonValueKind.Array,
        _ => throw new InvalidOperationException($"the kind '{kind}' of a row is not known"),
    };

    private static string WithArticles(string kinds) =>
        string.Join(" or ", kinds.Split(" or ").Select(kind => kind switch { "integer" or "object" => "an " + kind, "string" or "number" or "list" => "a " + kind, _ => kind }));
}
