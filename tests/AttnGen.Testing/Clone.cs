namespace AttnGen.Testing;

/// <summary>The clone of the repository that the tests run in. Projects that need nothing else of this one compile the file.</summary>
public static class Clone
{
    /// <summary>The folder that holds AttnGen.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AttnGen.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run inside a clone of the repository: no folder above them holds AttnGen.sln.");
        }

        return folder;
    }
}
