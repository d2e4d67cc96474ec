using AttnGen.Generation;

namespace AttnGen.Tool;

/// <summary>A text that was written, and how long that took; as <c>--json</c> prints it.</summary>
/// <param name="Prompt">What it goes on with, or the message that it answers.</param>
/// <param name="Text">The text.</param>
/// <param name="End">Why it ended.</param>
/// <param name="InputTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Of those the ones that were not read again.</param>
/// <param name="OutputTokens">Tokens that were written.</param>
/// <param name="Seed">Gives the same text again.</param>
/// <param name="FirstMilliseconds">Until the first piece of text was there.</param>
/// <param name="TokensPerSecond">From then on; null: there was no second token.</param>
internal sealed record WrittenText(string Prompt, string Text, TextEnd End, int InputTokens, int CachedTokens, int OutputTokens, long Seed, double FirstMilliseconds, double? TokensPerSecond)
{
    public static WrittenText Of(string prompt, string text, GeneratedText result, TimeSpan first, TimeSpan whole) => new(
        prompt, text, result.End, result.InputTokens, result.CachedTokens, result.OutputTokens, result.Seed,
        Math.Round(first.TotalMilliseconds, 2),
        result.OutputTokens > 1 && whole > first ? Math.Round((result.OutputTokens - 1) / (whole - first).TotalSeconds, 1) : null);

    /// <summary>One line about it.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Note =>
        $"{Show.Count(OutputTokens)} tokens{(TokensPerSecond is { } rate ? $", {Show.Fixed(rate, rate < 100 ? 1 : 0)} a second" : "")}; first after {Show.Fixed(FirstMilliseconds, FirstMilliseconds < 10 ? 1 : 0)} ms" +
        $" ({Show.Count(InputTokens)} read{(CachedTokens > 0 ? $", {Show.Count(CachedTokens)} of them before" : "")}); seed {Seed}" +
        End switch { TextEnd.Length => "; ended by --tokens", TextEnd.WindowFull => "; the context window is full", _ => "" };
}
