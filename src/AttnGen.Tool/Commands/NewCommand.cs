namespace AttnGen.Tool;

/// <summary><c>attngen new</c>.</summary>
internal static class NewCommand
{
    public static int Run(string name, string? model, ToolConsole console) => throw new ToolException("new is not there yet.");
}
