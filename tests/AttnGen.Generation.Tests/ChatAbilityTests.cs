using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests;

/// <summary>JSON and tools through the chat client, as the library does them by itself.</summary>
public sealed class ChatAbilityTests
{
    private const string Question = "Tell me a story about Mira and a kite.";

    private static readonly JsonSerializerOptions s_options = AIJsonUtilities.DefaultOptions;

    private enum Mood
    {
        Glad,
        Sad,
    }

    private sealed record Tale(string Name, Mood Mood, int Age, string[] Things, DateOnly? Day);

    [Theory]
    [InlineData(0f, 1)]
    [InlineData(1f, 2)]
    [InlineData(1.5f, 3)]
    [InlineData(1.5f, 4)]
    public async Task An_answer_fits_its_schema(float temperature, long seed)
    {
        using var generator = Tales.Create();
        var client = generator.AsChatClient();
        var options = new ChatOptions { Temperature = temperature, Seed = seed, MaxOutputTokens = 300, ResponseFormat = ChatResponseFormat.ForJsonSchema<Tale>() };
        var response = await client.GetResponseAsync(Question, options);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        var tale = JsonSerializer.Deserialize<Tale>(response.Text, s_options)!;
        Assert.InRange((int)tale.Mood, 0, 1);

        // The same through the abstractions' own way to ask for a type.
        Assert.True((await client.GetResponseAsync<Tale>(Question, options: new() { Temperature = temperature, Seed = seed, MaxOutputTokens = 300 })).TryGetResult(out var typed) && typed.Name.Length >= 0);
    }

    [Fact]
    public async Task Without_a_schema_it_is_any_object()
    {
        using var generator = Tales.Create();
        var response = await generator.AsChatClient().GetResponseAsync(Question, new() { Temperature = 1, Seed = 11, MaxOutputTokens = 120, ResponseFormat = ChatResponseFormat.Json });
        Assert.IsType<JsonObject>(JsonNode.Parse(response.Text));
    }

    /// <summary>However few tokens there are from the shortest answer on, it comes to its end.</summary>
    [Theory]
    [InlineData(70)]
    [InlineData(90)]
    [InlineData(140)]
    public async Task An_answer_ends_in_time(int most)
    {
        using var generator = Tales.Create();
        for (var seed = 0; seed < 5; seed++)
        {
            var response = await generator.AsChatClient().GetResponseAsync(Question, new() { Temperature = 2, TopK = 0, Seed = seed, MaxOutputTokens = most, ResponseFormat = ChatResponseFormat.ForJsonSchema<Tale>() });
            Assert.NotNull(JsonSerializer.Deserialize<Tale>(response.Text, s_options));
        }
    }

    /// <summary>A folder may name tokens that its model does not have.</summary>
    [Fact]
    public async Task Stop_tokens_beyond_the_vocabulary_do_no_harm()
    {
        var folder = Directory.CreateTempSubdirectory("attngen").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "generation_config.json"), """{"eos_token_id": [1277, 128009]}""");
            using var generator = TextGenerator.Create(Tales.Model, Tales.Tokenizer, new TaleTemplate(), settingsFolder: folder);
            var response = await generator.AsChatClient().GetResponseAsync(Question, new() { Temperature = 0, MaxOutputTokens = 60, ResponseFormat = ChatResponseFormat.Json });
            Assert.IsType<JsonObject>(JsonNode.Parse(response.Text));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_schema_that_is_not_followed_is_refused_by_name()
    {
        using var generator = Tales.Create();
        var schema = JsonElement.Parse("""{"type":"array","uniqueItems":true}"""u8);
        var e = await Assert.ThrowsAsync<NotSupportedException>(() => generator.AsChatClient().GetResponseAsync(Question, new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) }));
        Assert.Contains("uniqueItems", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ToolCallFormat.Hermes)]
    [InlineData(ToolCallFormat.Llama3)]
    public async Task A_required_call_is_made_with_arguments_of_its_schema(ToolCallFormat format)
    {
        using var generator = Tales.Create(new CallingTemplate(format));
        var options = new ChatOptions
        {
            Temperature = 1,
            Seed = 5,
            MaxOutputTokens = 300,
            ToolMode = ChatToolMode.RequireAny,
            Tools = [AIFunctionFactory.Create((string place, int days) => $"{place} {days}", "weather", "The weather of some days.")],
        };
        var response = await generator.AsChatClient().GetResponseAsync(Question, options);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        var call = Assert.Single(response.Messages.Single().Contents.OfType<FunctionCallContent>());
        Assert.Equal("weather", call.Name);
        Assert.Equal(JsonValueKind.String, ((JsonElement)call.Arguments!["place"]!).ValueKind);
        Assert.True(((JsonElement)call.Arguments["days"]!).TryGetInt32(out _));
    }

    [Fact]
    public async Task A_function_is_invoked_and_the_conversation_goes_on()
    {
        using var generator = Tales.Create(new CallingTemplate(ToolCallFormat.Hermes));
        var calls = 0;
        var client = generator.AsChatClient().AsBuilder().UseFunctionInvocation(configure: invoking => invoking.MaximumIterationsPerRequest = 2).Build();
        var options = new ChatOptions
        {
            Temperature = 0,
            MaxOutputTokens = 200,
            ToolMode = ChatToolMode.RequireSpecific("count"),
            Tools = [AIFunctionFactory.Create((bool all) => all ? ++calls : ++calls, "count"), AIFunctionFactory.Create(() => 0, "other")],
        };
        var response = await client.GetResponseAsync(Question, options);
        Assert.True(calls > 0);
        Assert.Contains(response.Messages, message => message.Role == ChatRole.Tool);
    }

    [Fact]
    public async Task Tools_without_a_known_format_are_refused_with_what_to_do()
    {
        using var generator = Tales.Create(new CallingTemplate(ToolCallFormat.None));
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        Assert.Contains("ToolCallFormat", (await Assert.ThrowsAsync<NotSupportedException>(() => generator.AsChatClient().GetResponseAsync(Question, options))).Message, StringComparison.Ordinal);

        // Said by hand, they are read.
        options.MaxOutputTokens = 5;
        await generator.AsChatClient(new ChatClientSettings { ToolCallFormat = ToolCallFormat.Hermes }).GetResponseAsync(Question, options);

        // Mistral's begin with a special token, which cannot be asked for.
        options.ToolMode = ChatToolMode.RequireAny;
        var mistral = generator.AsChatClient(new ChatClientSettings { ToolCallFormat = ToolCallFormat.Mistral });
        Assert.Contains("Mistral", (await Assert.ThrowsAsync<NotSupportedException>(() => mistral.GetResponseAsync(Question, options))).Message, StringComparison.Ordinal);
    }

    /// <summary>The tale teller's form, with calls as a family writes them.</summary>
    private sealed class CallingTemplate(ToolCallFormat format) : IChatTemplate
    {
        private readonly TaleTemplate _tales = new();

        public string Render(ChatTemplateInput input)
        {
            var written = "";
            var spoken = new JsonArray();
            foreach (var message in input.Messages.OfType<JsonObject>())
            {
                if (message["tool_calls"] is JsonArray calls)
                {
                    written += string.Concat(calls.Select(call => Write(call!["function"]!)));
                }
                else if ((string?)message["role"] is "user" or "assistant")
                {
                    spoken.Add(message.DeepClone());
                }
            }

            return _tales.Render(new ChatTemplateInput { Messages = spoken, AddGenerationPrompt = input.AddGenerationPrompt }) + written;
        }

        private string Write(JsonNode function) => format switch
        {
            ToolCallFormat.Hermes => $"<tool_call>{function.ToJsonString()}</tool_call>",
            ToolCallFormat.Llama3 => $$"""<|start_header_id|>{"name": "{{function["name"]}}", "parameters": {{function["arguments"]!.ToJsonString()}}}""",
            _ => "",
        };
    }
}
