using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>A piece of an answer: text, or a whole call.</summary>
/// <param name="Text">The text; empty for a call.</param>
/// <param name="Call">The call; null for text.</param>
/// <param name="Problem">Why text that looked like a call is none; null: it did not look like one.</param>
public sealed record ToolCallEvent(string Text, FunctionCallContent? Call = null, string? Problem = null);
