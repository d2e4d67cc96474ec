namespace AttnGen.Package.Tests.Documents;

/// <summary>The pages whose blocks are held by tests.</summary>
internal static class DocumentPages
{
    /// <summary>Paths from the repository's root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
        .. Directory.GetFiles(Path.Combine(PackedPackage.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.GetDirectories(Path.Combine(PackedPackage.Root, "samples")).Concat(Directory.GetDirectories(Path.Combine(PackedPackage.Root, "samples", "models"))).Select(sample => Path.Combine(sample, "README.md")).Where(File.Exists))
            .Select(file => Path.GetRelativePath(PackedPackage.Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    public static string Text(string page) => File.ReadAllText(Path.Combine(PackedPackage.Root, page)).ReplaceLineEndings("\n");

    public static List<MarkdownBlock> Blocks(string page) => MarkdownBlock.Read(page, Text(page));
}
