using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>Messages and tools in the JSON that chat templates read: the shape that transformers documents.</summary>
internal static class ChatMessages
{
    /// <summary>The messages, with the instructions before them.</summary>
    /// <exception cref="NotSupportedException">A message holds what a language model does not read.</exception>
    public static JsonArray Write(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var result = new JsonArray();
        var names = new Dictionary<string, string>();
        foreach (var message in messages)
        {
            Write(message ?? throw new ArgumentException("A message is null.", nameof(messages)), result, names);
        }

        if (!string.IsNullOrEmpty(instructions))
        {
            // Most templates take one system message.
            if (result is [JsonObject first, ..] && (string?)first["role"] == "system")
            {
                first["content"] = $"{instructions}\n\n{(string?)first["content"]}";
            }
            else
            {
                result.Insert(0, new JsonObject { ["role"] = "system", ["content"] = instructions });
            }
        }

        return result;
    }

    /// <summary>The tools.</summary>
    public static JsonArray Write(IEnumerable<AIFunctionDeclaration> tools) => [.. tools.Select(static tool => (JsonNode)new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["parameters"] = JsonNode.Parse(tool.JsonSchema.GetRawText()),
        },
    })];

    private static void Write(ChatMessage message, JsonArray result, Dictionary<string, string> names)
    {
        string? text = null, reasoning = null;
        JsonArray? calls = null;
        var answers = 0;
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent part:
                    text += part.Text;
                    break;
                case TextReasoningContent part:
                    reasoning += part.Text;
                    break;
                case FunctionCallContent call:
                    names[call.CallId] = call.Name;
                    (calls ??= []).Add((JsonNode)Call(call));
                    break;
                case FunctionResultContent answer:
                    result.Add((JsonNode)Answer(answer, names));
                    answers++;
                    break;
                case UsageContent:
                    break;
                default:
                    throw new NotSupportedException(
                        $"A message of {message.Role.Value} has {content.GetType().Name}, which a language model does not read; give TextContent, TextReasoningContent, FunctionCallContent or FunctionResultContent.");
            }
        }

        if (answers > 0 && text is null && calls is null)
        {
            return;
        }

        var written = new JsonObject { ["role"] = message.Role.Value, ["content"] = text ?? "" };
        if (reasoning is not null)
        {
            written["reasoning_content"] = reasoning;
        }

        if (calls is not null)
        {
            written["tool_calls"] = calls;
        }

        result.Add((JsonNode)written);
    }

    private static JsonObject Call(FunctionCallContent call) => new()
    {
        ["type"] = "function",
        ["id"] = call.CallId,
        ["function"] = new JsonObject
        {
            ["name"] = call.Name,
            ["arguments"] = call.Arguments is { } arguments ? new JsonObject(arguments.Select(static one => KeyValuePair.Create(one.Key, Node(one.Value)))) : [],
        },
    };

    private static JsonObject Answer(FunctionResultContent answer, Dictionary<string, string> names)
    {
        var written = new JsonObject { ["role"] = "tool", ["tool_call_id"] = answer.CallId };
        if (names.TryGetValue(answer.CallId, out var name))
        {
            written["name"] = name;
        }

        written["content"] = answer.Result switch
        {
            null => answer.Exception is { } error ? $"Error: {error.Message}" : "",
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
            var value => Node(value)?.ToJsonString(AIJsonUtilities.DefaultOptions) ?? "null",
        };
        return written;
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        _ => JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };
}
