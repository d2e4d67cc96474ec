namespace AttnGen.Tests.Goldens;

/// <summary>Where the golden files are: ATTNGEN_SHARED, or the nearest folder <c>shared</c> above that holds <c>golden</c>.</summary>
internal static class SharedFolder
{
    private static readonly string? s_root = Find();

    public static string Torch => Path.Combine(Root, "golden", "torch");
    public static string OnnxNode => Path.Combine(Root, "golden", "onnx-node");
    public static string Kwt1 => Path.Combine(Root, "models", "kwt1");
    public static string Assets => Path.Combine(Root, "assets");

    /// <summary>For theories that list their cases: there are none without the folder, and the tests say so themselves.</summary>
    public static bool Exists => s_root is not null;

    private static string Root
    {
        get
        {
            Assert.SkipWhen(s_root is null, "The golden files are not here: set ATTNGEN_SHARED to the folder that holds 'golden'.");
            return s_root!;
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ATTNGEN_SHARED") is { Length: > 0 } given)
            return Directory.Exists(Path.Combine(given, "golden"))
                ? given
                : throw new DirectoryNotFoundException($"ATTNGEN_SHARED is '{given}', which holds no folder 'golden'.");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "golden")))
                return shared;
        }
        return null;
    }
}
