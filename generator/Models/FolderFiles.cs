using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>The files of one model's folder that the compiler was given, by their place in the folder ("config.json", "manifest.json").</summary>
internal sealed record FolderFiles(string Folder, EquatableArray<FolderFile> Files)
{
    public const string Config = "config.json";

    public string? Text(string name) => Files.FirstOrDefault(file => file.Name == name)?.Text;

    /// <summary>What a file of the folder says; null, and a problem, if it is not JSON.</summary>
    public static JsonValue? Parse(string text, string shownName, List<Problem> problems)
    {
        try
        {
            return JsonValue.Parse(text);
        }
        catch (JsonException e)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"{shownName} is not JSON: {e.Message}"));
            return null;
        }
    }
}

/// <summary>One file.</summary>
internal sealed record FolderFile(string Name, string Text);
