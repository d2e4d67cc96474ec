using System.Text.Json;

namespace AttnGen.Generation.Schemas;

/// <summary>Types of JSON Schema, numbers in two: whole ones, and those with a fraction.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    Number = Integer | Fraction,
    String = 16,
    Object = 32,
    Array = 64,
    All = 127,
}

/// <summary>A part of a schema, and where it is.</summary>
internal readonly record struct SchemaPart(string Pointer, JsonElement Element);

/// <summary>What several parts of a schema ask for together, without references and alternatives.</summary>
internal sealed class SchemaFacts
{
    /// <summary>The parts.</summary>
    public required IReadOnlyList<SchemaPart> Parts { get; init; }

    /// <summary>Names the parts, whatever their order.</summary>
    public string Key => string.Join(" & ", Parts.Select(part => part.Pointer).Order(StringComparer.Ordinal));

    /// <summary>A place for messages.</summary>
    public string Where => Parts.Count == 0 ? "#" : Parts[0].Pointer;

    public JsonTypes Types { get; set; } = JsonTypes.All;

    /// <summary>Whether some part says false.</summary>
    public bool IsNothing { get; set; }

    /// <summary>The values of enum and const; null: any.</summary>
    public List<JsonElement>? Values { get; set; }

    /// <summary>Names of an object in order.</summary>
    public List<string> Names { get; } = [];

    public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

    public int MinLength { get; set; }

    public int MaxLength { get; set; } = int.MaxValue;

    public SortedSet<string> Patterns { get; } = new(StringComparer.Ordinal);

    public int MinItems { get; set; }

    public int MaxItems { get; set; } = int.MaxValue;

    /// <summary>Bounds of numbers, and whether they are out themselves.</summary>
    public (Exact Value, bool IsOut)? Minimum { get; set; }

    public (Exact Value, bool IsOut)? Maximum { get; set; }

    /// <summary>Digits behind the point that multipleOf leaves.</summary>
    public int Digits { get; set; } = NumberText.Digits;

    /// <summary>Whether other names than <see cref="Names"/> may be there: if some part says so, or none says anything about names.</summary>
    public bool IsOpen
    {
        get
        {
            var declares = Parts.Any(part => part.Element.TryGetProperty("properties", out _) && !part.Element.TryGetProperty("additionalProperties", out _));
            var says = Parts.Any(part => part.Element.TryGetProperty("additionalProperties", out _));
            var isClosed = Parts.Any(part => part.Element.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False);
            return !isClosed && !declares && (says || Names.Count == 0);
        }
    }

    /// <summary>Whether a part closes the object in words.</summary>
    public bool IsClosedInWords => Parts.Any(part => part.Element.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False);

    /// <summary>What the parts say of a property.</summary>
    public List<SchemaPart> Property(string name)
    {
        var found = new List<SchemaPart>();
        foreach (var part in Parts)
        {
            if (part.Element.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var property))
            {
                found.Add(new($"{part.Pointer}/properties/{JsonPointer.Escape(name)}", property));
            }
            else if (part.Element.TryGetProperty("additionalProperties", out var more))
            {
                found.Add(new(part.Pointer + "/additionalProperties", more));
            }
        }

        return found;
    }

    /// <summary>What the parts say of properties that none of them names.</summary>
    public List<SchemaPart> FreeProperty() =>
        [.. Parts.Where(part => part.Element.TryGetProperty("additionalProperties", out _))
            .Select(part => new SchemaPart(part.Pointer + "/additionalProperties", part.Element.GetProperty("additionalProperties")))];

    /// <summary>How many items have a place of their own.</summary>
    public int Places => Parts.Max(part => part.Element.TryGetProperty("prefixItems", out var items) ? items.GetArrayLength() : 0);

    /// <summary>What the parts say of an item.</summary>
    public List<SchemaPart> Item(int index)
    {
        var found = new List<SchemaPart>();
        foreach (var part in Parts)
        {
            if (part.Element.TryGetProperty("prefixItems", out var places) && index < places.GetArrayLength())
            {
                found.Add(new($"{part.Pointer}/prefixItems/{index}", places[index]));
            }
            else if (part.Element.TryGetProperty("items", out var items))
            {
                found.Add(new(part.Pointer + "/items", items));
            }
        }

        return found;
    }
}
