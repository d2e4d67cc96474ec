namespace AttnGen.Generation;

/// <summary>A conversation that a chat template does not write: it raised an exception itself, or an expression of it failed.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>With a message.</summary>
    /// <param name="message">What the template said.</param>
    /// <param name="isOfTemplate">Whether the template itself raised it.</param>
    public ChatTemplateException(string message, bool isOfTemplate = false)
        : base(message) => IsOfTemplate = isOfTemplate;

    /// <summary>Whether the template itself raised it (raise_exception); false: an expression failed.</summary>
    public bool IsOfTemplate { get; }
}
