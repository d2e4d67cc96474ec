namespace AttnGen.Tool;

/// <summary>The exit codes; documented in docs/tool.md.</summary>
internal static class ExitCode
{
    /// <summary>Done, and every check held.</summary>
    public const int Success = 0;

    /// <summary>The check failed, or the model is not supported.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or a file is missing or cannot be read: nothing was checked.</summary>
    public const int Usage = 2;

    /// <summary>A fault of the tool itself.</summary>
    public const int Internal = 3;

    /// <summary>Stopped by Ctrl+C.</summary>
    public const int Cancelled = 130;
}

/// <summary>What ends a command: one sentence for stderr that says what is wrong and what to do, and the exit code.</summary>
internal sealed class ToolException(string sentence, int exitCode = ExitCode.Usage) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
