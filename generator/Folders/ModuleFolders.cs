using AttnGen.Generator.Json;

namespace AttnGen.Folders;

/// <summary>The folders of sentence-transformers' modules. Their names are the folder's own: modules.json says them.</summary>
internal static class ModuleFolders
{
    public const string File = "modules.json";

    /// <summary>The module's configuration, from the model's folder; null: the path is none that a file of the folder can have.</summary>
    /// <param name="path">The path of modules.json.</param>
    public static string? Config(string path)
    {
        string name = FolderNames.Normal(path);
        return name.Length > 0 && name.All(c => c is '/' or '.' or '_' or '-' || (c < 128 && char.IsLetterOrDigit(c))) && name.Split('/').All(part => part.Length > 0 && part.Trim('.').Length > 0)
            ? name + "/config.json"
            : null;
    }

    /// <summary>The type and path of the first module, which is what the folder holds; null: there is none, or the file cannot be read, which is for its reader to say.</summary>
    public static (string Type, string Path)? First(string modulesJson)
    {
        try
        {
            return First(JsonValue.Parse(modulesJson));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same of a file that has been read.</summary>
    public static (string Type, string Path)? First(JsonValue modules) => modules.Items.Count > 0 ? (modules.Items[0]["type"]?.Text ?? "", modules.Items[0]["path"]?.Text ?? "") : null;

    /// <summary>The configurations that modules.json names, whatever is wrong with the rest of it: that is for its reader to say.</summary>
    public static IReadOnlyList<string> Configs(string modulesJson)
    {
        try
        {
            return [.. JsonValue.Parse(modulesJson).Items
                .Select(module => module["path"] is { Kind: JsonKind.String } path ? Config(path.Text) : null)
                .OfType<string>().Distinct(StringComparer.Ordinal)];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
