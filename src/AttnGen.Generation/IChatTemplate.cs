namespace AttnGen.Generation;

/// <summary>How a model writes a conversation down: the template of its folder, compiled. The generator makes a model's class implement it where the folder has one.</summary>
public interface IChatTemplate
{
    /// <summary>The text of a conversation, as transformers' apply_chat_template gives it.</summary>
    /// <param name="input">The messages, tools and variables.</param>
    /// <returns>The text; the special tokens that it writes are in it.</returns>
    /// <exception cref="ChatTemplateException">The template refused the conversation (raise_exception), or did with a value what that value cannot do.</exception>
    string Render(ChatTemplateInput input);
}
