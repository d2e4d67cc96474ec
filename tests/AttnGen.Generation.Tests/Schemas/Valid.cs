using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>What another library says about a text.</summary>
internal static class Valid
{
    /// <summary>
    /// Whether a text is valid. JSON Schema counts characters as code points, the library as what is seen (an accent and its letter are one): texts
    /// are also asked with other characters in their place. A time of JSON Schema has an offset, and TimeOnly is read from none.
    /// </summary>
    public static void Check(JsonElement schema, string text)
    {
        var value = JsonDocument.Parse(text).RootElement;
        var judge = JsonSchema.FromText(schema.GetRawText().Replace("\"format\":\"time\"", "\"$comment\":\"time\"", StringComparison.Ordinal));
        Assert.True(
            judge.Evaluate(value, s_options).IsValid || judge.Evaluate(JsonDocument.Parse(Plain(JsonNode.Parse(text))?.ToJsonString() ?? "null").RootElement, s_options).IsValid,
            $"{schema}\n{text}");
        CheckNames(value, text);
    }

    private static readonly EvaluationOptions s_options = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };

    // No name twice, at any depth.
    private static void CheckNames(JsonElement value, string text)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            var names = value.EnumerateObject().Select(static one => one.Name).ToList();
            Assert.True(names.Distinct(StringComparer.Ordinal).Count() == names.Count, text);
            foreach (var one in value.EnumerateObject())
            {
                CheckNames(one.Value, text);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in value.EnumerateArray())
            {
                CheckNames(one, text);
            }
        }
    }

    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(static one => KeyValuePair.Create(one.Key, Plain(one.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(value.GetValue<string>().EnumerateRunes().Aggregate(
            new StringBuilder(), static (all, one) => all.Append(one.IsAscii && one.Value >= ' ' ? (char)one.Value : 'x')).ToString()),
        _ => node?.DeepClone(),
    };
}
