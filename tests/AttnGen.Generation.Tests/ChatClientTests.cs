using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests;

/// <summary>The generator as a chat client.</summary>
public sealed class ChatClientTests : IDisposable
{
    private const string Question = "Tell me a story about Mira and a kite.";
    private readonly TaleTemplate _template = new();
    private readonly TextGenerator _generator;
    private readonly IChatClient _client;

    public ChatClientTests()
    {
        _generator = Tales.Create(_template);
        _client = _generator.AsChatClient();
    }

    public void Dispose() => _generator.Dispose();

    private static ChatOptions Greedy => new() { Temperature = 0, MaxOutputTokens = 300 };

    [Fact]
    public async Task Answers_are_the_generators_text_and_usage_comes_once()
    {
        var expected = _generator.Generate($"<|user|>{Question}<|end|><|assistant|>", new GenerationOptions { Temperature = 0, MaxOutputTokens = 300 });
        var response = await _client.GetResponseAsync(Question, Greedy);
        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(ChatRole.Assistant, response.Messages.Single().Role);
        Assert.Equal((expected.InputTokens, expected.OutputTokens, expected.InputTokens + expected.OutputTokens), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("taleteller", response.ModelId);

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _client.GetStreamingResponseAsync(Question, Greedy))
        {
            updates.Add(update);
        }

        Assert.Equal(expected.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
    }

    [Fact]
    public async Task The_second_turn_goes_on_from_the_first()
    {
        List<ChatMessage> talk = [new(ChatRole.User, Question)];
        var first = await _client.GetResponseAsync(talk, Greedy);
        Assert.Equal(0, first.Usage!.CachedInputTokenCount);
        talk.AddMessages(first);
        talk.Add(new(ChatRole.User, "Who found the kite?"));
        var second = await _client.GetResponseAsync(talk, Greedy);
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, first.Usage.TotalTokenCount!.Value - 1, second.Usage.InputTokenCount!.Value - 1);
        using var fresh = Tales.Create(new TaleTemplate());
        Assert.Equal((await fresh.AsChatClient().GetResponseAsync(talk, Greedy)).Text, second.Text);
    }

    [Fact]
    public async Task A_conversation_that_begins_with_a_loaded_prefix_reads_the_rest()
    {
        using var file = new MemoryStream();
        var tokens = _generator.SavePrefix([new ChatMessage(ChatRole.User, Question)], file);
        file.Position = 0;
        using var other = Tales.Create(new TaleTemplate());
        other.LoadPrefix(file);
        var response = await other.AsChatClient().GetResponseAsync(Question, Greedy);
        Assert.Equal(tokens, response.Usage!.CachedInputTokenCount);
        Assert.Equal((await _client.GetResponseAsync(Question, Greedy)).Text, response.Text);
    }

    [Fact]
    public void Services_are_found()
    {
        Assert.Equal("attngen", _client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Equal("taleteller", _client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(_generator, _client.GetService<TextGenerator>());
        Assert.Same(_generator.Tokenizer, _client.GetService<TextTokenizer>());
        Assert.Same(_generator.Model, _client.GetService<TaleTeller>());
        Assert.Same(_generator.Model, _client.GetService<ILanguageModel>());
        Assert.Same(_generator.Model.Info, _client.GetService<ModelInfo>());
        Assert.Same(_template, _client.GetService<IChatTemplate>());
        Assert.Same(_client, _client.GetService<IChatClient>());
        Assert.Null(_client.GetService<IDisposable>("a key"));
    }
}
