namespace AttnGen.Generator.Spec;

/// <summary>The files of one model's folder that the compiler was given, by their place in the folder ("config.json", "manifest.json").</summary>
internal sealed record FolderFiles(string Folder, EquatableArray<FolderFile> Files)
{
    public const string Config = "config.json";

    public string? Text(string name) => Files.FirstOrDefault(file => file.Name == name)?.Text;
}

/// <summary>One file.</summary>
internal sealed record FolderFile(string Name, string Text);
