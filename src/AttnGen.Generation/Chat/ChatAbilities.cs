using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>What a chat client does with JSON and tools: what its settings say, and else what this library has. Grammars are kept by their schema.</summary>
internal sealed class ChatAbilities(TextGenerator generator, IChatTemplate template, ChatClientSettings settings)
{
    // A program has a handful of schemas; one that makes them up as it goes must not fill the memory.
    private const int MostGrammars = 64;

    private static readonly string[] s_marks = ["<tool_call>", "[TOOL_CALLS]", "<|python_tag|>"];

    private readonly ConcurrentDictionary<string, JsonGrammar> _grammars = new(StringComparer.Ordinal);
    private readonly Lazy<ToolCallFormat> _format = new(() => settings.ToolCallFormat ?? Detect(template));

    /// <summary>The constraint of an answer in JSON.</summary>
    /// <param name="schema">Its schema; null: any object.</param>
    /// <exception cref="NotSupportedException">The schema has what is not followed.</exception>
    public TokenConstraint Json(JsonElement? schema) =>
        settings.JsonConstraint is { } own ? own(schema)
        : Grammar(schema?.GetRawText() ?? "", () => schema is { } of ? JsonGrammar.Create(of, generator.Tokenizer) : JsonGrammar.CreateAnyObject(generator.Tokenizer)).CreateConstraint();

    /// <summary>A reader of calls of these tools.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how the model writes them.</exception>
    public IToolCallReader Calls(IReadOnlyList<AIFunctionDeclaration> tools)
    {
        if (settings.ToolCalls is { } own)
        {
            return own(tools);
        }

        if (_format.Value == ToolCallFormat.None)
        {
            throw new NotSupportedException(
                $"Tools are given, but the chat template of {generator.ModelName} has none of the marks by which calls are known ({string.Join(", ", s_marks)}); say how it writes them (ChatClientSettings.ToolCallFormat), or leave the tools out.");
        }

        var special = Array.Exists(s_marks, mark => generator.Tokenizer.FindId(mark) is { } id && generator.Tokenizer.IsSpecial(id));
        return new CallReader(ToolCallParser.Create(_format.Value, tools.Select(static tool => tool.Name)), special);
    }

    /// <summary>The constraint of an answer that calls one of these tools.</summary>
    /// <exception cref="NotSupportedException">A call in the model's format cannot be asked for, or a tool's schema has what is not followed.</exception>
    public TokenConstraint Call(IReadOnlyList<AIFunctionDeclaration> tools)
    {
        if (settings.ToolConstraint is { } own)
        {
            return own(tools);
        }

        if (_format.Value is not (ToolCallFormat.Hermes or ToolCallFormat.Llama3))
        {
            throw new NotSupportedException(
                $"ToolMode requires a call, and calls in the format {_format.Value}, which is that of {generator.ModelName}, cannot be required, only those in Hermes and Llama3; give ChatToolMode.Auto, or a constraint (ChatClientSettings.ToolConstraint).");
        }

        return Grammar(
            string.Concat(tools.Select(static tool => $"{tool.Name}\n{tool.JsonSchema.GetRawText()}\n")),
            () => JsonGrammar.CreateToolCall(_format.Value, tools, generator.Tokenizer)).CreateConstraint();
    }

    private JsonGrammar Grammar(string key, Func<JsonGrammar> create)
    {
        if (_grammars.TryGetValue(key, out var grammar))
        {
            return grammar;
        }

        if (_grammars.Count >= MostGrammars)
        {
            _grammars.Clear();
        }

        return _grammars.GetOrAdd(key, create());
    }

    // A template's text is not there at run time, but what it writes of a call is.
    private static ToolCallFormat Detect(IChatTemplate template)
    {
        var function = new JsonObject { ["name"] = "probe", ["description"] = "A probe.", ["parameters"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() } };
        var call = new JsonObject { ["id"] = "probe0000", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "probe", ["arguments"] = new JsonObject() } };
        try
        {
            return ToolCallFormats.Detect(template.Render(new ChatTemplateInput
            {
                Messages =
                [
                    new JsonObject { ["role"] = "user", ["content"] = "probe" },
                    new JsonObject { ["role"] = "assistant", ["content"] = "", ["tool_calls"] = new JsonArray(call) },
                ],
                Tools = [new JsonObject { ["type"] = "function", ["function"] = function }],
            }));
        }
        catch (Exception e) when (e is ChatTemplateException or ArgumentException)
        {
            return ToolCallFormat.None; // it knows no calls
        }
    }

    /// <summary>The parser's events as contents.</summary>
    private sealed class CallReader(ToolCallParser parser, bool readsSpecialTokens) : IToolCallReader
    {
        public bool ReadsSpecialTokens => readsSpecialTokens;

        public void Append(string text, IList<AIContent> contents) => Add(parser.Append(text), contents);

        public void End(IList<AIContent> contents) => Add(parser.End(), contents);

        private static void Add(IReadOnlyList<ToolCallEvent> events, IList<AIContent> contents)
        {
            foreach (var found in events)
            {
                if (found.Call is { } call)
                {
                    contents.Add(call);
                }
                else
                {
                    contents.Add(new TextContent(found.Text) { AdditionalProperties = found.Problem is { } problem ? new() { ["tool_call_problem"] = problem } : null });
                }
            }
        }
    }
}
