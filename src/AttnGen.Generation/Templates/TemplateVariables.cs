using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Generation.Templates;

/// <summary>What a conversation gives to a template.</summary>
internal static class TemplateVariables
{
    private static readonly string[] s_own = ["messages", "tools", "add_generation_prompt"];

    /// <summary>The variables, as transformers sets them: tools and documents are None where there are none.</summary>
    public static Dictionary<string, object?> Of(ChatTemplateInput input, IReadOnlyList<KeyValuePair<string, string>> specialTokens)
    {
        Dictionary<string, object?> variables = new(StringComparer.Ordinal) { ["documents"] = null };
        foreach (var (name, token) in specialTokens)
            variables[name] = token;
        foreach (var (name, value) in input.Variables ?? [])
        {
            if (s_own.Contains(name))
                throw new ArgumentException($"Variables has '{name}', which is a property of its own; set {(name == "messages" ? nameof(input.Messages) : name == "tools" ? nameof(input.Tools) : nameof(input.AddGenerationPrompt))}.", nameof(input));
            variables[name] = Value(value);
        }

        variables["messages"] = Value(input.Messages);
        variables["tools"] = Value(input.Tools);
        variables["add_generation_prompt"] = input.AddGenerationPrompt;
        return variables;
    }

    /// <summary>JSON as Python's json.loads reads it: 2.0 is a float, and integers may be of any size.</summary>
    internal static object? Value(JsonNode? node)
    {
        Python.CheckDepth();
        switch (node)
        {
            case null:
                return null;
            case JsonArray array:
                return array.Select(Value).ToList();
            case JsonObject members:
                var dict = new DictValue();
                foreach (var (name, value) in members)
                    dict.Set(name, Value(value));
                return dict;
            default:
                return Value(node.AsValue());
        }
    }

    private static object? Value(JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                return Number(value);
            default:
                return value.GetValue<string>();
        }
    }

    private static object? Number(JsonValue value)
    {
        // What was made of a float is one, whatever it is written like; what was read says itself.
        if (!value.TryGetValue(out JsonElement element))
        {
            if (value.TryGetValue(out double real))
                return real;
            if (value.TryGetValue(out float single))
                return double.Parse(single.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (value.TryGetValue(out decimal exact))
                return (double)exact;
        }

        string text = element.ValueKind == JsonValueKind.Number ? element.GetRawText() : value.ToJsonString();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0
            ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : Python.Normal(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }
}
