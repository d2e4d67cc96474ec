using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>The files of one model's folder that the compiler was given, by their place in the folder ("config.json", "manifest.json").</summary>
internal sealed record FolderFiles(string Folder, EquatableArray<FolderFile> Files)
{
    /// <summary>The manifest that the build task writes of the weights' headers.</summary>
    public const string Manifest = "manifest.json";

    public const string Config = "config.json";

    public const string Weights = "model.safetensors";

    /// <summary>Which tensors are in which of several files.</summary>
    public const string Index = "model.safetensors.index.json";

    public string? Text(string name) => Files.FirstOrDefault(file => file.Name == name)?.Text;

    /// <summary>What a file of the folder says; null, and a problem, if it is no JSON.</summary>
    public static JsonValue? Parse(string text, string shownName, List<Problem> problems)
    {
        try
        {
            return JsonValue.Parse(text);
        }
        catch (JsonException e)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"{shownName} is no JSON: {e.Message}"));
            return null;
        }
    }

    /// <summary>The name under which the program knows the folder: an absolute path is a place of the building machine, so only its last part is left, as the build task has it.</summary>
    public static string Shipped(string folder) =>
        folder.StartsWith("/", StringComparison.Ordinal) || (folder.Length > 2 && folder[1] == ':' && folder[2] == '/') ? folder.Substring(folder.LastIndexOf('/') + 1) : folder;

    /// <summary>As AttnGenModel includes it and as the attribute names it may differ in slashes.</summary>
    public static string Normal(string folder)
    {
        string normal = folder.Replace('\\', '/').Trim();
        while (normal.StartsWith("./", StringComparison.Ordinal))
            normal = normal.Substring(2);
        return normal.Length > 1 ? normal.TrimEnd('/') : normal;
    }
}

/// <summary>One file.</summary>
internal sealed record FolderFile(string Name, string Text);
