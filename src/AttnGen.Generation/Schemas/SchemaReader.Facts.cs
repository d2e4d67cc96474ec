using System.Text.Json;

namespace AttnGen.Generation.Schemas;

internal sealed partial class SchemaReader
{
    // What nobody gives a type, but a keyword of one type, is of that type.
    private static readonly (string Keyword, JsonTypes Type)[] s_implied =
    [
        ("properties", JsonTypes.Object), ("required", JsonTypes.Object), ("additionalProperties", JsonTypes.Object),
        ("items", JsonTypes.Array), ("prefixItems", JsonTypes.Array), ("minItems", JsonTypes.Array), ("maxItems", JsonTypes.Array),
        ("minLength", JsonTypes.String), ("maxLength", JsonTypes.String), ("pattern", JsonTypes.String), ("format", JsonTypes.String), ("contentEncoding", JsonTypes.String),
        ("minimum", JsonTypes.Number), ("maximum", JsonTypes.Number), ("exclusiveMinimum", JsonTypes.Number), ("exclusiveMaximum", JsonTypes.Number), ("multipleOf", JsonTypes.Number),
    ];

    /// <summary>What parts ask for together; null: nothing can be it.</summary>
    private static SchemaFacts? Facts(List<SchemaPart> parts)
    {
        var facts = new SchemaFacts { Parts = parts };
        foreach (var part in parts)
        {
            foreach (var keyword in part.Element.EnumerateObject())
            {
                AddTo(facts, part, keyword.Name, keyword.Value);
            }
        }

        if (facts.Values is null && !parts.Exists(static part => part.Element.TryGetProperty("type", out _)))
        {
            var implied = s_implied.Where(one => parts.Exists(part => part.Element.TryGetProperty(one.Keyword, out _))).Aggregate(JsonTypes.None, static (all, one) => all | one.Type);
            facts.Types &= implied == JsonTypes.None ? JsonTypes.All : implied;
        }

        facts.Names.AddRange(facts.Required.Where(name => !facts.Names.Contains(name)).Order(StringComparer.Ordinal).ToList());
        if (facts.Values is not null)
        {
            facts.Values = [.. facts.Values.Where(value => IsOf(value, facts))];
        }

        return facts.Types == JsonTypes.None || facts.Values is { Count: 0 } ? null : facts;
    }

    private static void AddTo(SchemaFacts facts, SchemaPart part, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "type":
                facts.Types &= value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Aggregate(JsonTypes.None, (all, one) => all | Type(one, part)) : Type(value, part);
                if (part.Element.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True)
                {
                    facts.Types |= JsonTypes.Null;
                }

                break;
            case "enum":
                Allow(facts, [.. Is(value, JsonValueKind.Array, part, keyword).EnumerateArray()]);
                break;
            case "const":
                Allow(facts, [value]);
                break;
            case "properties":
                facts.Names.AddRange(Is(value, JsonValueKind.Object, part, keyword).EnumerateObject()
                    .Select(static one => one.Name).Where(name => !facts.Names.Contains(name)).Distinct().ToList());
                break;
            case "required":
                facts.Required.UnionWith(Is(value, JsonValueKind.Array, part, keyword).EnumerateArray().Select(one => Is(one, JsonValueKind.String, part, keyword).GetString()!));
                break;
            case "items":
                if (value.ValueKind == JsonValueKind.Array)
                {
                    throw new NotSupportedException($"{part.Pointer}: items is a list, as in old drafts. Call it prefixItems.");
                }

                break;
            case "prefixItems":
                Is(value, JsonValueKind.Array, part, keyword);
                break;
            case "minItems":
                facts.MinItems = Math.Max(facts.MinItems, Count(value, part, keyword));
                break;
            case "maxItems":
                facts.MaxItems = Math.Min(facts.MaxItems, Count(value, part, keyword));
                break;
            case "minLength":
                facts.MinLength = Math.Max(facts.MinLength, Count(value, part, keyword));
                break;
            case "maxLength":
                facts.MaxLength = Math.Min(facts.MaxLength, Count(value, part, keyword));
                break;
            case "pattern":
                facts.Patterns.Add(Formats.Readable(Is(value, JsonValueKind.String, part, keyword).GetString()!));
                break;
            case "format":
                AddFormat(facts, part, Is(value, JsonValueKind.String, part, keyword).GetString()!);
                break;
            case "contentEncoding":
                facts.Patterns.Add(value.ValueKind == JsonValueKind.String && value.GetString() == "base64" ? Formats.Base64
                    : throw new NotSupportedException($"{part.Pointer}: contentEncoding {value} is not known; base64 is."));
                break;
            case "minimum" or "exclusiveMinimum":
                var low = (Number(value, part, keyword), keyword == "exclusiveMinimum");
                facts.Minimum = facts.Minimum is { } min && (min.Value.CompareTo(low.Item1) is var up && (up > 0 || (up == 0 && min.IsOut))) ? min : low;
                break;
            case "maximum" or "exclusiveMaximum":
                var high = (Number(value, part, keyword), keyword == "exclusiveMaximum");
                facts.Maximum = facts.Maximum is { } max && (max.Value.CompareTo(high.Item1) is var down && (down < 0 || (down == 0 && max.IsOut))) ? max : high;
                break;
            case "multipleOf":
                AddMultiple(facts, Number(value, part, keyword), part);
                break;
        }
    }

    // int32 and the like, as OpenAPI has them, are formats of numbers.
    private static void AddFormat(SchemaFacts facts, SchemaPart part, string format)
    {
        switch (format)
        {
            case "int32" or "int64" or "float" or "double" or "decimal":
                break;
            default:
                facts.Patterns.Add(Formats.Find(format)
                    ?? throw new NotSupportedException($"{part.Pointer}: the format '{format}' is not known. Known are {Formats.Names}. Write a pattern, or leave it out."));
                break;
        }
    }

    private static void AddMultiple(SchemaFacts facts, Exact number, SchemaPart part)
    {
        for (var digits = 0; digits <= NumberText.Digits; digits++)
        {
            if (number.CompareTo(new(1, -digits)) == 0)
            {
                facts.Digits = Math.Min(facts.Digits, digits);
                return;
            }
        }

        throw new NotSupportedException($"{part.Pointer}: multipleOf is held for 1, 0.1, 0.01 and so on to {NumberText.Digits} digits, and not for this number.");
    }

    private static void Allow(SchemaFacts facts, List<JsonElement> values) =>
        facts.Values = facts.Values is null ? values : [.. facts.Values.Where(one => values.Exists(other => JsonElement.DeepEquals(one, other)))];

    private static JsonTypes Type(JsonElement value, SchemaPart part) => (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "integer" => JsonTypes.Integer,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        _ => throw new NotSupportedException($"{part.Pointer}: type {value.GetRawText()} is not known. Types are null, boolean, integer, number, string, object and array."),
    };

    private static JsonElement Is(JsonElement value, JsonValueKind kind, SchemaPart part, string keyword) =>
        value.ValueKind == kind ? value : throw new NotSupportedException($"{part.Pointer}: {keyword} is {value.ValueKind}, and should be {kind}.");

    private static int Count(JsonElement value, SchemaPart part, string keyword) =>
        Number(value, part, keyword) is { Mantissa.Sign: >= 0 } number && number.Floor(0) is var count
            ? (int)(count < int.MaxValue ? count : int.MaxValue) : throw new NotSupportedException($"{part.Pointer}: {keyword} is below 0.");

    private static Exact Number(JsonElement value, SchemaPart part, string keyword) =>
        Exact.Parse(Is(value, JsonValueKind.Number, part, keyword).GetRawText())
            ?? throw new NotSupportedException($"{part.Pointer}: {keyword} is {value.GetRawText()}, which is beyond all numbers that are read.");

    // Whether a value of enum is of the type, and within what is said of numbers and lengths.
    private static bool IsOf(JsonElement value, SchemaFacts facts)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return facts.Types.HasFlag(JsonTypes.Null);
            case JsonValueKind.True or JsonValueKind.False:
                return facts.Types.HasFlag(JsonTypes.Boolean);
            case JsonValueKind.String:
                var length = value.GetString()!.EnumerateRunes().Count();
                return facts.Types.HasFlag(JsonTypes.String) && length >= facts.MinLength && length <= facts.MaxLength;
            case JsonValueKind.Object:
                return facts.Types.HasFlag(JsonTypes.Object);
            case JsonValueKind.Array:
                return facts.Types.HasFlag(JsonTypes.Array) && value.GetArrayLength() >= facts.MinItems && value.GetArrayLength() <= facts.MaxItems;
            default:
                return Exact.Parse(value.GetRawText()) is { } number
                    && (number.IsWhole ? facts.Types.HasFlag(JsonTypes.Integer) : facts.Types.HasFlag(JsonTypes.Fraction))
                    && number.Floor(facts.Digits) == number.Ceiling(facts.Digits)
                    && (facts.Minimum is not { } min || number.CompareTo(min.Value) is var up && (up > 0 || (up == 0 && !min.IsOut)))
                    && (facts.Maximum is not { } max || number.CompareTo(max.Value) is var down && (down < 0 || (down == 0 && !max.IsOut)));
        }
    }
}
