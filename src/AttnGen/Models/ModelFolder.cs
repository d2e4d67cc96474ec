using System.Reflection;
using AttnGen.Folders;

namespace AttnGen;

/// <summary>Where a model's folder, or its GGUF file, is at run time.</summary>
public static class ModelFolder
{
    /// <summary>The environment variable that names a folder of model folders, or a model's folder itself.</summary>
    public const string VariableName = "ATTNGEN_MODELS";

    /// <summary>
    /// Looks for a model's folder: beside the program, in the current directory, in the folder that <c>ATTNGEN_MODELS</c> names (there also under
    /// its last part alone), and that folder itself, if its name ends like the model's or it holds a model.
    /// </summary>
    /// <param name="folder">The folder as the attribute names it, such as <c>models/all-MiniLM-L6-v2</c>.</param>
    /// <returns>The full path of the first place that exists and holds a file, or is one: a GGUF file.</returns>
    /// <exception cref="DirectoryNotFoundException">There is none; the message lists the places.</exception>
    /// <remarks>In a library, <see cref="Find(string, Assembly)"/> finds the folder also where another project's folder of the same name is in the program.</remarks>
    public static string Find(string folder) =>
        FindIn(folder, null, AppContext.BaseDirectory, Directory.GetCurrentDirectory(), Environment.GetEnvironmentVariable(VariableName));

    /// <summary>
    /// Looks for the folder of an assembly's model, as the model's class does: where <see cref="Find(string)"/> looks, but in each of the three first
    /// under <c>attngen/</c>, the assembly's name, and the folder. There a build puts it if a folder of another project, with other files, has the same place.
    /// </summary>
    /// <param name="folder">The folder as the attribute names it, such as <c>models/all-MiniLM-L6-v2</c>.</param>
    /// <param name="assembly">The assembly of the model's class.</param>
    /// <returns>The full path of the first place that exists and holds a file, or is one: a GGUF file.</returns>
    /// <exception cref="DirectoryNotFoundException">There is none; the message lists the places.</exception>
    public static string Find(string folder, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return FindIn(folder, assembly.GetName().Name, AppContext.BaseDirectory, Directory.GetCurrentDirectory(), Environment.GetEnvironmentVariable(VariableName));
    }

    internal static string FindIn(string folder, string? assembly, string program, string current, string? models)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var places = Places(folder, assembly, program, current, models);
        return places.Find(place => place.Holds(place.Path))?.Path
            ?? throw new DirectoryNotFoundException(
                $"The model folder '{folder}' is in none of: {string.Join(", ", places.Select(place => place.Path))}{(string.IsNullOrEmpty(models) ? $" ({VariableName} is not set)" : "")}. "
                + $"Put it there, set {VariableName} to it or to the folder that holds it, or give its path to Load.");
    }

    private static List<Place> Places(string folder, string? assembly, string program, string current, string? models)
    {
        List<Place> places = [];
        var name = FolderNames.Normal(folder);
        var (last, beside) = (FolderNames.Last(name), FolderNames.Beside(name));
        if (Path.IsPathRooted(folder))
        {
            AddOwn(program);
            Add(program, beside);
            Add(folder, "");
        }
        else
        {
            foreach (var root in new[] { program, current })
            {
                AddOwn(root);
                Add(root, folder);
                Add(root, beside);
            }
        }

        if (!string.IsNullOrEmpty(models))
        {
            AddOwn(models);
            if (!Path.IsPathRooted(folder))
            {
                Add(models, folder);
            }

            Add(models, last);
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(models));
            var isNamedSo = string.Equals(Path.GetFileName(full), last, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
            Add(models, "", isNamedSo ? IsThere : HoldsModel);
        }

        return places;

        void AddOwn(string root)
        {
            if (!string.IsNullOrEmpty(assembly))
            {
                Add(root, FolderNames.Own(assembly, beside));
            }
        }

        void Add(string root, string relative, Func<string, bool>? holds = null)
        {
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, relative)));
            if (!places.Exists(place => place.Path == full))
            {
                places.Add(new(full, holds ?? IsThere));
            }
        }
    }

    private sealed record Place(string Path, Func<string, bool> Holds);

    // Folders that a build left empty are no model. A model may be one file.
    private static bool IsThere(string place) => IsGgufFile(place) || Directory.Exists(place) && Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Any();

    private static bool HoldsModel(string place) => File.Exists(Path.Combine(place, FolderNames.Weights)) || File.Exists(Path.Combine(place, FolderNames.Index))
        || IsGgufFile(place) || (Directory.Exists(place) && Directory.EnumerateFiles(place).Count(FolderNames.IsGguf) == 1);

    // By its first bytes, because an item's Name need not end like a file's, and a program may be called like its model's folder.
    private static bool IsGgufFile(string place)
    {
        if (!File.Exists(place))
        {
            return false;
        }

        using var file = File.Open(place, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("GGUF"u8);
    }
}
