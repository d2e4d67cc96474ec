namespace AttnGen.Generation.Tests;

/// <summary>Texts that are written: whole, in pieces, by a callback.</summary>
public sealed class GenerateTests : IDisposable
{
    private readonly TextGenerator _generator = TextGenerator.Create<TaleTeller>();

    private const string Question = "<|user|>Tell me a story about Mira and a kite.<|end|><|assistant|>";

    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, MaxOutputTokens = 300 };

    public void Dispose() => _generator.Dispose();

    [Fact]
    public void Greedy_text_is_that_of_the_likeliest_tokens_of_bare_calls()
    {
        var ids = _generator.Tokenizer.Encode(Question, true);
        using var sequence = _generator.Model.CreateSequence();
        var logits = new float[_generator.Model.Info.LogitsSize];
        sequence.Extend(ids, logits);
        List<int> expected = [];
        while (expected.Count < 300)
        {
            var next = Array.IndexOf(logits, logits.Max());
            expected.Add(next);
            if (next == 1277)
            {
                break;
            }

            sequence.Extend([next], logits);
        }

        var text = _generator.Generate(Question, s_greedy);
        Assert.Equal(expected, text.Ids);
        Assert.Equal(TextEnd.StopToken, text.End);
        Assert.Equal(_generator.Tokenizer.Decode(expected.ToArray(), skipSpecialTokens: true), text.Text);
        Assert.Equal(ids.Length, text.InputTokens);
        Assert.Contains("Mira", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_of_a_stream_and_of_a_callback_make_the_text()
    {
        var whole = _generator.Generate(Question, s_greedy);
        var pieces = new List<TextPiece>();
        await foreach (var piece in _generator.StreamAsync(Question, s_greedy))
        {
            pieces.Add(piece);
        }

        Assert.Equal(whole.Text, string.Concat(pieces));
        Assert.All(pieces[..^1], piece => Assert.Null(piece.Result));
        Assert.Equal(whole.Ids, pieces[^1].Result!.Ids);
        Assert.True(pieces.Count > whole.Ids.Count / 9);

        var called = new System.Text.StringBuilder();
        var result = _generator.Generate(Question, text => called.Append(text), s_greedy);
        Assert.Equal(whole.Text, called.ToString());
        Assert.Equal("", result.Text);
    }
}
