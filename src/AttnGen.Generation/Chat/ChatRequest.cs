using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>What <see cref="ChatOptions"/> ask for: each member is followed or refused.</summary>
internal sealed class ChatRequest
{
    private ChatRequest()
    {
    }

    /// <summary>How the text is written.</summary>
    public required GenerationOptions Options { get; init; }

    /// <summary>What goes before the messages.</summary>
    public string? Instructions { get; private init; }

    /// <summary>The tools that the template gets.</summary>
    public IReadOnlyList<AIFunctionDeclaration> Tools { get; private init; } = [];

    /// <summary>Finds tool calls; null: there are no tools.</summary>
    public IToolCallReader? Calls { get; private init; }

    /// <summary>Whether the answer ends with its first call.</summary>
    public bool OneCall { get; private init; }

    /// <summary>Variables of the template.</summary>
    public JsonObject? Variables { get; private init; }

    /// <summary>Reads the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="client">The client, which a factory of raw options is given.</param>
    /// <param name="abilities">What the client can do.</param>
    /// <param name="modelName">What the model is called.</param>
    /// <exception cref="NotSupportedException">A member asks for what the client does not do; the message names it.</exception>
    public static ChatRequest Read(ChatOptions? options, IChatClient client, ChatAbilities abilities, string modelName)
    {
        if (options is null)
        {
            return new ChatRequest { Options = new GenerationOptions { AddSpecialTokens = false } };
        }

        Refuse(options, modelName);
        var further = ChatProperties.Read(options.AdditionalProperties, options.Reasoning);
        var raw = options.RawRepresentationFactory?.Invoke(client);
        if (raw is not (null or GenerationOptions))
        {
            throw new NotSupportedException($"RawRepresentationFactory gives {raw.GetType().Name}; this client takes {nameof(GenerationOptions)}, or null.");
        }

        var tools = Declarations(options);
        var calls = tools.Count == 0 ? null : abilities.Calls(tools);
        return new ChatRequest
        {
            Instructions = options.Instructions,
            Tools = tools,
            Calls = calls,
            OneCall = options.AllowMultipleToolCalls == false,
            Variables = further.Variables,
            Options = Merge(raw as GenerationOptions ?? new GenerationOptions(), options, further, Constraint(options, tools, abilities), calls?.ReadsSpecialTokens ?? false),
        };
    }

    private static GenerationOptions Merge(GenerationOptions raw, ChatOptions options, ChatProperties further, TokenConstraint? constraint, bool keepSpecial) => new()
    {
        AddSpecialTokens = false, // the template writes them
        MaxOutputTokens = options.MaxOutputTokens ?? raw.MaxOutputTokens,
        Sample = further.Sample ?? raw.Sample,
        Temperature = options.Temperature ?? raw.Temperature,
        TopK = options.TopK ?? raw.TopK,
        TopP = options.TopP ?? raw.TopP,
        MinP = further.MinP ?? raw.MinP,
        RepetitionPenalty = further.RepetitionPenalty ?? raw.RepetitionPenalty,
        FrequencyPenalty = options.FrequencyPenalty ?? raw.FrequencyPenalty,
        PresencePenalty = options.PresencePenalty ?? raw.PresencePenalty,
        Seed = options.Seed ?? raw.Seed,
        StopSequences = options.StopSequences is { } stops ? [.. stops] : raw.StopSequences,
        StopTokenIds = raw.StopTokenIds,
        IgnoreStopTokens = raw.IgnoreStopTokens,
        KeepSpecialTokens = raw.KeepSpecialTokens || keepSpecial,
        LogProbabilities = raw.LogProbabilities,
        Constraint = constraint ?? raw.Constraint,
        SpeculateTokens = further.SpeculateTokens ?? raw.SpeculateTokens,
        Progress = raw.Progress,
    };

    private static void Refuse(ChatOptions options, string modelName)
    {
        if (options.ModelId is { } model && model != modelName)
        {
            throw new NotSupportedException($"ModelId is '{model}', but this client has one model, '{modelName}'; leave ModelId out, or name the model so (TextGeneratorOptions.ModelName).");
        }

        if (options.ConversationId is not null)
        {
            throw new NotSupportedException("ConversationId is given, but this client keeps no conversations by name: give all messages each time. What it has read of them before is not read again.");
        }

        if (options.AllowBackgroundResponses == true)
        {
            throw new NotSupportedException("AllowBackgroundResponses is true, but answers are written while somebody waits for them; leave it out.");
        }

        if (options.ContinuationToken is not null)
        {
            throw new NotSupportedException("ContinuationToken is given, but this client hands none out; leave it out.");
        }

        if (options.Reasoning?.Output is { } output && output != ReasoningOutput.Full)
        {
            throw new NotSupportedException($"Reasoning.Output is {output}, but what the model thinks is part of its text; give Full, or leave it out.");
        }
    }

    private static List<AIFunctionDeclaration> Declarations(ChatOptions options)
    {
        if (options.ToolMode is NoneChatToolMode || options.Tools is not { Count: > 0 } tools)
        {
            return [];
        }

        var result = new List<AIFunctionDeclaration>();
        foreach (var tool in tools)
        {
            result.Add(tool as AIFunctionDeclaration ?? throw new NotSupportedException(
                $"The tool '{tool.Name}' is a {tool.GetType().Name}, which only a service has; give functions (AIFunctionFactory.Create)."));
        }

        return result;
    }

    private static TokenConstraint? Constraint(ChatOptions options, List<AIFunctionDeclaration> tools, ChatAbilities abilities)
    {
        TokenConstraint? result = null;
        if (options.ToolMode is RequiredChatToolMode required)
        {
            var named = tools.FindAll(tool => required.RequiredFunctionName is null || tool.Name == required.RequiredFunctionName);
            if (named.Count == 0)
            {
                throw new ArgumentException($"ToolMode requires {(required.RequiredFunctionName is { } name ? $"the function '{name}'" : "a function")}, but Tools has none such.", nameof(options));
            }

            result = abilities.Call(named);
        }

        switch (options.ResponseFormat)
        {
            case null or ChatResponseFormatText:
                return result;
            case ChatResponseFormatJson when result is not null:
                throw new NotSupportedException("ResponseFormat asks for JSON and ToolMode for a call, and an answer is one of them; leave one out.");
            case ChatResponseFormatJson json:
                return abilities.Json(json.Schema);
            case var other:
                throw new NotSupportedException($"ResponseFormat is {other.GetType().Name}; give text or JSON.");
        }
    }
}
