using System.Text.Json.Nodes;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AttnGen.Generation.Tests;

/// <summary>Tools, and the client under what others put around it.</summary>
public sealed class ToolTests : IDisposable
{
    private const string Question = "Tell me a story about Mira and a kite.";
    private readonly TaleTemplate _template = new();
    private readonly TextGenerator _generator;

    public ToolTests() => _generator = Tales.Create(_template);

    public void Dispose() => _generator.Dispose();

    private static ChatOptions Greedy => new() { Temperature = 0, MaxOutputTokens = 20 };

    // Takes the first answer for a call of the first tool, and later ones for text.
    private sealed class Reader(string name, bool calls) : IToolCallReader
    {
        private string _text = "";

        public bool ReadsSpecialTokens => false;

        public void Append(string text, IList<AIContent> contents)
        {
            _text += text;
            if (!calls && text.Length > 0)
            {
                contents.Add(new TextContent(text));
            }
        }

        public void End(IList<AIContent> contents)
        {
            if (calls)
            {
                contents.Add(new FunctionCallContent("call1", name, new Dictionary<string, object?> { ["text"] = _text }));
            }
        }
    }

    [Fact]
    public async Task Tools_are_called_and_their_answers_go_to_the_template()
    {
        var answers = 0;
        var client = _generator.AsChatClient(new ChatClientSettings { ToolCalls = tools => new Reader(tools[0].Name, answers++ == 0) }).AsBuilder().UseFunctionInvocation().Build();
        string? heard = null;
        var options = Greedy;
        options.Tools = [AIFunctionFactory.Create((string text) => { heard = text; return text.Length; }, "length", "How long a text is.")];
        var response = await client.GetResponseAsync(Question, options);
        Assert.NotNull(heard);
        Assert.Equal(2, _template.Inputs.Count);
        var tool = _template.Inputs[0].Tools!.Single()!;
        Assert.Equal(("function", "length", "How long a text is."), ((string?)tool["type"], (string?)tool["function"]!["name"], (string?)tool["function"]!["description"]));
        Assert.Equal("string", (string?)tool["function"]!["parameters"]!["properties"]!["text"]!["type"]);
        var second = _template.Inputs[1].Messages;
        Assert.Equal(["user", "assistant", "tool"], second.Select(message => (string?)message!["role"]));
        Assert.Equal(heard, (string?)second[1]!["tool_calls"]![0]!["function"]!["arguments"]!["text"]);
        Assert.Equal($$"""{"role":"tool","tool_call_id":"call1","name":"length","content":"{{heard.Length}}"}""", second[2]!.ToJsonString());
        Assert.NotEqual("", response.Text);

        // Without them none are shown; what must be called is refused while there is no constraint for it.
        options.ToolMode = ChatToolMode.None;
        await client.GetResponseAsync(Question, options);
        Assert.Null(_template.Inputs[^1].Tools);
        options.ToolMode = ChatToolMode.RequireAny;
        Assert.Contains("ToolMode", (await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(Question, options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_call_alone_ends_the_answer()
    {
        var client = _generator.AsChatClient(new ChatClientSettings { ToolCalls = _ => new Twice() });
        var options = Greedy;
        options.Tools = [AIFunctionFactory.Create(() => 1, "one")];
        Assert.Equal(2, (await client.GetResponseAsync(Question, options)).Messages.Single().Contents.OfType<FunctionCallContent>().Count());
        options.AllowMultipleToolCalls = false;
        var response = await client.GetResponseAsync(Question, options);
        Assert.Single(response.Messages.Single().Contents.OfType<FunctionCallContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 20);
        Assert.Equal(0, _generator.Engine.Running);
    }

    private sealed class Twice : IToolCallReader
    {
        private int _pieces;

        public bool ReadsSpecialTokens => true;

        public void Append(string text, IList<AIContent> contents)
        {
            if (++_pieces == 1)
            {
                contents.Add(new FunctionCallContent("a", "one"));
                contents.Add(new FunctionCallContent("b", "one"));
            }
        }

        public void End(IList<AIContent> contents)
        {
        }
    }

    [Fact]
    public async Task Middleware_of_Extensions_AI_works()
    {
        var expected = _generator.Generate(Tales.Ask(Question), new GenerationOptions { Temperature = 0, MaxOutputTokens = 20 }).Text;
        var cache = new Cache();
        using var activities = new System.Diagnostics.ActivityListener { ShouldListenTo = _ => true, Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => System.Diagnostics.ActivitySamplingResult.AllData };
        var stopped = new List<System.Diagnostics.Activity>();
        activities.ActivityStopped = activity =>
        {
            lock (stopped)
            {
                stopped.Add(activity);
            }
        };
        System.Diagnostics.ActivitySource.AddActivityListener(activities);
        var client = _generator.AsChatClient().AsBuilder().UseDistributedCache(cache).UseFunctionInvocation().UseLogging(new Loggers()).UseOpenTelemetry(sourceName: "attngen-test").Build();
        for (var round = 0; round < 2; round++)
        {
            var response = await client.GetResponseAsync(Question, Greedy);
            Assert.Equal(expected, response.Text);
            Assert.Equal(20, response.Usage!.OutputTokenCount);
            var text = "";
            await foreach (var update in client.GetStreamingResponseAsync(Question, Greedy))
            {
                text += update.Text;
            }

            Assert.Equal(expected, text);
        }

        Assert.Equal(2, _template.Inputs.Count); // the other two came from the cache
        var mine = stopped.Where(activity => activity.Source.Name == "attngen-test" && activity.DisplayName.StartsWith("chat", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, mine.Length);
        Assert.All(mine, activity => Assert.Equal("attngen", activity.GetTagItem("gen_ai.provider.name")));
        Assert.All(mine, activity => Assert.Equal(20, activity.GetTagItem("gen_ai.usage.output_tokens")));
    }

    private sealed class Cache : IDistributedCache
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> _values = new();

        public byte[]? Get(string key) => _values.GetValueOrDefault(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key) => _values.TryRemove(key, out _);

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.FromResult(_values.TryRemove(key, out _));

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => _values[key] = value;

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.FromResult(_values[key] = value);
    }

    private sealed class Loggers : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Assert.NotEmpty(formatter(state, exception));
    }

    [Fact]
    public async Task A_container_makes_and_disposes_the_client()
    {
        var services = new ServiceCollection();
        services.AddChatClient(_ => TextGenerator.Create(TaleTeller.Load(), Tales.Tokenizer, new TaleTemplate(), ownsModel: true).AsChatClient(ownsGenerator: true));
        var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        Assert.NotEmpty((await client.GetResponseAsync(Question, Greedy)).Text);
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync(Question, Greedy));
    }

    [Fact]
    public async Task Agents_work()
    {
        var agent = new ChatClientAgent(_generator.AsChatClient(), new ChatClientAgentOptions { Name = "teller", ChatOptions = new() { Instructions = "Tell tales.", Temperature = 0, MaxOutputTokens = 20 } });
        var session = await agent.CreateSessionAsync();
        var first = await agent.RunAsync(Question, session);
        Assert.Equal(_generator.Generate(Tales.Ask(Question), new GenerationOptions { Temperature = 0, MaxOutputTokens = 20 }).Text, first.Text);
        await agent.RunAsync("Who found the kite?", session);
        Assert.Equal(["system", "user", "assistant", "user"], _template.Inputs[^1].Messages.Select(message => (string?)message!["role"]));
        Assert.Equal("Tell tales.", (string?)_template.Inputs[^1].Messages[0]!["content"]);
        var text = "";
        await foreach (var update in agent.RunStreamingAsync(Question))
        {
            text += update.Text;
        }

        Assert.Equal(first.Text, text);
    }

    [Fact]
    public void Messages_take_the_shape_that_templates_read()
    {
        var written = ChatMessages.Write(
        [
            new(ChatRole.User, [new TextContent("a"), new TextContent("b")]),
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("c"), new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["x"] = 1, ["y"] = new JsonArray(1, "z") }), new FunctionCallContent("2", "g")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "text"), new FunctionResultContent("2", new { Sum = 3 }.Sum)]),
            new(ChatRole.Tool, [new FunctionResultContent("3", null) { Exception = new FormatException("bad") }]),
        ], null);
        Assert.Equal(
            """[{"role":"user","content":"ab"},{"role":"assistant","content":"c","reasoning_content":"hm","tool_calls":[{"type":"function","id":"1","function":{"name":"f","arguments":{"x":1,"y":[1,"z"]}}},{"type":"function","id":"2","function":{"name":"g","arguments":{}}}]},{"role":"tool","tool_call_id":"1","name":"f","content":"text"},{"role":"tool","tool_call_id":"2","name":"g","content":"3"},{"role":"tool","tool_call_id":"3","content":"Error: bad"}]""",
            written.ToJsonString());
    }
}
