using System.Globalization;
using System.Text.Json;

namespace AttnGen.Generation.Schemas;

/// <summary>Pointers into a schema, such as <c>#/properties/name</c>.</summary>
internal static class JsonPointer
{
    /// <summary>A name as a part of a pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>What a pointer leads to.</summary>
    /// <exception cref="NotSupportedException">It leads nowhere, or out of the schema.</exception>
    public static JsonElement Find(JsonElement root, string pointer, string where)
    {
        if (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new NotSupportedException($"{where}: the reference '{pointer}' leads out of the schema. References begin with '#' and lead to a part of it, such as '#/$defs/name'.");
        }

        var at = root;
        foreach (var part in Uri.UnescapeDataString(pointer).Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var isThere = at.ValueKind == JsonValueKind.Object ? at.TryGetProperty(name, out at)
                : at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                    && index < at.GetArrayLength() && (at = at[index]).ValueKind >= 0;
            if (!isThere)
            {
                throw new NotSupportedException($"{where}: the reference '{pointer}' leads nowhere: there is no '{name}'.");
            }
        }

        return at;
    }
}
