using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>What a chat client does besides writing text.</summary>
public sealed class ChatClientSettings
{
    /// <summary>Makes the constraint of an answer in JSON: of a schema, or, given null, of any JSON. Null: answers in JSON are refused.</summary>
    public Func<JsonElement?, TokenConstraint>? JsonConstraint { get; init; }

    /// <summary>Makes a reader of an answer's tool calls, given the tools. Null: tools are refused.</summary>
    public Func<IReadOnlyList<AIFunctionDeclaration>, IToolCallReader>? ToolCalls { get; init; }

    /// <summary>Makes the constraint of an answer that must call one of these tools (<see cref="ChatToolMode.RequireAny"/>). Null: that mode is refused.</summary>
    public Func<IReadOnlyList<AIFunctionDeclaration>, TokenConstraint>? ToolConstraint { get; init; }
}

/// <summary>Finds the tool calls in an answer as it comes. One instance reads one answer.</summary>
public interface IToolCallReader
{
    /// <summary>Whether the calls are written with special tokens, so that these must be part of the text.</summary>
    bool ReadsSpecialTokens { get; }

    /// <summary>Goes on by a piece of the answer.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="contents">Gets what is certain now: text (<see cref="TextContent"/>) and whole calls (<see cref="FunctionCallContent"/>).</param>
    void Append(string text, IList<AIContent> contents);

    /// <summary>The answer is over.</summary>
    /// <param name="contents">Gets what was held back.</param>
    void End(IList<AIContent> contents);
}
