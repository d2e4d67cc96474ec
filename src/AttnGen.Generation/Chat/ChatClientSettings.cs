using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>How a chat client writes JSON and calls tools, where that is not to be found out from the model's folder.</summary>
public sealed class ChatClientSettings
{
    /// <summary>How the model's family writes calls of tools; null: as the marks in what its chat template writes tell (<see cref="ToolCallFormats.Detect"/>).</summary>
    public ToolCallFormat? ToolCallFormat { get; init; }

    /// <summary>Makes the constraint of an answer in JSON: of a schema, or, given null, of any object. Null: <see cref="JsonGrammar"/> does.</summary>
    public Func<JsonElement?, TokenConstraint>? JsonConstraint { get; init; }

    /// <summary>Makes a reader of an answer's tool calls, given the tools. Null: a <see cref="ToolCallParser"/> of <see cref="ToolCallFormat"/>.</summary>
    public Func<IReadOnlyList<AIFunctionDeclaration>, IToolCallReader>? ToolCalls { get; init; }

    /// <summary>Makes the constraint of an answer that must call one of these tools (<see cref="ChatToolMode.RequireAny"/>). Null: a <see cref="JsonGrammar"/> of the call does.</summary>
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
