using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Tool;

/// <summary>A conversation on disk: <c>[{"role": "user", "content": "Hello"}, …]</c>, the shape that chat templates take.</summary>
internal static class ConversationFile
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it whole, or leaves the file as it was.</summary>
    public static void Write(string file, IEnumerable<ChatMessage> messages)
    {
        var array = new JsonArray([.. messages.Select(message => new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]);
        var beside = file + ".tmp";
        try
        {
            File.WriteAllText(beside, array.ToJsonString(s_options) + "\n");
            File.Move(beside, file, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <exception cref="ToolException">The file is not there, or is none.</exception>
    public static List<ChatMessage> Read(string file)
    {
        try
        {
            var messages = new List<ChatMessage>();
            if (JsonNode.Parse(File.ReadAllText(file)) is not JsonArray array)
                throw new ToolException($"'{file}' is no conversation: a list of messages with role and content is expected, as /save writes it.");
            foreach (var node in array)
            {
                if (node is not JsonObject message || !Text(message, "role", out var role) || !Text(message, "content", out var content) || role is not ("system" or "user" or "assistant"))
                    throw new ToolException($"Message {messages.Count + 1} of '{file}' has no role (system, user or assistant) or no content that is a text; /save writes such files.");
                messages.Add(new ChatMessage(new ChatRole(role), content));
            }

            return messages;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ToolException($"'{file}' cannot be read as a conversation: {e.Message.TrimEnd('.')}; give a file that /save wrote.");
        }
    }

    private static bool Text(JsonObject message, string name, out string value)
    {
        value = message[name] is JsonValue member && member.TryGetValue<string>(out var text) ? text : "";
        return message[name] is JsonValue of && of.GetValueKind() == JsonValueKind.String;
    }
}
