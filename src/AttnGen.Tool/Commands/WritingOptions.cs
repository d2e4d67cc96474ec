using System.CommandLine;
using System.Globalization;
using AttnGen.Generation;

namespace AttnGen.Tool;

/// <summary>How texts are written; the same for <c>generate</c> and <c>chat</c>. What is left out is as the folder's generation_config.json says.</summary>
internal sealed class WritingOptions
{
    private readonly Option<int?> _tokens = new("--tokens", "-n") { Description = "Most tokens that are written; left out: until the text ends or the context window is full.", HelpName = "N" };
    private readonly Option<float?> _temperature = new("--temperature") { Description = "What logits are divided by before a draw; 0 takes the likeliest token each time.", HelpName = "T" };
    private readonly Option<int?> _topK = new("--top-k") { Description = "Draws from the K likeliest tokens; 0: from all.", HelpName = "K" };
    private readonly Option<float?> _topP = new("--top-p") { Description = "Draws from the smallest set of likely tokens whose probabilities reach P.", HelpName = "P" };
    private readonly Option<float?> _minP = new("--min-p") { Description = "Draws from tokens with at least this share of the likeliest one's probability.", HelpName = "P" };
    private readonly Option<float?> _repetition = new("--repetition-penalty") { Description = "Makes tokens of the text so far less likely; 1: does nothing.", HelpName = "X" };
    private readonly Option<long?> _seed = new("--seed") { Description = "The same seed gives the same text.", HelpName = "N" };
    private readonly Option<string[]> _stop = new("--stop") { Description = "A text that ends the answer. May be given several times.", HelpName = "TEXT" };
    private readonly Option<int> _speculate = new("--speculate") { Description = "Most tokens that are guessed from what the text repeats; the text is the same.", HelpName = "N" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _tokens, _temperature, _topK, _topP, _minP, _repetition, _seed, _stop, _speculate })
            command.Add(option);
    }

    /// <exception cref="ToolException">A value is out of range.</exception>
    public GenerationOptions Read(ParseResult result)
    {
        var (tokens, temperature, topK, topP) = (result.GetValue(_tokens), result.GetValue(_temperature), result.GetValue(_topK), result.GetValue(_topP));
        var (minP, repetition, speculate) = (result.GetValue(_minP), result.GetValue(_repetition), result.GetValue(_speculate));
        Check("--tokens", tokens, tokens is null or >= 1, "1 or more");
        Check("--temperature", temperature, temperature is null or (>= 0 and < float.PositiveInfinity), "0 or more");
        Check("--top-k", topK, topK is null or >= 0, "0 or more");
        Check("--top-p", topP, topP is null or (> 0 and <= 1), "more than 0, and 1 at most");
        Check("--min-p", minP, minP is null or (>= 0 and <= 1), "0 to 1");
        Check("--repetition-penalty", repetition, repetition is null or (> 0 and < float.PositiveInfinity), "more than 0");
        Check("--speculate", speculate, speculate >= 0, "0 or more");
        var stops = result.GetValue(_stop) ?? [];
        if (stops.Contains(""))
            throw new ToolException("--stop is an empty text, which would end every answer; give the text that ends it, or leave --stop out.");
        return new GenerationOptions
        {
            MaxOutputTokens = tokens,
            Temperature = temperature,
            TopK = topK,
            TopP = topP,
            MinP = minP,
            RepetitionPenalty = repetition,
            Seed = result.GetValue(_seed),
            StopSequences = stops.Length > 0 ? stops : null,
            SpeculateTokens = speculate,
        };
    }

    private static void Check(string option, IFormattable? value, bool holds, string range)
    {
        if (!holds)
            throw new ToolException($"{option} is {value!.ToString(null, CultureInfo.InvariantCulture)}; give {range}.");
    }
}
