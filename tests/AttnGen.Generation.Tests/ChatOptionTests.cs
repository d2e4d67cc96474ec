using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests;

/// <summary>Each member of the chat options is followed or refused.</summary>
public sealed class ChatOptionTests : IDisposable
{
    private const string Question = "Tell me a story about Mira and a kite.";
    private readonly TaleTemplate _template = new();
    private readonly TextGenerator _generator;
    private readonly IChatClient _client;

    public ChatOptionTests()
    {
        _generator = Tales.Create(_template);
        _client = _generator.AsChatClient();
    }

    public void Dispose() => _generator.Dispose();

    private string Expect(GenerationOptions options) => _generator.Generate(Tales.Ask(Question), options).Text;

    [Fact]
    public async Task Members_reach_the_sampler()
    {
        async Task Same(GenerationOptions expected, ChatOptions options) => Assert.Equal(Expect(expected), (await _client.GetResponseAsync(Question, options)).Text);
        await Same(new() { Temperature = 0.8f, Seed = 4, MaxOutputTokens = 30 }, new() { Temperature = 0.8f, Seed = 4, MaxOutputTokens = 30 });
        await Same(new() { TopK = 3, Seed = 4, MaxOutputTokens = 30 }, new() { TopK = 3, Seed = 4, MaxOutputTokens = 30 });
        await Same(new() { TopP = 0.5f, Temperature = 2, Seed = 4, MaxOutputTokens = 30 }, new() { TopP = 0.5f, Temperature = 2, Seed = 4, MaxOutputTokens = 30 });
        await Same(new() { FrequencyPenalty = 1.5f, Temperature = 0, MaxOutputTokens = 60 }, new() { FrequencyPenalty = 1.5f, Temperature = 0, MaxOutputTokens = 60 });
        await Same(new() { PresencePenalty = 2, Temperature = 0, MaxOutputTokens = 60 }, new() { PresencePenalty = 2, Temperature = 0, MaxOutputTokens = 60 });
        await Same(new() { Temperature = 0, StopSequences = [" kite"] }, new() { Temperature = 0, StopSequences = [" kite"], MaxOutputTokens = 200 });
        await Same(
            new() { MinP = 0.3f, RepetitionPenalty = 1.4f, Seed = 9, Sample = true, MaxOutputTokens = 40 },
            new() { Seed = 9, MaxOutputTokens = 40, AdditionalProperties = new() { ["min_p"] = 0.3, ["repetition_penalty"] = 1.4f, ["do_sample"] = true } });
        await Same(new() { Temperature = 0, MaxOutputTokens = 5 }, new() { RawRepresentationFactory = _ => new GenerationOptions { Temperature = 0, MaxOutputTokens = 5, LogProbabilities = 1 } });
        Assert.NotEqual(Expect(new() { Temperature = 0, MaxOutputTokens = 60 }), Expect(new() { PresencePenalty = 2, Temperature = 0, MaxOutputTokens = 60 }));
        Assert.Equal(ChatFinishReason.Length, (await _client.GetResponseAsync(Question, new() { MaxOutputTokens = 2 })).FinishReason);
        Assert.Equal("taleteller", (await _client.GetResponseAsync(Question, new() { MaxOutputTokens = 2, ModelId = "taleteller", ResponseFormat = ChatResponseFormat.Text })).ModelId);
    }

    [Fact]
    public async Task Variables_and_instructions_reach_the_template()
    {
        await _client.GetResponseAsync(Question, new()
        {
            MaxOutputTokens = 1,
            Instructions = "Be brief.",
            Reasoning = new() { Effort = ReasoningEffort.Low },
            AdditionalProperties = new() { ["enable_thinking"] = false, ["chat_template_kwargs"] = new JsonObject { ["custom"] = "x" } },
        });
        var input = _template.Inputs[^1];
        Assert.Equal("""{"enable_thinking":false,"reasoning_effort":"low","custom":"x"}""", input.Variables!.ToJsonString());
        Assert.Equal("""[{"role":"system","content":"Be brief."},{"role":"user","content":"Tell me a story about Mira and a kite."}]""", input.Messages.ToJsonString());
        Assert.True(input.AddGenerationPrompt);
        Assert.Null(input.Tools);

        await _client.GetResponseAsync([new(ChatRole.System, "You tell tales."), new(ChatRole.User, "x")], new() { MaxOutputTokens = 1, Instructions = "Be brief.", Reasoning = new() { Effort = ReasoningEffort.None } });
        Assert.Equal("Be brief.\n\nYou tell tales.", (string)_template.Inputs[^1].Messages[0]!["content"]!);
        Assert.Equal("""{"enable_thinking":false}""", _template.Inputs[^1].Variables!.ToJsonString());
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "ModelId is 'gpt'", new() { ModelId = "gpt" } },
        { "ConversationId", new() { ConversationId = "1" } },
        { "AllowBackgroundResponses", new() { AllowBackgroundResponses = true } },
        { "ContinuationToken", new() { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[1]) } },
        { "RawRepresentationFactory gives String", new() { RawRepresentationFactory = _ => "x" } },
        { "Tools are given", new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "Reasoning.Output is None", new() { Reasoning = new() { Output = ReasoningOutput.None } } },
        { "Reasoning.Effort is ExtraHigh", new() { Reasoning = new() { Effort = ReasoningEffort.ExtraHigh } } },
        { "AdditionalProperties has 'typical_p'", new() { AdditionalProperties = new() { ["typical_p"] = 0.5 } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_is_not_followed_is_refused_by_name(string message, ChatOptions options)
    {
        Assert.Contains(message, (await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync(Question, options))).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => _client.GetStreamingResponseAsync(Question, options));
    }

    /// <summary>A member that a later version of the abstractions adds is not ignored without a word: this test asks for it to be thought about.</summary>
    [Fact]
    public void Every_member_is_known()
    {
        string[] known =
        [
            "AdditionalProperties", "AllowBackgroundResponses", "AllowMultipleToolCalls", "ContinuationToken", "ConversationId", "FrequencyPenalty", "Instructions", "MaxOutputTokens", "ModelId", "PresencePenalty",
            "RawRepresentationFactory", "Reasoning", "ResponseFormat", "Seed", "StopSequences", "Temperature", "ToolMode", "Tools", "TopK", "TopP",
        ];
        Assert.Equal(known, typeof(ChatOptions).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("min_p", "x")]
    [InlineData("do_sample", 1)]
    [InlineData("prompt_lookup_num_tokens", 1.5)]
    [InlineData("chat_template_kwargs", "x")]
    public async Task Wrong_values_are_refused(string name, object value)
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync(Question, new() { AdditionalProperties = new() { [name] = value } }));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_becomes_a_constraint_and_the_text_may_end_where_it_says()
    {
        JsonElement? asked = null;
        var client = _generator.AsChatClient(new ChatClientSettings
        {
            JsonConstraint = schema =>
            {
                asked = schema;
                return new Only(_generator.Tokenizer.Encode("Mira had a kite.", false));
            },
        });
        var schema = JsonDocument.Parse("""{"type":"object"}""").RootElement;
        var response = await client.GetResponseAsync(Question, new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), Temperature = 0 });
        Assert.Equal("Mira had a kite.", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("""{"type":"object"}""", asked!.Value.GetRawText());
        await client.GetResponseAsync(Question, new() { ResponseFormat = ChatResponseFormat.Json, Temperature = 0 });
        Assert.Null(asked);
    }

    [Fact]
    public async Task Messages_of_other_kinds_are_refused_by_name()
    {
        var e = await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[3], "image/png")])]));
        Assert.Contains("DataContent", e.Message, StringComparison.Ordinal);
        Assert.Contains("no messages", (await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync(Array.Empty<ChatMessage>()))).Message, StringComparison.Ordinal);
        using var without = TextGenerator.Create(new Plain(Tales.Model), Tales.Tokenizer);
        Assert.Contains("no chat template", Assert.Throws<InvalidOperationException>(() => without.AsChatClient()).Message, StringComparison.Ordinal);
    }

    /// <summary>The model without the chat template that its class has.</summary>
    private sealed class Plain(ILanguageModel model) : ILanguageModel
    {
        public ModelInfo Info => model.Info;

        public TokenSequence CreateSequence(int capacity = 0) => model.CreateSequence(capacity);

        public void Forward(ReadOnlySpan<int> tokenIds, Span<float> hiddenStates, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default, ForwardTrace trace = default) =>
            model.Forward(tokenIds, hiddenStates, tokenTypes, mask, trace);

        public void Dispose()
        {
        }
    }

    /// <summary>One text and no other, and then the end.</summary>
    internal sealed class Only(int[] ids) : TokenConstraint
    {
        private int _at;

        public override bool MayEnd => _at == ids.Length;

        public override void Mask(Span<float> logits)
        {
            for (var i = 0; i < logits.Length; i++)
            {
                logits[i] = _at < ids.Length && i == ids[_at] ? logits[i] : float.NegativeInfinity;
            }
        }

        public override void Accept(int id) => Assert.Equal(ids[_at++], id);

        public override void Reset() => _at = 0;
    }
}
