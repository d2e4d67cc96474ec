using System.Text.Json;

namespace AttnGen.Generation.Schemas;

/// <summary>The keywords of JSON Schema that are followed, and those that say nothing about values.</summary>
internal static class Keywords
{
    private static readonly HashSet<string> s_followed = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format",
        "contentEncoding", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf", "oneOf", "allOf", "$ref", "nullable",
    };

    private static readonly HashSet<string> s_silent = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default",
        "examples", "example", "deprecated", "readOnly", "writeOnly", "contentMediaType", "strict",
    };

    // What is asked for by default, in words.
    private static readonly HashSet<(string, JsonValueKind)> s_harmless = [("uniqueItems", JsonValueKind.False), ("unevaluatedProperties", JsonValueKind.False), ("unevaluatedItems", JsonValueKind.False)];

    /// <summary>Refuses a schema with other keywords.</summary>
    /// <exception cref="NotSupportedException">The message names the keyword.</exception>
    public static void Check(SchemaPart part)
    {
        if (part.Element.ValueKind != JsonValueKind.Object)
        {
            throw new NotSupportedException($"{part.Pointer}: a schema is an object, true or false; this is {part.Element.ValueKind}.");
        }

        foreach (var keyword in part.Element.EnumerateObject())
        {
            if (!s_followed.Contains(keyword.Name) && !s_silent.Contains(keyword.Name)
                && !keyword.Name.StartsWith("x-", StringComparison.Ordinal) && !s_harmless.Contains((keyword.Name, keyword.Value.ValueKind)))
            {
                throw new NotSupportedException($"{part.Pointer}: the keyword '{keyword.Name}' cannot be held. Keywords that are held: {string.Join(", ", s_followed.Order(StringComparer.Ordinal))}.");
            }
        }
    }
}
