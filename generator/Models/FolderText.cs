using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>Reads the files of a folder.</summary>
internal static class FolderText
{
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
