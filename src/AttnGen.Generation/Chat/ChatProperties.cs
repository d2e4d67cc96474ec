using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>What <see cref="ChatOptions.AdditionalProperties"/> and <see cref="ChatOptions.Reasoning"/> ask for.</summary>
internal sealed class ChatProperties
{
    /// <summary>The names that are known.</summary>
    public static IReadOnlyList<string> Names { get; } = ["do_sample", "min_p", "repetition_penalty", "prompt_lookup_num_tokens", "enable_thinking", "chat_template_kwargs"];

    public bool? Sample { get; private set; }

    public float? MinP { get; private set; }

    public float? RepetitionPenalty { get; private set; }

    public int? SpeculateTokens { get; private set; }

    public JsonObject? Variables { get; private set; }

    /// <summary>Reads them.</summary>
    /// <exception cref="NotSupportedException">A name is not known.</exception>
    /// <exception cref="ArgumentException">A value is none that the name can have.</exception>
    public static ChatProperties Read(AdditionalPropertiesDictionary? properties, ReasoningOptions? reasoning)
    {
        var result = new ChatProperties();
        if (reasoning?.Effort is { } effort)
        {
            result.Set("enable_thinking", effort != ReasoningEffort.None);
            if (effort != ReasoningEffort.None)
            {
                result.Set("reasoning_effort", effort switch
                {
                    ReasoningEffort.Low => "low",
                    ReasoningEffort.Medium => "medium",
                    ReasoningEffort.High => "high",
                    _ => throw new NotSupportedException($"Reasoning.Effort is {effort}, which no template knows; give None, Low, Medium or High."),
                });
            }
        }

        foreach (var (name, value) in properties ?? [])
        {
            if (value is null or JsonElement { ValueKind: JsonValueKind.Null })
            {
                continue; // asks for nothing
            }

            switch (name)
            {
                case "do_sample":
                    result.Sample = Flag(name, value);
                    break;
                case "min_p":
                    result.MinP = (float)Number(name, value);
                    break;
                case "repetition_penalty":
                    result.RepetitionPenalty = (float)Number(name, value);
                    break;
                case "prompt_lookup_num_tokens":
                    var number = Number(name, value);
                    result.SpeculateTokens = number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : throw Wrong(name, value, "a whole number");
                    break;
                case "enable_thinking":
                    result.Set(name, Flag(name, value));
                    break;
                case "chat_template_kwargs":
                    result.SetAll(name, value);
                    break;
                default:
                    throw new NotSupportedException(
                        $"AdditionalProperties has '{name}', which this client does not know; it knows {string.Join(", ", Names)}. Variables of a chat template go into chat_template_kwargs.");
            }
        }

        return result;
    }

    private void Set(string name, JsonNode? value) => (Variables ??= [])[name] = value;

    private void SetAll(string name, object value)
    {
        var node = value switch
        {
            JsonObject json => json,
            JsonElement { ValueKind: JsonValueKind.Object } json => JsonNode.Parse(json.GetRawText())!.AsObject(),
            IEnumerable<KeyValuePair<string, object?>> pairs => new JsonObject(pairs.Select(static pair => KeyValuePair.Create(
                pair.Key, pair.Value is null ? null : JsonSerializer.SerializeToNode(pair.Value, AIJsonUtilities.DefaultOptions.GetTypeInfo(pair.Value.GetType()))))),
            _ => throw Wrong(name, value, "a JsonObject or a dictionary of names and values"),
        };
        foreach (var (variable, of) in node)
        {
            Set(variable, of?.DeepClone());
        }
    }

    private static bool Flag(string name, object value) => value switch
    {
        bool flag => flag,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } json => json.GetBoolean(),
        _ => throw Wrong(name, value, "true or false"),
    };

    private static double Number(string name, object value) => value switch
    {
        float or double or int or long or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
        _ => throw Wrong(name, value, "a number"),
    };

    private static ArgumentException Wrong(string name, object value, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"AdditionalProperties has {name} {value} of type {value.GetType().Name}; give {expected}."));
}
