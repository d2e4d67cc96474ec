using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>A generator behind <see cref="IChatClient"/>: the model's template writes the conversation down, and the generator goes on from there. May be used from several threads at once.</summary>
internal sealed class TextChatClient(TextGenerator generator, IChatTemplate template, ChatClientSettings settings, bool ownsGenerator) : IChatClient
{
    private readonly ChatAbilities _abilities = new(generator, template, settings);
    private readonly ChatClientMetadata _metadata = new("attngen", defaultModelId: generator.ModelName);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var request = Read(options);
        return Stream(request, Write(messages, request), cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(TextGenerator) ? generator
            : serviceType == typeof(ModelInfo) ? generator.Model.Info
            : serviceType == typeof(IChatTemplate) ? template
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(generator.Model) ? generator.Model
            : serviceType.IsInstanceOfType(generator.Tokenizer) ? generator.Tokenizer
            : null;
    }

    public void Dispose()
    {
        if (ownsGenerator)
        {
            generator.Dispose();
        }
    }

    /// <summary>What options ask for.</summary>
    public ChatRequest Read(ChatOptions? options) => ChatRequest.Read(options, this, _abilities, generator.ModelName);

    /// <summary>The conversation's tokens.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="request">Its options.</param>
    /// <param name="answers">Whether the model's answer comes next.</param>
    public int[] Write(IEnumerable<ChatMessage> messages, ChatRequest request, bool answers = true)
    {
        var written = ChatMessages.Write(messages, request.Instructions);
        if (written.Count == 0)
        {
            throw new ArgumentException("There are no messages; give at least one.", nameof(messages));
        }

        var text = template.Render(new ChatTemplateInput
        {
            Messages = written,
            Tools = request.Tools.Count == 0 ? null : ChatMessages.Write(request.Tools),
            Variables = request.Variables,
            AddGenerationPrompt = answers,
        });
        return generator.Tokenizer.Encode(text, addSpecialTokens: false);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(ChatRequest request, int[] prompt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var created = DateTimeOffset.UtcNow;
        var called = false;
        await foreach (var piece in generator.StreamAsync(prompt, request.Options, cancellationToken).ConfigureAwait(false))
        {
            var update = new ChatResponseUpdate
            {
                Role = ChatRole.Assistant,
                CreatedAt = created,
                ModelId = generator.ModelName,
                ResponseId = id,
                MessageId = id,
                RawRepresentation = piece,
            };
            called |= AddContents(update.Contents, piece, request);
            var stops = called && request.OneCall;
            if (stops)
            {
                KeepOneCall(update.Contents);
            }

            if (piece.Result is { } result)
            {
                update.FinishReason = called ? ChatFinishReason.ToolCalls : result.End is TextEnd.Length or TextEnd.WindowFull ? ChatFinishReason.Length : ChatFinishReason.Stop;
                update.Contents.Add(new UsageContent(Usage(result.InputTokens, result.CachedTokens, result.OutputTokens)));
            }
            else if (stops)
            {
                update.FinishReason = ChatFinishReason.ToolCalls;
                update.Contents.Add(new UsageContent(Usage(piece.InputTokens, piece.CachedTokens, piece.OutputTokens)));
            }

            yield return update;
            if (stops)
            {
                yield break;
            }
        }
    }

    private static bool AddContents(IList<AIContent> contents, TextPiece piece, ChatRequest request)
    {
        if (request.Calls is not { } reader)
        {
            if (piece.Text.Length > 0)
            {
                contents.Add(new TextContent(piece.Text));
            }

            return false;
        }

        reader.Append(piece.Text, contents);
        if (piece.Result is not null)
        {
            reader.End(contents);
        }

        return contents.Any(static content => content is FunctionCallContent);
    }

    private static void KeepOneCall(IList<AIContent> contents)
    {
        var first = true;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent && !first)
            {
                contents.RemoveAt(i--);
            }

            first &= contents[i] is not FunctionCallContent;
        }
    }

    private static UsageDetails Usage(long input, long cached, long output) =>
        new() { InputTokenCount = input, CachedInputTokenCount = cached, OutputTokenCount = output, TotalTokenCount = input + output };
}
