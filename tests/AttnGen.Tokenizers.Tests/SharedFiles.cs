using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Files of the shared folder.</summary>
internal static class SharedFiles
{
    public static string MiniLm => Shared.Require("models", "all-MiniLM-L6-v2");

    public static JsonElement Json(string relative)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Shared.Require(relative.Split('/'))));
        return document.RootElement.Clone();
    }
}
