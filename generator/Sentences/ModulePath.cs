namespace AttnGen.Sentences;

/// <summary>Where a module of modules.json has its files. The build task compiles this file, too: it carries what the compiler and the program read.</summary>
internal static class ModulePath
{
    /// <summary>The module's folder in the model's, with slashes; null: the path is none that a file of the folder can have, or the model's folder itself.</summary>
    /// <param name="path">The path of modules.json.</param>
    public static string? Folder(string path)
    {
        string name = path.Trim().Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2).TrimStart('/');
        name = name.TrimEnd('/');
        return name.Length > 0 && name.All(c => c is '/' or '.' or '_' or '-' || (c < 128 && char.IsLetterOrDigit(c))) && name.Split('/').All(part => part.Length > 0 && part.Trim('.').Length > 0)
            ? name
            : null;
    }

    /// <summary>The module's configuration, from the model's folder.</summary>
    /// <param name="path">The path of modules.json.</param>
    public static string? Config(string path) => Folder(path) is { } folder ? folder + "/config.json" : null;
}
