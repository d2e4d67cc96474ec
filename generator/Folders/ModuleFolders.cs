using AttnGen.Generator.Json;
using AttnGen.Sentences;

namespace AttnGen.Folders;

/// <summary>The folders of sentence-transformers' modules. Their names are the folder's own: modules.json says them.</summary>
internal static class ModuleFolders
{
    public const string File = "modules.json";

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

    /// <summary>The folders of the modules that have weights of their own: sentence-transformers' Dense.</summary>
    public static IReadOnlyList<string> WithWeights(string modulesJson)
    {
        try
        {
            return [.. JsonValue.Parse(modulesJson).Items
                .Where(module => module["type"] is { Kind: JsonKind.String } type && type.Text.StartsWith("sentence_transformers.", StringComparison.Ordinal) && type.Text.EndsWith(".Dense", StringComparison.Ordinal))
                .Select(module => module["path"] is { Kind: JsonKind.String } path ? ModulePath.Folder(path.Text) : null)
                .OfType<string>().Distinct(StringComparer.Ordinal)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>The configurations that modules.json names, whatever is wrong with the rest of it: that is for its reader to say.</summary>
    public static IReadOnlyList<string> Configs(string modulesJson)
    {
        try
        {
            return [.. JsonValue.Parse(modulesJson).Items
                .Select(module => module["path"] is { Kind: JsonKind.String } path ? ModulePath.Config(path.Text) : null)
                .OfType<string>().Distinct(StringComparer.Ordinal)];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
