using System.Diagnostics.CodeAnalysis;

namespace AttnGen.Tests;

/// <summary>The folder of models and goldens that is not part of the repository.</summary>
internal static class Shared
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string VariableName = "ATTNGEN_SHARED";

    /// <summary>The folder, or null if it is not on this machine: <c>ATTNGEN_SHARED</c>, or <c>shared</c> in a folder above that holds <c>golden</c>.</summary>
    public static string? Folder { get; } = Find();

    public static string Torch => Require("golden", "torch");

    public static string OnnxNode => Require("golden", "onnx-node");

    public static string Kwt1 => Require("models", "kwt1");

    public static string Assets => Require("assets");

    /// <summary>A path below the folder; skips the test, saying so, where the folder is absent.</summary>
    /// <param name="parts">Folders and the file, from the shared folder on.</param>
    public static string Require(params string[] parts)
    {
        var path = Folder is null ? null : Path.Combine([Folder, .. parts]);
        if (path is null || !Path.Exists(path))
        {
            Skip(path);
        }

        return path;
    }

    [DoesNotReturn]
    private static void Skip(string? path) => Assert.Skip(
        path is null
            ? $"The shared folder is absent: set {VariableName}, or put it beside the repository as ../shared."
            : $"'{path}' is absent in the shared folder.");

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(VariableName) is { Length: > 0 } named)
        {
            // Set but wrong is a mistake to hear of, not a reason to skip.
            return Directory.Exists(Path.Combine(named, "golden"))
                ? Path.GetFullPath(named)
                : throw new DirectoryNotFoundException($"{VariableName} is '{named}', which holds no folder 'golden'.");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "golden")))
            {
                return candidate;
            }
        }

        return null;
    }
}
