using System.Runtime.CompilerServices;
using System.Text.Json;
using AttnGen.Generation.Schemas;
using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>
/// A JSON schema and a tokenizer's vocabulary: which tokens may follow which. It is made once and serves any number of texts, on several threads;
/// <see cref="CreateConstraint"/> makes what follows one text.
/// </summary>
public sealed class JsonGrammar
{
    private static readonly ConditionalWeakTable<TextTokenizer, TokenTree> s_trees = [];
    private static readonly JsonElement s_anyObject = JsonElement.Parse("""{"type":"object"}"""u8);
    private static readonly JsonElement s_anyValue = JsonElement.Parse("true"u8);

    private readonly CompiledGrammar _compiled;

    private JsonGrammar(CompiledGrammar compiled) => _compiled = compiled;

    /// <summary>A grammar of what a schema describes.</summary>
    /// <param name="schema">The schema, such as AIJsonUtilities.CreateJsonSchema gives. docs/structured-output.md says which keywords are followed.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Depth, spaces, integers; null: the defaults.</param>
    /// <exception cref="NotSupportedException">The schema has a keyword that is not followed, or no value can be what it asks for. The message says where.</exception>
    public static JsonGrammar Create(JsonElement schema, TextTokenizer tokenizer, JsonGrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Create(schema, s_trees.GetValue(tokenizer, Tree), options);
    }

    /// <summary>A grammar of any JSON value.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Depth, spaces, integers; null: the defaults.</param>
    public static JsonGrammar CreateAny(TextTokenizer tokenizer, JsonGrammarOptions? options = null) => Create(s_anyValue, tokenizer, options);

    /// <summary>A grammar of any JSON object.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Depth, spaces, integers; null: the defaults.</param>
    public static JsonGrammar CreateAnyObject(TextTokenizer tokenizer, JsonGrammarOptions? options = null) => Create(s_anyObject, tokenizer, options);

    /// <summary>A grammar of one call of a tool, its arguments by the tool's schema: for models that must call one (ChatToolMode.RequireAny).</summary>
    /// <param name="format">How the model's family writes calls.</param>
    /// <param name="tools">The tools; for a mode that requires a certain tool that one alone.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Depth, spaces, integers; null: the defaults.</param>
    /// <exception cref="ArgumentException">There is no tool.</exception>
    /// <exception cref="NotSupportedException">The format's calls begin with a special token, which no mask of bytes can ask for, or a schema has what is not followed.</exception>
    public static JsonGrammar CreateToolCall(ToolCallFormat format, IEnumerable<AIFunctionDeclaration> tools, TextTokenizer tokenizer, JsonGrammarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return CreateToolCall(format, tools, s_trees.GetValue(tokenizer, Tree), options);
    }

    internal static JsonGrammar CreateToolCall(ToolCallFormat format, IEnumerable<AIFunctionDeclaration> tools, TokenTree tree, JsonGrammarOptions? options = null)
    {
        var form = format switch
        {
            ToolCallFormat.Hermes => ("<tool_call>", "arguments", "</tool_call>"),
            ToolCallFormat.Llama3 => ("", "parameters", ""),
            _ => throw new NotSupportedException($"A call in the format {format} cannot be asked for: Hermes and Llama3 can."),
        };
        var named = tools.Select(static tool => (tool.Name, tool.JsonSchema)).ToList();
        if (named.Count == 0)
        {
            throw new ArgumentException("There is no tool to call. Give one at least.", nameof(tools));
        }

        return Create(options, tree, checkedOptions => SchemaCompiler.CompileCalls(named, form, checkedOptions));
    }

    /// <summary>Bytes of the shortest text: with so many tokens any model comes to an end, if <see cref="TokenConstraint.Remaining"/> is told.</summary>
    public int FewestBytes => _compiled.Automaton.MinBytesOf(_compiled.Automaton.Root);

    /// <summary>What follows one text.</summary>
    /// <param name="endIds">Ids that end a text: they are allowed where it may end.</param>
    public JsonSchemaConstraint CreateConstraint(params ReadOnlySpan<int> endIds) => new(_compiled, endIds);

    internal static JsonGrammar Create(JsonElement schema, TokenTree tree, JsonGrammarOptions? options = null) =>
        Create(options, tree, checkedOptions => SchemaCompiler.Compile(schema, checkedOptions));

    private static JsonGrammar Create(JsonGrammarOptions? options, TokenTree tree, Func<JsonGrammarOptions, Automaton> compile)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.IntegerMaximum, options.IntegerMinimum);
        return new(new CompiledGrammar(compile(options), tree, options.MaxDepth));
    }

    private static TokenTree Tree(TextTokenizer tokenizer)
    {
        var buffer = new byte[4096];
        var tokens = new byte[tokenizer.VocabularySize][];
        for (var id = 0; id < tokens.Length; id++)
        {
            tokens[id] = tokenizer.TryGetBytes(id, buffer, out var written) ? buffer[..written] : [];
        }

        return TokenTree.Create(tokens);
    }
}
