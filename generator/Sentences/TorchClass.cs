namespace AttnGen.Sentences;

/// <summary>Classes of torch.nn, as Python writes their names.</summary>
internal static class TorchClass
{
    // The short names, and those that torch has of the classes themselves.
    private static readonly string[] s_packages = ["torch.nn.modules.activation.", "torch.nn.modules.linear.", "torch.nn.modules.", "torch.nn."];

    /// <summary>The class's own name; null: it is none of torch.nn.</summary>
    public static string? Name(string path) =>
        s_packages.FirstOrDefault(package => path.StartsWith(package, StringComparison.Ordinal)) is { } found ? path.Substring(found.Length) : null;
}
