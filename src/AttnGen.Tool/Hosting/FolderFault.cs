namespace AttnGen.Tool;

/// <summary>What is wrong with a model's folder, thrown by the library while it reads it: a sentence and the exit code 1 or 2, never a fault of the tool.</summary>
internal static class FolderFault
{
    /// <summary>Whether a file of the folder is to blame.</summary>
    public static bool Is(Exception e) => e is InvalidDataException or NotSupportedException or WeightException or IOException or UnauthorizedAccessException;

    /// <summary>Runs what reads a folder's settings, or works with them on input that is in order: what the library refuses then is the folder's.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="action">What is run.</param>
    /// <exception cref="ToolException">The folder is refused: 1 if it asks for what is not supported, else 2.</exception>
    public static T Catch<T>(ModelDirectory directory, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (Is(e) || e is ArgumentException)
        {
            var sentence = e is ArgumentException argument ? $"'{directory.Name}' cannot be used as it is: {Sentence(argument)}; correct its files, or fetch the folder again." : e.Message;
            throw new ToolException(sentence, e is NotSupportedException or WeightException ? ExitCode.Failed : ExitCode.Usage);
        }
    }

    /// <summary>The message without " (Parameter 'x')", without the lines that follow, and without a full stop.</summary>
    public static string Sentence(ArgumentException e)
    {
        var message = e.Message.Split('\n')[0];
        var end = message.LastIndexOf(" (Parameter '", StringComparison.Ordinal);
        return (end > 0 ? message[..end] : message).Trim().TrimEnd('.');
    }
}
