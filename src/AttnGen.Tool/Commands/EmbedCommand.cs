namespace AttnGen.Tool;

/// <summary><c>attngen embed</c>.</summary>
internal static class EmbedCommand
{
    public static int Run(ModelRequest request, string[] texts, string? file, bool similarity, bool json, ToolConsole console, CancellationToken cancellation) =>
        throw new ToolException("embed is not there yet.");
}
