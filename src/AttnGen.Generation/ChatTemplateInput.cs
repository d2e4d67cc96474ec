using System.Text.Json.Nodes;

namespace AttnGen.Generation;

/// <summary>What a chat template is given. Messages and tools are JSON, in the shape that the folder's template expects: transformers hands them on as they are.</summary>
public sealed class ChatTemplateInput
{
    /// <summary>The messages, such as <c>{"role": "user", "content": "Hello"}</c>. Order of members is kept.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>The tools that may be called; null: none.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Whether the text ends where the model's answer begins.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Further variables of the template, such as <c>enable_thinking</c>; they come before the folder's special tokens of the same name.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>The time that <c>strftime_now</c> writes; null: now, in local time.</summary>
    public DateTimeOffset? Now { get; init; }
}
