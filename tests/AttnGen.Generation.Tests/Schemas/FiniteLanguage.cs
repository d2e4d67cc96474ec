using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>All texts of a schema that has finitely many, counted out by trying: what the masks are held against. Knows nothing of automata.</summary>
internal static class FiniteLanguage
{
    private static readonly string[] s_letters = ["a", "b", "é", "\"", "\\"];

    /// <summary>The texts, without white space.</summary>
    public static IEnumerable<string> Of(JsonElement schema, JsonElement root)
    {
        var whole = JsonNode.Parse(schema.GetRawText());
        if (whole is JsonObject map && root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$defs", out var definitions))
        {
            map["$defs"] = JsonNode.Parse(definitions.GetRawText());
        }

        var judge = Json.Schema.JsonSchema.FromText(whole!.ToJsonString());
        return Candidates(schema, root).Distinct(StringComparer.Ordinal).Where(text => judge.Evaluate(JsonDocument.Parse(text).RootElement).IsValid).ToList();
    }

    // More than the schema allows is no harm: the validator looks at each.
    private static IEnumerable<string> Candidates(JsonElement schema, JsonElement root)
    {
        if (schema.ValueKind == JsonValueKind.False)
        {
            return [];
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Of(root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]), root);
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(keyword, out var choices))
            {
                return choices.EnumerateArray().SelectMany(one => Of(one, root));
            }
        }

        if (schema.TryGetProperty("allOf", out var all))
        {
            // Properties of all, in order: each from the first that lists it.
            var names = all.EnumerateArray().SelectMany(static one => one.GetProperty("properties").EnumerateObject()).GroupBy(static one => one.Name).Select(static group => group.First());
            return Objects([.. names], root);
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return [JsonNode.Parse(constant.GetRawText())!.ToJsonString()];
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return values.EnumerateArray().Select(static one => one.GetRawText());
        }

        var type = schema.GetProperty("type");
        return (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static one => one.GetString()!) : [type.GetString()!]).SelectMany(one => OfType(one, schema, root));
    }

    private static IEnumerable<string> OfType(string type, JsonElement schema, JsonElement root) => type switch
    {
        "null" => ["null"],
        "boolean" => ["true", "false"],
        "integer" => Enumerable.Range(-50, 101).Select(static one => one.ToString(CultureInfo.InvariantCulture)),
        "number" => Enumerable.Range(-5, 11).SelectMany(static one =>
            (string[])[$"{one}", .. Enumerable.Range(0, 10).SelectMany(digit => (string[])[$"{one}.{digit}", $"-{Math.Abs(one)}.{digit}"])])
            .Distinct().Where(static one => !Regex.IsMatch(one, "^-0(\\.0)?$")),
        "string" => Strings(4).Select(static one => "\"" + one.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""),
        "array" => Enumerable.Range(0, 4).Where(count => !schema.TryGetProperty("maxItems", out var most) || count <= most.GetInt32())
            .SelectMany(count => Arrays(schema, root, count, 0)).Select(static items => $"[{items}]"),
        "object" => Objects([.. schema.GetProperty("properties").EnumerateObject()], root),
        _ => throw new ArgumentException(type),
    };

    private static IEnumerable<string> Strings(int most) => most == 0 ? [""] : Strings(most - 1).SelectMany(static one => (string[])[one, .. s_letters.Select(letter => one + letter)]).Distinct();

    private static IEnumerable<string> Arrays(JsonElement schema, JsonElement root, int count, int at)
    {
        if (count == 0)
        {
            return [""];
        }

        var item = schema.TryGetProperty("prefixItems", out var places) && at < places.GetArrayLength() ? places[at]
            : schema.TryGetProperty("items", out var items) ? items : JsonDocument.Parse("false").RootElement;
        var rest = Arrays(schema, root, count - 1, at + 1).ToList();
        return Of(item, root).SelectMany(first => rest.Select(others => others.Length == 0 ? first : $"{first},{others}"));
    }

    private static IEnumerable<string> Objects(List<JsonProperty> properties, JsonElement root)
    {
        IEnumerable<string> written = [""];
        foreach (var one in properties)
        {
            var values = Of(one.Value, root).ToList();
            written = written.SelectMany(before => (string[])[before, .. values.Select(value => $"{before}{(before.Length == 0 ? "" : ",")}{JsonSerializer.Serialize(one.Name)}:{value}")]).ToList();
        }

        return written.Select(static members => $"{{{members}}}");
    }
}
