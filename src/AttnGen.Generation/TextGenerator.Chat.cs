using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

// Conversations.
public sealed partial class TextGenerator
{
    /// <summary>This generator as a chat client: the model's template writes the messages down.</summary>
    /// <param name="settings">How it writes JSON and calls tools; null: as the folder's chat template tells.</param>
    /// <param name="ownsGenerator">Whether disposing the client disposes the generator.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">There is no chat template.</exception>
    public IChatClient AsChatClient(ChatClientSettings? settings = null, bool ownsGenerator = false) =>
        new TextChatClient(
            this,
            ChatTemplate ?? throw new InvalidOperationException($"{ModelName} has no chat template, so it was not trained for conversations; use Generate, or give a template to TextGenerator.Create."),
            settings ?? new ChatClientSettings(),
            ownsGenerator);
}
