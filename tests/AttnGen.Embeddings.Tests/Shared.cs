using System.Text.Json;

namespace AttnGen.Embeddings.Tests;

/// <summary>The reference data, or the reason to skip.</summary>
internal static class Shared
{
    private static readonly string? s_folder = Find();

    public static string MiniLm => Path("models/all-MiniLM-L6-v2");

    /// <summary>A file or folder of the reference data; the test is skipped where there is none.</summary>
    public static string Path(string relative)
    {
        Assert.SkipWhen(s_folder is null, "No folder 'shared' with reference data beside or above the repository, and ATTNGEN_SHARED is not set.");
        return System.IO.Path.Combine(s_folder!, relative);
    }

    public static JsonElement Json(string relative)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path(relative)));
        return document.RootElement.Clone();
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ATTNGEN_SHARED") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(System.IO.Path.Combine(shared, "golden")))
            {
                return shared;
            }
        }

        return null;
    }
}
