using AttnGen.Folders;

namespace AttnGen.Generator.Models;

/// <summary>The files of one model's folder that the compiler was given, by their place in the folder ("config.json", <see cref="Manifest"/>).</summary>
internal sealed record FolderFiles(string Folder, EquatableArray<FolderFile> Files)
{
    /// <inheritdoc cref="FolderNames.Manifest"/>
    public const string Manifest = FolderNames.Manifest;

    public string? Text(string name) => Files.FirstOrDefault(file => file.Name == name)?.Text;

    /// <inheritdoc cref="FolderNames.Shipped"/>
    public static string Shipped(string folder) => FolderNames.Shipped(folder);

    /// <inheritdoc cref="FolderNames.Normal"/>
    public static string Normal(string folder) => FolderNames.Normal(folder);
}

/// <summary>One file.</summary>
internal sealed record FolderFile(string Name, string Text);
